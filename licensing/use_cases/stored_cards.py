"""The card that an account's invoices are paid with by themselves; the provider is called between these doors."""

from uuid import UUID

from sqlalchemy import select

from accounts.access import Actor, allowed_in, system
from accounts.presence import fresh_if_here
from accounts.rights import Right
from accounts.values import AccountId
from kit import clock, db
from kit.errors import Conflict
from kit.events import record
from kit.notes import tell
from kit.use_case import use_case
from licensing.events import CardEnded, CardStored
from licensing.models import CardPayment, Invoice, LicenceCard
from licensing.use_cases.invoices import locked_invoice
from licensing.values import CardState, InvoiceKind, StoredCardState


@use_case
def card_page_asked(actor: Actor, account_id: AccountId, provider: str) -> LicenceCard:
    """Somebody wants to store a card, in place of the one that may be there.

    Raises NotFound, Forbidden, CheckNeeded.
    """
    allowed_in(actor, Right.MANAGE_LICENCES, account_id)
    fresh_if_here(actor)
    row = LicenceCard(account_id=account_id, provider=provider, state=StoredCardState.OPEN, opened_at=clock.now())
    db.session().add(row)
    db.session().flush()
    return row


@use_case
def card_page_opened(actor: Actor, card_id: UUID, checkout_ref: str) -> None:
    """The provider prepared its page."""
    system(actor)
    _locked(card_id).checkout_ref = checkout_ref


@use_case
def card_stored(actor: Actor, card_id: UUID, *, card_ref: str, customer_ref: str, card: str) -> bool:
    """The provider has the card: invoices are paid with it from now on, and no more with the one before.

    False: it was known, or its account has another owner by now.
    """
    system(actor)
    row = _locked(card_id)
    if row.card_ref:
        return False
    row.card_ref, row.customer_ref, row.card = card_ref, customer_ref, card
    if row.state is not StoredCardState.OPEN:  # ended while its owner was on the page
        record(CardEnded(card_id=row.id))
        return False
    before = stored_card(row.account_id)
    if before is not None:
        end_card(before)
    row.state, row.stored_at = StoredCardState.STORED, clock.now()
    record(CardStored(account_id=row.account_id))
    tell("account", row.account_id)
    return True


@use_case
def card_page_left(actor: Actor, card_id: UUID) -> None:
    """Nobody stored a card there."""
    system(actor)
    row = _locked(card_id)
    if row.state is StoredCardState.OPEN:
        row.state, row.ended_at = StoredCardState.ENDED, clock.now()


@use_case
def remove_card(actor: Actor, account_id: AccountId) -> None:
    """Invoices are paid otherwise from now on. Raises Conflict("no_card")."""
    allowed_in(actor, Right.MANAGE_LICENCES, account_id)
    found = stored_card(account_id)
    if found is None:
        raise Conflict("no_card")
    end_card(found)


@use_case
def card_forgotten(actor: Actor, card_id: UUID) -> None:
    """The provider charges it no more."""
    system(actor)
    row = _locked(card_id)
    row.forgotten_at = row.forgotten_at or clock.now()


@use_case
def card_charge_begun(actor: Actor, invoice_id: UUID) -> CardPayment | None:
    """An invoice is to be paid with the stored card of its account. None: there is none, or nothing to pay; one that
    is on its way is begun no second time.
    """
    system(actor)
    invoice = locked_invoice(invoice_id)
    card = stored_card(invoice.account_id)
    if card is None or invoice.paid_at is not None or invoice.kind is not InvoiceKind.LICENCES:
        return None
    under_way = select(CardPayment).where(
        CardPayment.invoice_id == invoice.id, CardPayment.state == CardState.OPEN, CardPayment.card_id.is_not(None)
    )
    found = db.session().scalars(under_way).first()
    return found or _begun(invoice, card)


@use_case
def card_charge_asked(actor: Actor, card_payment_id: UUID) -> None:
    """The provider is asked for the money next; from now on it may have taken it, whatever we hear."""
    system(actor)
    row = db.session().get_one(CardPayment, card_payment_id, with_for_update=True, populate_existing=True)
    row.asked_at = row.asked_at or clock.now()


@use_case
def card_charge_refused(actor: Actor, card_payment_id: UUID, failure: str) -> None:
    """The bank said no: the invoice stays open, and its account reads why."""
    system(actor)
    row = db.session().get_one(CardPayment, card_payment_id, with_for_update=True, populate_existing=True)
    assert row.card_id is not None, "it was charged"
    row.state = CardState.ENDED
    card = _locked(row.card_id)
    card.failed_at, card.failure = clock.now(), failure
    tell("account", row.account_id)


def stored_card(account_id: UUID) -> LicenceCard | None:
    """The card with which the invoices of an account are paid, locked."""
    wanted = select(LicenceCard).where(
        LicenceCard.account_id == account_id, LicenceCard.state == StoredCardState.STORED
    )
    return db.session().scalars(wanted.with_for_update().execution_options(populate_existing=True)).one_or_none()


def end_cards(account_id: UUID) -> None:
    """No card of an account pays any more, those that are just being stored neither; part of a larger deed."""
    wanted = select(LicenceCard).where(LicenceCard.account_id == account_id, LicenceCard.state != StoredCardState.ENDED)
    for row in db.session().scalars(wanted.with_for_update()).all():
        end_card(row)


def end_card(row: LicenceCard) -> None:
    """It pays no more, and the provider is told to forget it; part of a larger deed."""
    row.state, row.ended_at = StoredCardState.ENDED, clock.now()
    db.session().flush()
    if row.card_ref:
        record(CardEnded(card_id=row.id))
    tell("account", row.account_id)


def _begun(invoice: Invoice, card: LicenceCard) -> CardPayment:
    row = CardPayment(account_id=invoice.account_id, invoice_id=invoice.id, provider=card.provider, card_id=card.id)
    row.state, row.opened_at = CardState.OPEN, clock.now()
    db.session().add(row)
    db.session().flush()
    return row


def _locked(card_id: UUID) -> LicenceCard:
    return db.session().get_one(LicenceCard, card_id, with_for_update=True, populate_existing=True)
