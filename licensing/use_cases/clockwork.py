"""What happens to subscriptions and invoices by the clock, and when the money arrives."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from accounts.access import Actor, system
from accounts.models import Account
from kit import clock, db
from kit.events import record
from kit.use_case import use_case
from licensing.entitling import refresh, refresh_everybodys
from licensing.events import InvoiceOverdue, LicencesBack, LicencesLost, TrialEnding
from licensing.holdings import overdue_invoices, places_of, staying
from licensing.models import Invoice, Place, Subscription
from licensing.plans import catalogue
from licensing.prices import current_price
from licensing.use_cases.invoices import locked_invoice
from licensing.use_cases.subscriptions import begin_period
from licensing.values import SubscriptionState
from stations.models import Station


@use_case
def close_period(actor: Actor, subscription_id: UUID) -> bool:
    """A period is over: the next one begins, or the subscription ends. False: there is nothing to do."""
    system(actor)
    subscription = _locked(subscription_id)
    if subscription.ended_at is not None or subscription.period_ends_at > clock.now():
        return False
    if subscription.cancelled_at is not None:
        end_subscription(subscription, "cancelled")
    elif subscription.state is SubscriptionState.TRIAL:
        end_subscription(subscription, "trial_over")
    elif subscription.state is SubscriptionState.LOCKED:
        return False
    else:
        _go_on(subscription)
    refresh(subscription.account_id)
    return True


@use_case
def warn_of_trial_end(actor: Actor, subscription_id: UUID) -> bool:
    """A trial ends in a few days and somebody should know. False: it was said."""
    system(actor)
    subscription = _locked(subscription_id)
    if subscription.state is not SubscriptionState.TRIAL or subscription.warned_at is not None:
        return False
    subscription.warned_at = clock.now()
    record(TrialEnding(subscription_id=subscription.id))
    return True


@use_case
def remind(actor: Actor, invoice_id: UUID) -> bool:
    """An invoice is overdue: remind, and after the grace stop the functions. False: there is nothing to do today."""
    system(actor)
    invoice = locked_invoice(invoice_id)
    if invoice.paid_at is not None:
        return False
    late = clock.now() - invoice.due_at
    plans = catalogue()
    due = sum(late >= timedelta(days=days) for days in plans.reminders_after_days)
    done = due > invoice.reminders
    if done:
        invoice.reminders = due
        record(InvoiceOverdue(invoice_id=invoice.id, number=due))
    subscription = _subscription_of(invoice)
    if subscription is None or subscription.ended_at is not None:
        return done
    if due and subscription.state is SubscriptionState.RUNNING:
        subscription.state = SubscriptionState.OVERDUE
    if late >= timedelta(days=plans.grace_days) and subscription.state is SubscriptionState.OVERDUE:
        subscription.state = SubscriptionState.LOCKED
        record(LicencesLost(subscription_id=subscription.id, reason="unpaid"))
        refresh(subscription.account_id)
        return True
    return done


@use_case
def unlock_paid(actor: Actor, invoice_id: UUID) -> bool:
    """An invoice was settled: where nothing else is overdue, everything works again; a period that passed while the
    functions were locked is not made up for, the next begins now. False: there is nothing to do.
    """
    system(actor)
    invoice = db.session().get_one(Invoice, invoice_id)
    subscription = _subscription_of(invoice)
    late = (SubscriptionState.OVERDUE, SubscriptionState.LOCKED)
    if subscription is None or subscription.state not in late or overdue_invoices(invoice.account_id):
        return False
    was_locked = subscription.state is SubscriptionState.LOCKED
    subscription.state = SubscriptionState.RUNNING
    if was_locked:
        record(LicencesBack(subscription_id=subscription.id))
    if was_locked and subscription.period_ends_at <= clock.now() and subscription.cancelled_at is None:
        subscription.anchor_day = clock.now().day
        _go_on(subscription, from_now=True)
    refresh(subscription.account_id)
    return True


@use_case
def keep_entitlements(actor: Actor, account_id: UUID | None) -> int:
    """Write down anew what an account (None: everybody) has; stations that left the account free their places."""
    system(actor)
    if account_id is None:
        return refresh_everybodys()
    db.session().get_one(Account, account_id, with_for_update=True)
    gone = select(Place).where(
        Place.account_id == account_id,
        Place.ended_at.is_(None),
        Place.station_id.is_not(None),
        Place.station_id.not_in(select(Station.id).where(Station.account_id == account_id)),
    )
    for place in db.session().scalars(gone):
        place.station_id = None
    return refresh(account_id)


def _go_on(subscription: Subscription, *, from_now: bool = False) -> None:
    """The next period, at the price that was agreed; a wished interval takes today's."""
    now = clock.now()
    for place in places_of(subscription):
        if place.leaves_at is not None:
            place.ended_at = now
    db.session().flush()
    if not staying(places_of(subscription)):
        end_subscription(subscription, "cancelled")
        return
    if subscription.next_interval is not None:
        price = current_price(subscription.plan, subscription.currency, subscription.next_interval)
        if price is not None:
            subscription.interval, subscription.price_minor = price.interval, price.gross_minor
        subscription.next_interval = None
    begin_period(subscription, now if from_now else subscription.period_ends_at)


def end_subscription(subscription: Subscription, reason: str) -> None:
    """It is over, and so are its places; part of a larger deed."""
    now = clock.now()
    subscription.state, subscription.ended_at = SubscriptionState.ENDED, now
    for place in places_of(subscription):
        place.ended_at = now
    record(LicencesLost(subscription_id=subscription.id, reason=reason))


def _subscription_of(invoice: Invoice) -> Subscription | None:
    """What stands still without this money; None also where the account has another owner, who owes nothing of it."""
    found = None if invoice.subscription_id is None else _locked(invoice.subscription_id)
    return found if found is not None and found.account_id == invoice.account_id else None


def _locked(subscription_id: UUID) -> Subscription:
    return db.session().get_one(Subscription, subscription_id, with_for_update=True, populate_existing=True)
