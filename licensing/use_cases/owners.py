"""Another owner of an account: its licences stay, the invoices for the time before do not."""

from sqlalchemy import func, update

from accounts.access import Actor, system
from accounts.values import AccountId
from kit import db
from kit.use_case import use_case
from licensing.entitling import refresh
from licensing.holdings import open_subscription
from licensing.models import CardPayment, Invoice, LicenceCard
from licensing.use_cases.clockwork import end_subscription
from licensing.use_cases.fees import fee_key
from licensing.use_cases.stored_cards import end_cards
from licensing.values import SubscriptionState


@use_case
def part_invoices(actor: Actor, account_id: AccountId, archive_id: AccountId) -> None:
    """The platform's invoices so far, and cards with which they are being paid, belong to the old owner's archive: he
    owes them. His stored card pays nothing more, here or there. The new one finds no subscription that waits for
    another's money: it runs, or was locked and is over.
    """
    system(actor)
    session = db.session()
    stated = func.replace(Invoice.business_key, fee_key(account_id), fee_key(archive_id))  # as the fees went there, too
    session.execute(update(Invoice).where(Invoice.account_id == account_id).values(business_key=stated))
    end_cards(account_id)
    session.flush()
    for model in (Invoice, CardPayment, LicenceCard):
        session.execute(update(model).where(model.account_id == account_id).values(account_id=archive_id))
    subscription = open_subscription(account_id, lock=True)
    if subscription is None:
        return
    if subscription.state is SubscriptionState.LOCKED:
        end_subscription(subscription, "unpaid")
        refresh(account_id)
    elif subscription.state is SubscriptionState.OVERDUE:
        subscription.state = SubscriptionState.RUNNING
