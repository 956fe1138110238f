"""The documents of a closed account that a link opens, drawn on the fly: one as PDF, more as a ZIP file of them."""

import io
import zipfile
from dataclasses import dataclass

from accounts.access import SYSTEM, Actor
from billing.documents import document_pdf
from billing.values import DocumentKind
from closures import queries
from closures.exporting import write_pdf
from closures.queries import KeptDocument
from licensing.documents import invoice_pdf
from licensing.values import InvoiceId


@dataclass(frozen=True)
class Handed:
    """A file to hand out."""

    name: str
    kind: str
    content: bytes


def handed_out(actor: Actor, link_token: str) -> Handed:
    """What a link opens. No transaction is open while documents are drawn. Raises LinkExpired, LinkBroken, NotFound."""
    found = queries.hand_out_of_link(actor, link_token)
    drawn = [(one.id, *_drawn(one)) for one in found]
    if len(drawn) == 1:
        _id, name, content = drawn[0]
        return Handed(name, "application/pdf", content)
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        for row_id, name, content in drawn:
            write_pdf(archive, "documents", row_id, name, content)
    return Handed("documents.zip", "application/zip", whole.getvalue())


def _drawn(one: KeptDocument) -> tuple[str, bytes]:
    if isinstance(one.kind, DocumentKind):
        receipt = document_pdf(SYSTEM, one.id)
        return receipt.name, receipt.content
    invoice = invoice_pdf(SYSTEM, InvoiceId(one.id))
    return invoice.name, invoice.content
