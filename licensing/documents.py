"""The platform's invoices as PDF, drawn on the fly from their snapshots and never stored."""

import functools
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from jinja2 import Environment

from accounts.access import Actor
from kit import i18n, pdf
from licensing import qr_bill, queries
from licensing.snapshots import Snapshot
from licensing.values import InvoiceId, InvoiceKind

TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class PdfFile:
    """A file to hand out."""

    name: str
    content: bytes


def invoice_pdf(actor: Actor, invoice_id: InvoiceId) -> PdfFile:
    """The PDF of an invoice, for its account and the staff. Raises NotFound, Forbidden, Unavailable.

    No transaction is open while it is drawn.
    """
    invoice = queries.invoice_document(actor, invoice_id)
    return PdfFile(f"{invoice.snapshot['number']}.pdf", render_pdf(invoice.snapshot))


def render_pdf(snapshot: Snapshot) -> bytes:
    """Draw a snapshot. Raises Unavailable."""
    return pdf.render(render_html(snapshot), _style())


def render_html(snapshot: Snapshot) -> str:
    """The page that the PDF is drawn from, in the snapshot's language and time zone."""
    with i18n.speaking(snapshot["language"], snapshot["time_zone"]):
        return _environment().get_template("invoice.html").render(_readable(snapshot))


@functools.cache
def _style() -> str:
    return (TEMPLATES / "invoice.css").read_text(encoding="utf-8")


@functools.cache
def _environment() -> Environment:
    return pdf.environment(TEMPLATES)


def _readable(snapshot: Snapshot) -> dict[str, Any]:
    """The snapshot with instants and decimals in place of their texts, and with the bill where money is asked for."""
    percent = snapshot["vat_percent"]
    payable = snapshot["kind"] == InvoiceKind.LICENCES.value and snapshot["gross_minor"] > 0
    return {
        **snapshot,
        "issued_at": _instant(snapshot["issued_at"]),
        "due_at": _instant(snapshot["due_at"]),
        "vat_percent": None if percent is None else Decimal(percent),
        "lines": [
            {**line, "begins_at": _instant(line["begins_at"]), "ends_at": _instant(line["ends_at"])}
            for line in snapshot["lines"]
        ],
        "bill": _bill(snapshot) if payable and snapshot["seller"]["iban"] else None,
    }


def _bill(snapshot: Snapshot) -> dict[str, Any]:
    return {
        "words": qr_bill.WORDS[snapshot["language"]],
        "code": qr_bill.code(snapshot),
        "iban": qr_bill.grouped(snapshot["seller"]["iban"]),
        "reference": qr_bill.grouped(snapshot["reference"]),
        "amount": qr_bill.shown_amount(snapshot["gross_minor"], snapshot["currency"]),
    }


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
