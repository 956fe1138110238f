"""Licences end with the account; the platform's invoices are kept as long as the law wants."""

from sqlalchemy import delete, select, update

from accounts.access import Actor, system
from accounts.values import AccountId
from kit import clock, db
from kit.use_case import use_case
from licensing.entitling import refresh
from licensing.holdings import open_subscription
from licensing.models import BankBooking, CardPayment, Gift, Invoice, LicenceCard
from licensing.use_cases.clockwork import end_subscription
from licensing.use_cases.stored_cards import end_cards


@use_case
def end_licences(actor: Actor, account_id: AccountId) -> None:
    """The subscription is over at once, with all its places; free periods and the stored card, too."""
    system(actor)
    end_cards(account_id)
    subscription = open_subscription(account_id, lock=True)
    if subscription is not None:
        end_subscription(subscription, "cancelled")
    given = update(Gift).where(Gift.account_id == account_id, Gift.revoked_at.is_(None))
    db.session().execute(given.values(revoked_at=clock.now()))
    refresh(account_id)


@use_case
def erase_invoices(actor: Actor, account_id: AccountId) -> None:
    """The time is over for which the platform has to keep its invoices: they go."""
    system(actor)
    session = db.session()
    for model in (CardPayment, LicenceCard):
        session.execute(delete(model).where(model.account_id == account_id))
    session.execute(update(Invoice).where(Invoice.account_id == account_id).values(corrects_id=None))
    theirs = BankBooking.invoice_id.in_(select(Invoice.id).where(Invoice.account_id == account_id))
    session.execute(update(BankBooking).where(theirs).values(invoice_id=None, debtor="", text="", reference=""))
    session.execute(delete(Invoice).where(Invoice.account_id == account_id))
