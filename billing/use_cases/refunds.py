"""Giving captured money back: asked for by the operator, made by the provider, written down with a credit note."""

from sqlalchemy import func, select

from accounts.access import SYSTEM, Actor, allowed, system
from accounts.rights import Right
from billing import ledger
from billing.events import RefundRequested
from billing.models import Document, Payment, Refund
from billing.payments.port import RefundReceipt
from billing.use_cases.payments import locked
from billing.use_cases.receipts import issue_credit_note
from billing.values import PaymentId, PaymentState, RefundId, RefundState
from kit import clock, db
from kit.errors import Conflict, Invalid, NotFound
from kit.events import record
from kit.ids import secret_text
from kit.notes import tell
from kit.use_case import use_case


@use_case
def refund(actor: Actor, payment_id: PaymentId, amount_minor: int, *, request_key: str | None = None) -> Refund:
    """Pay back a part of a captured payment, minor units of its currency; the provider is asked after the commit.

    The same `request_key` again returns the same refund. Raises NotFound, Forbidden, Conflict("not_captured",
    "other_request"), Invalid(amount="not_positive" | "too_high").
    """
    payment = allowed(actor, Right.REFUND, Payment, payment_id, lock=True)
    key = request_key or secret_text()
    earlier = db.session().scalars(select(Refund).where(Refund.payment_id == payment_id, Refund.request_key == key))
    if (same := earlier.one_or_none()) is not None:
        if same.amount_minor != amount_minor:
            raise Conflict("other_request")
        return same
    if payment.state is not PaymentState.CAPTURED or payment.captured_minor is None:
        raise Conflict("not_captured")
    if amount_minor <= 0:
        raise Invalid(amount="not_positive")
    if amount_minor > payment.captured_minor - _promised_minor(payment_id):
        raise Invalid(amount="too_high")
    row = Refund(
        account_id=payment.account_id,
        payment_id=payment.id,
        request_key=key,
        state=RefundState.REQUESTED,
        amount_minor=amount_minor,
        requested_at=clock.now(),
    )
    db.session().add(row)
    db.session().flush()
    record(RefundRequested(refund_id=row.id))
    return row


def _promised_minor(payment_id: PaymentId) -> int:
    wanted = select(func.coalesce(func.sum(Refund.amount_minor), 0)).where(
        Refund.payment_id == payment_id, Refund.state != RefundState.REFUSED
    )
    return int(db.session().scalar(wanted) or 0)


@use_case
def refund_made(actor: Actor, refund_id: RefundId, receipt: RefundReceipt) -> Refund:
    """The provider paid back: credit note, books and state in one transaction. A second time nothing happens."""
    system(actor)
    row, payment = _locked(refund_id)
    if row.state is not RefundState.REQUESTED:
        return row
    assert receipt.amount_minor == row.amount_minor, "another sum was paid back"
    note = issue_credit_note(SYSTEM, payment.id, row.amount_minor, business_key=f"refund:{row.id}")
    returned_minor = max(payment.fee_returned_minor, receipt.fee_returned_minor)  # an answer may come late, or again
    row.fee_returned_minor = returned_minor - payment.fee_returned_minor
    row.state, row.provider_ref, row.document_id, row.done_at = RefundState.DONE, receipt.ref, note.id, clock.now()
    payment.refunded_minor += row.amount_minor
    payment.fee_returned_minor = returned_minor
    sale = ledger.Sale(*_net_and_vat(note), fee_minor=row.fee_returned_minor)
    ledger.book_refund(payment.account_id, payment.id, payment.currency, sale, refund_key=str(row.id))
    tell("payment", payment.id)
    tell("account", payment.account_id)
    return row


@use_case
def refund_refused(actor: Actor, refund_id: RefundId, failure: str) -> Refund:
    """The provider will not pay back; the operator sees why."""
    system(actor)
    row, payment = _locked(refund_id)
    if row.state is RefundState.REQUESTED:
        row.state, row.failure, row.done_at = RefundState.REFUSED, failure, clock.now()
        tell("account", payment.account_id)
    return row


def _net_and_vat(note: Document) -> tuple[int, int]:
    """What the credit note takes back, as positive sums."""
    vat_minor = -int(note.snapshot["vat_minor"])
    return -note.gross_minor - vat_minor, vat_minor


def _locked(refund_id: RefundId) -> tuple[Refund, Payment]:
    found = db.session().get(Refund, refund_id)
    if found is None:
        raise NotFound()
    payment = locked(found.payment_id)
    db.session().refresh(found)
    return found, payment
