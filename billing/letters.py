"""Letters to drivers: the way back to the session, the receipt, a credit note. In the language the driver chose.

A letter is written down when it went out; a crash in between sends it again under the same Message-ID.
"""

import functools
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from accounts.access import SYSTEM
from billing import documents, queries, use_cases
from billing.models import Document
from billing.queries import PaymentView
from billing.values import DocumentKind, PaymentId
from kit import i18n, mail, settings
from kit.i18n import _, speaking
from kit.mail import Attachment

TEMPLATES = Path(__file__).parent / "templates" / "mail"


def send_link(payment_id: PaymentId) -> None:
    """The permanent link, once the money is reserved. Nothing without an address."""
    view = queries.payment_view(SYSTEM, payment_id)
    with speaking(view.language, view.terms.time_zone):
        subject = _("Your charging session at %(station)s", station=view.connector.station_name)
        _send(view, f"link:{payment_id}", subject, _text("link.txt", view))


def send_document(document_id: UUID) -> None:
    """The receipt or credit note as PDF. Nothing without an address."""
    document = queries.receipt_document(SYSTEM, document_id)
    assert document.payment_id is not None, "a document of another kind than a driver's"
    view = queries.payment_view(SYSTEM, PaymentId(document.payment_id))
    if not view.email:
        return
    number = document.snapshot["number"]
    with speaking(view.language, view.terms.time_zone):
        if document.kind is DocumentKind.RECEIPT:
            subject, template = _("Your receipt %(number)s", number=number), "receipt.txt"
        else:
            subject, template = _("Your credit note %(number)s", number=number), "credit_note.txt"
        text = _text(template, view, document=document, snapshot=document.snapshot)
        _send(view, f"document:{document.id}", subject, text, document)


def send_all(payment_id: PaymentId) -> None:
    """The address was corrected: the link if there is anything to see, and every document there is so far."""
    view = queries.payment_view(SYSTEM, payment_id)
    if view.held:
        send_link(payment_id)
    for document in queries.documents_of_payment(SYSTEM, payment_id):
        send_document(document.id)


def _send(view: PaymentView, what: str, subject: str, text: str, document: Document | None = None) -> None:
    """Send it to the payment's address unless that was done."""
    key = hashlib.sha256(f"{what}:{view.email}".encode()).hexdigest()[:40]
    if not view.email or queries.letter_sent(SYSTEM, key):
        return
    attachments = [] if document is None else [_pdf(document)]
    mail.send(view.email, subject, text, key=key, attachments=attachments)
    use_cases.note_letter(SYSTEM, key)


def _pdf(document: Document) -> Attachment:
    file = documents.document_pdf(SYSTEM, document.id)
    return Attachment(file.name, "application/pdf", file.content)


def _text(template: str, view: PaymentView, **facts: Any) -> str:
    shown: Mapping[str, Any] = {"view": view, "brand": settings.current().brand_name, **facts}
    return _environment().get_template(template).render(shown)


@functools.cache
def _environment() -> Environment:
    environment = Environment(  # noqa: S701  # plain text: nothing to escape
        loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    i18n.install(environment)
    return environment
