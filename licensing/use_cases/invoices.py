"""Issuing and settling the platform's own invoices. What is issued never changes."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from accounts.access import Actor, staff, system
from accounts.models import Account
from accounts.sellers import seller_of
from kit import clock, db
from kit.errors import Conflict, Invalid, NotFound
from kit.events import record
from kit.use_case import use_case
from licensing import numbering, snapshots
from licensing.events import InvoiceIssued, InvoicePaid
from licensing.models import Invoice
from licensing.plans import catalogue
from licensing.values import InvoiceId, InvoiceKind, Line, LineKind, PaidBy

LONGEST_REASON = 500


def issue(
    account_id: UUID,
    kind: InvoiceKind,
    lines: Sequence[Line],
    *,
    currency: str,
    business_key: str,
    subscription_id: UUID | None = None,
    corrects: Invoice | None = None,
    payable_from: datetime | None = None,
    reason: str = "",
) -> Invoice:
    """Write an invoice in the running transaction, once by its business key. One that asks for nothing is settled."""
    session = db.session()
    written = session.scalar(select(Invoice).where(Invoice.business_key == business_key))
    if written is not None:
        return written
    now = clock.now()
    patience = timedelta(days=catalogue().payment_days) if kind is InvoiceKind.LICENCES else timedelta(0)
    number = numbering.next_number(kind)
    invoice = Invoice(kind=kind, number=number, account_id=account_id, currency=currency, issued_at=now)
    invoice.business_key, invoice.subscription_id = business_key, subscription_id
    invoice.reference = numbering.payment_reference(kind, number)
    invoice.due_at = max(now, payable_from or now) + patience
    invoice.corrects_id = None if corrects is None else corrects.id
    invoice.snapshot = snapshots.invoice(
        invoice,
        account=session.get_one(Account, account_id),
        buyer=seller_of(account_id),
        lines=lines,
        corrects=None if corrects is None else corrects.snapshot["number"],
        reason=reason,
    )
    invoice.gross_minor = invoice.snapshot["gross_minor"]
    if kind is InvoiceKind.FEES:
        invoice.paid_at, invoice.paid_by = now, PaidBy.DEDUCTED
    elif invoice.gross_minor <= 0:
        invoice.paid_at, invoice.paid_by = now, PaidBy.CREDITED
    session.add(invoice)
    session.flush()
    record(InvoiceIssued(invoice_id=invoice.id))
    return invoice


def settle(invoice: Invoice, paid_by: PaidBy) -> bool:
    """Note that it was paid, in the running transaction; False when it was before."""
    if invoice.paid_at is not None:
        return False
    invoice.paid_at, invoice.paid_by = clock.now(), paid_by
    db.session().flush()
    record(InvoicePaid(invoice_id=invoice.id))
    return True


def locked_invoice(invoice_id: UUID) -> Invoice:
    """An invoice that is about to change. Raises NotFound."""
    invoice = db.session().get(Invoice, invoice_id, with_for_update=True, populate_existing=True)
    if invoice is None:
        raise NotFound()
    return invoice


@use_case
def invoice_paid(actor: Actor, invoice_id: InvoiceId, paid_by: PaidBy) -> bool:
    """The money for an invoice is there. False: it was known."""
    system(actor)
    return settle(locked_invoice(invoice_id), paid_by)


@use_case
def note_bank_payment(actor: Actor, invoice_id: InvoiceId) -> Invoice:
    """Staff found the money on the platform's bank account. Raises Conflict("paid_already")."""
    staff(actor)
    invoice = locked_invoice(invoice_id)
    if not settle(invoice, PaidBy.BANK):
        raise Conflict("paid_already")
    return invoice


@use_case
def credit_invoice(actor: Actor, invoice_id: InvoiceId, *, reason: str) -> Invoice:
    """Staff takes an invoice back with a credit note over all of it. Raises Invalid(reason=), Conflict("paid_already").

    What was paid is given back outside of this program, so only an open invoice is taken back.
    """
    staff(actor)
    reason = reason.strip()
    if not reason or len(reason) > LONGEST_REASON:
        raise Invalid(reason="required" if not reason else "too_long")
    invoice = locked_invoice(invoice_id)
    if invoice.paid_at is not None:
        raise Conflict("paid_already")
    line = Line(LineKind.CREDIT, 1, -invoice.gross_minor, invoice.issued_at, invoice.due_at)
    note = issue(
        invoice.account_id,
        InvoiceKind.CREDIT,
        [line],
        currency=invoice.currency,
        business_key=f"credit:{invoice.id}",
        subscription_id=invoice.subscription_id,
        corrects=invoice,
        reason=reason,
    )
    settle(invoice, PaidBy.CREDITED)
    return note
