"""What became of a payment by card; the provider itself is called between these doors (`licensing.checkout`)."""

from uuid import UUID

from accounts.access import Actor, allowed, system
from accounts.rights import Right
from kit import clock, db
from kit.errors import Conflict
from kit.events import record
from kit.use_case import use_case
from licensing.events import PaidTwice
from licensing.models import CardPayment, Invoice, LicenceCard
from licensing.use_cases.invoices import locked_invoice, settle
from licensing.values import CardState, InvoiceId, PaidBy


@use_case
def card_payment_opened(actor: Actor, invoice_id: InvoiceId, provider: str) -> CardPayment:
    """Somebody wants to pay an invoice by card. Raises NotFound, Forbidden, Conflict("paid_already")."""
    invoice = allowed(actor, Right.MANAGE_LICENCES, Invoice, invoice_id, lock=True)
    if invoice.paid_at is not None:
        raise Conflict("paid_already")
    row = CardPayment(account_id=invoice.account_id, invoice_id=invoice.id, provider=provider, state=CardState.OPEN)
    row.opened_at = clock.now()
    db.session().add(row)
    db.session().flush()
    return row


@use_case
def card_payment_held(actor: Actor, card_payment_id: UUID, *, checkout_ref: str, hold_ref: str | None = None) -> None:
    """The provider opened its page, or reserved the money."""
    system(actor)
    row = _locked(card_payment_id)
    row.checkout_ref, row.hold_ref = checkout_ref, hold_ref or row.hold_ref


@use_case
def card_payment_taken(actor: Actor, card_payment_id: UUID) -> bool:
    """The money was taken: the invoice is paid. False: it was known, or settled otherwise before, which is told."""
    system(actor)
    row = _locked(card_payment_id)
    known, row.state = row.state is CardState.TAKEN, CardState.TAKEN
    card = None if row.card_id is None else db.session().get(LicenceCard, row.card_id)
    if card is not None:
        card.failed_at, card.failure = None, ""
    settled = settle(locked_invoice(row.invoice_id), PaidBy.CARD)
    if not (settled or known):
        record(PaidTwice(card_payment_id=row.id, taken=True))
    return settled


@use_case
def card_payment_ended(actor: Actor, card_payment_id: UUID) -> None:
    """Nothing comes of it: the page was left, or the invoice was paid otherwise. A stored card may have been charged
    where the provider was asked, without an answer; asking once more could take the money again, so people are told to
    look.
    """
    system(actor)
    row = _locked(card_payment_id)
    if row.state is CardState.OPEN:
        row.state = CardState.ENDED
        if row.asked_at is not None:
            record(PaidTwice(card_payment_id=row.id, taken=False))


def _locked(card_payment_id: UUID) -> CardPayment:
    return db.session().get_one(CardPayment, card_payment_id, with_for_update=True, populate_existing=True)
