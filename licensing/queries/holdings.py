"""The plan page of an account: what it has, what it pays, what comes next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from accounts.access import Actor, allowed
from accounts.models import Account, AccountLineage
from accounts.rights import Right
from accounts.values import AccountId
from kit import clock, db, settings
from kit.use_case import query
from licensing.holdings import open_subscription, overdue_invoices, places_of, staying
from licensing.models import Gift, Invoice, Place, Subscription
from licensing.periods import days, part_minor
from licensing.plans import catalogue
from licensing.prices import current_price, current_prices
from licensing.queries.plans import has_tried
from licensing.queries.stored_cards import CardFacts, licence_card
from licensing.values import Interval, Price, SubscriptionState
from stations.models import Station


@dataclass(frozen=True)
class LicensedPlace:
    """A licence and the station that has it; None: it is free."""

    place: Place
    station_name: str | None


@dataclass(frozen=True)
class FreeStation:
    """A station of the account without a licence."""

    id: UUID
    name: str


@dataclass(frozen=True)
class Holding:
    """Everything about the plan of one account. `next_minor`: what the next invoice will be, on `next_at`."""

    account: Account
    subscription: Subscription | None
    places: tuple[LicensedPlace, ...]
    free_stations: tuple[FreeStation, ...]
    gifts: tuple[Gift, ...]
    prices: tuple[Price, ...]
    trial_days: int
    trial_days_left: int | None
    next_at: datetime | None
    next_minor: int
    overdue: tuple[Invoice, ...]
    sold: bool
    card: CardFacts | None


@query
def holding(actor: Actor, account_id: AccountId) -> Holding:
    """The plan of an account. Raises NotFound, Forbidden."""
    account = allowed(actor, Right.VIEW_LICENCES, Account, account_id)
    subscription = open_subscription(account_id)
    places = [] if subscription is None else places_of(subscription)
    names: dict[UUID, str] = {
        station.id: station.name
        for station in db.session().scalars(
            select(Station).where(Station.account_id == account_id).order_by(Station.name, Station.id)
        )
    }
    taken = {place.station_id for place in places}
    now = clock.now()
    on_trial = subscription is not None and subscription.state is SubscriptionState.TRIAL
    next_at, next_minor = _next(subscription, places)
    above = select(AccountLineage.ancestor_id).where(AccountLineage.account_id == account_id)
    gifts = select(Gift).where(Gift.account_id.in_(above), Gift.revoked_at.is_(None), Gift.ends_at > now)
    return Holding(
        account=account,
        subscription=subscription,
        places=tuple(
            LicensedPlace(each, None if each.station_id is None else names.get(each.station_id)) for each in places
        ),
        free_stations=tuple(FreeStation(key, name) for key, name in names.items() if key not in taken),
        gifts=tuple(db.session().scalars(gifts.order_by(Gift.ends_at))),
        prices=tuple(current_prices(account.currency)),
        trial_days=0 if has_tried(account_id) else catalogue().trial_days,
        trial_days_left=days(now, subscription.period_ends_at) if subscription is not None and on_trial else None,
        next_at=next_at,
        next_minor=next_minor,
        overdue=tuple(overdue_invoices(account_id)),
        sold=settings.current().sells_licences,
        card=licence_card(actor, account_id),
    )


@dataclass(frozen=True)
class Preview:
    """What a step would cost now, and each period from then on; minor units with VAT. `free`: places used again."""

    currency: str
    now_minor: int
    later_minor: int
    interval: Interval
    free: int


@query
def preview(
    actor: Actor, account_id: AccountId, *, stations: int, interval: Interval = Interval.MONTH, plan: str = "premium"
) -> Preview | None:
    """What so many more stations cost; None where nothing is sold. Raises NotFound, Forbidden."""
    account = allowed(actor, Right.VIEW_LICENCES, Account, account_id)
    subscription = open_subscription(account_id)
    if subscription is None or subscription.state is SubscriptionState.TRIAL:
        price = current_price(plan, account.currency, interval)
        if price is None:
            return None
        amount = stations * price.gross_minor
        return Preview(account.currency, 0 if subscription is not None else amount, amount, interval, 0)
    places = staying(places_of(subscription))
    free = min(stations, sum(place.station_id is None for place in places))
    part = part_minor(subscription.price_minor, subscription.period_begins_at, subscription.period_ends_at, clock.now())
    later = (len(places) + stations - free) * subscription.price_minor
    return Preview(subscription.currency, (stations - free) * part, later, subscription.interval, free)


def _next(subscription: Subscription | None, places: Sequence[Place]) -> tuple[datetime | None, int]:
    if subscription is None or subscription.cancelled_at is not None or subscription.state is SubscriptionState.TRIAL:
        return None, 0
    price_minor, interval = subscription.price_minor, subscription.next_interval
    if interval is not None:
        price = current_price(subscription.plan, subscription.currency, interval)
        price_minor = price_minor if price is None else price.gross_minor
    count = len(staying(places))
    return (subscription.period_ends_at, count * price_minor) if count else (None, 0)
