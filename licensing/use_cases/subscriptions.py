"""Trying, buying, changing, cancelling: what an account does with its subscription."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, select

from accounts.access import Actor, allowed
from accounts.models import Account
from accounts.rights import Right
from accounts.sellers import seller_of
from accounts.values import AccountId
from kit import clock, db, settings
from kit.errors import Conflict
from kit.use_case import use_case
from licensing.entitling import refresh
from licensing.errors import AddressMissing, Locked, NotForSale, NotSubscribed, SubscribedAlready, TrialUsed
from licensing.holdings import (
    judged_stations,
    open_subscription,
    overdue_invoices,
    places_of,
    running_subscription,
    staying,
)
from licensing.models import Place, Subscription
from licensing.periods import part_minor, period_end
from licensing.plans import catalogue
from licensing.prices import current_price
from licensing.use_cases.invoices import issue
from licensing.values import Interval, InvoiceKind, Line, LineKind, Price, SubscriptionState


@use_case
def start_trial(
    actor: Actor, account_id: AccountId, *, station_ids: Sequence[UUID], plan: str = "premium"
) -> Subscription:
    """Try a plan with these stations for some days, once per account. Nothing is owed; it ends by itself.

    Raises SubscribedAlready, TrialUsed, NotForSale, Invalid(station_ids=).
    """
    account = allowed(actor, Right.MANAGE_LICENCES, Account, account_id, lock=True)
    price = _price(account, plan, Interval.MONTH)
    if open_subscription(account_id) is not None:
        raise SubscribedAlready()
    if not catalogue().trial_days or db.session().scalars(_earlier(account_id)).first() is not None:
        raise TrialUsed()
    stations = judged_stations(account_id, station_ids)
    now = clock.now()
    subscription = _new(account_id, price, SubscriptionState.TRIAL, now, now + timedelta(days=catalogue().trial_days))
    _add_places(subscription, stations)
    refresh(account_id)
    return subscription


@use_case
def subscribe(
    actor: Actor,
    account_id: AccountId,
    *,
    interval: Interval,
    station_ids: Sequence[UUID] = (),
    plan: str = "premium",
) -> Subscription:
    """Buy a plan for these stations; during a trial for those of the trial, and paid from its end on.

    Raises SubscribedAlready, NotForSale, AddressMissing, Locked (an older invoice is overdue), Invalid(station_ids=).
    """
    account = allowed(actor, Right.MANAGE_LICENCES, Account, account_id, lock=True)
    price = _price(account, plan, interval)
    _judge_address(account_id)
    if overdue_invoices(account_id):
        raise Locked()
    found = open_subscription(account_id, lock=True)
    now = clock.now()
    if found is None:
        stations = judged_stations(account_id, station_ids)
        subscription = _new(account_id, price, SubscriptionState.RUNNING, now, now)
        _add_places(subscription, stations)
    elif found.state is SubscriptionState.TRIAL:
        subscription = found
        subscription.state, subscription.cancelled_at = SubscriptionState.RUNNING, None
        subscription.plan, subscription.interval = price.plan, price.interval
        subscription.price_minor, subscription.currency = price.gross_minor, price.currency
        if station_ids:
            _exactly(subscription, station_ids)
    else:
        raise SubscribedAlready()
    begin_period(subscription, subscription.period_ends_at)
    refresh(account_id)
    return subscription


@use_case
def change_interval(actor: Actor, account_id: AccountId, interval: Interval) -> Subscription:
    """Monthly to yearly at once, and what is left of the month counts; yearly to monthly when the year is over.

    Raises NotSubscribed, Locked, NotForSale.
    """
    account = allowed(actor, Right.MANAGE_LICENCES, Account, account_id, lock=True)
    subscription = running_subscription(account_id)
    if subscription.state is SubscriptionState.TRIAL:
        raise NotSubscribed()
    if interval is subscription.interval:
        subscription.next_interval = None
        return subscription
    price = _price(account, subscription.plan, interval)
    if interval is Interval.MONTH:
        subscription.next_interval = interval
        return subscription
    now = clock.now()
    places = staying(places_of(subscription))
    unused = -len(places) * part_minor(
        subscription.price_minor, subscription.period_begins_at, subscription.period_ends_at, now
    )
    credit = Line(LineKind.UNUSED, len(places), unused, now, subscription.period_ends_at, subscription.interval)
    subscription.interval, subscription.price_minor = interval, price.gross_minor
    subscription.next_interval = subscription.cancelled_at = None
    begins_at = max(now, subscription.period_begins_at)
    subscription.anchor_day = begins_at.day
    begin_period(subscription, begins_at, credit=[credit] if unused else [])
    refresh(account_id)
    return subscription


@use_case
def cancel_subscription(actor: Actor, account_id: AccountId) -> Subscription:
    """Go on until the end of what is paid, then fall back to the free plan. Nothing is lost. Raises NotSubscribed."""
    allowed(actor, Right.MANAGE_LICENCES, Account, account_id, lock=True)
    subscription = open_subscription(account_id, lock=True)
    if subscription is None:
        raise NotSubscribed()
    subscription.cancelled_at = subscription.cancelled_at or clock.now()
    refresh(account_id)
    return subscription


@use_case
def resume_subscription(actor: Actor, account_id: AccountId) -> Subscription:
    """Take a cancellation back before the period is over. Raises NotSubscribed, Conflict("not_cancelled")."""
    allowed(actor, Right.MANAGE_LICENCES, Account, account_id, lock=True)
    subscription = open_subscription(account_id, lock=True)
    if subscription is None:
        raise NotSubscribed()
    if subscription.cancelled_at is None:
        raise Conflict("not_cancelled")
    subscription.cancelled_at = None
    refresh(account_id)
    return subscription


# -- for this room


def begin_period(subscription: Subscription, begins_at: datetime, *, credit: Sequence[Line] = ()) -> None:
    """The next paid period with its invoice, in the running transaction; places that leave are not in it."""
    places = staying(places_of(subscription))
    subscription.period_begins_at = begins_at
    subscription.period_ends_at = period_end(begins_at, subscription.interval, subscription.anchor_day)
    amount = len(places) * subscription.price_minor
    span = (subscription.period_begins_at, subscription.period_ends_at, subscription.interval)
    issue(
        subscription.account_id,
        InvoiceKind.LICENCES,
        [Line(LineKind.PERIOD, len(places), amount, *span), *credit],
        currency=subscription.currency,
        business_key=f"period:{subscription.id}:{begins_at.isoformat()}:{subscription.interval.value}",
        subscription_id=subscription.id,
        payable_from=begins_at,
    )


def _new(
    account_id: UUID, price: Price, state: SubscriptionState, begins_at: datetime, ends_at: datetime
) -> Subscription:
    subscription = Subscription(
        account_id=account_id,
        plan=price.plan,
        state=state,
        interval=price.interval,
        currency=price.currency,
        price_minor=price.gross_minor,
        anchor_day=ends_at.day,
        begun_at=begins_at,
        period_begins_at=begins_at,
        period_ends_at=ends_at,
    )
    db.session().add(subscription)
    db.session().flush()
    return subscription


def _add_places(subscription: Subscription, station_ids: Sequence[UUID]) -> None:
    facts = {"account_id": subscription.account_id, "subscription_id": subscription.id, "added_at": clock.now()}
    db.session().add_all(Place(station_id=one, **facts) for one in station_ids)
    db.session().flush()


def _exactly(subscription: Subscription, station_ids: Sequence[UUID]) -> None:
    """The trial's stations become these."""
    wanted = set(station_ids)
    for place in places_of(subscription):
        if place.station_id in wanted:
            wanted.discard(place.station_id)
        else:
            place.ended_at = clock.now()
    db.session().flush()
    if wanted:
        _add_places(
            subscription, judged_stations(subscription.account_id, [one for one in station_ids if one in wanted])
        )


def _price(account: Account, plan: str, interval: Interval) -> Price:
    price = current_price(plan, account.currency, interval) if settings.current().sells_licences else None
    if price is None:
        raise NotForSale()
    return price


def _judge_address(account_id: UUID) -> None:
    buyer = seller_of(account_id)
    if not (buyer.name and buyer.street and buyer.postcode and buyer.city):
        raise AddressMissing()


def _earlier(account_id: UUID) -> Select[UUID]:
    return select(Subscription.id).where(Subscription.account_id == account_id)
