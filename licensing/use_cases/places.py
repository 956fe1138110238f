"""Stations come and go in a running subscription."""

from collections.abc import Sequence
from uuid import UUID

from accounts.access import Actor, allowed
from accounts.models import Account
from accounts.rights import Right
from accounts.values import AccountId
from kit import clock, db
from kit.errors import Conflict
from kit.ids import new_id
from kit.use_case import use_case
from licensing.entitling import refresh
from licensing.holdings import judged_stations, places_of, running_subscription
from licensing.models import Place, Subscription
from licensing.periods import part_minor
from licensing.use_cases.invoices import issue
from licensing.values import InvoiceKind, Line, LineKind, PlaceId, SubscriptionState


@use_case
def add_stations(actor: Actor, account_id: AccountId, *, station_ids: Sequence[UUID]) -> Subscription:
    """More stations in the running subscription: free places first, others are paid for the rest of the period.

    Raises NotSubscribed, Locked, Invalid(station_ids=).
    """
    allowed(actor, Right.MANAGE_LICENCES, Account, account_id, lock=True)
    subscription = running_subscription(account_id)
    stations = judged_stations(account_id, station_ids)
    free = [place for place in places_of(subscription) if place.station_id is None and place.leaves_at is None]
    for place, station_id in zip(free, stations, strict=False):
        place.station_id = station_id
    new = stations[len(free) :]
    now = clock.now()
    facts = {"account_id": account_id, "subscription_id": subscription.id, "added_at": now}
    added = [Place(id=new_id(), station_id=station_id, **facts) for station_id in new]
    db.session().add_all(added)
    if added and subscription.state is not SubscriptionState.TRIAL:
        part = part_minor(subscription.price_minor, subscription.period_begins_at, subscription.period_ends_at, now)
        begins_at = max(now, subscription.period_begins_at)
        span = (begins_at, subscription.period_ends_at, subscription.interval)
        issue(
            account_id,
            InvoiceKind.LICENCES,
            [Line(LineKind.ADDED, len(added), len(added) * part, *span)],
            currency=subscription.currency,
            business_key=f"added:{added[0].id}",
            subscription_id=subscription.id,
            payable_from=begins_at,
        )
    refresh(account_id)
    return subscription


@use_case
def move_licence(actor: Actor, place_id: PlaceId, *, station_id: UUID | None) -> Place:
    """Another station of the account takes a licence over, for instance the one that replaced a broken charger; None
    frees it. Costs nothing. Raises NotFound, Invalid(station_ids=), Conflict("place_over").
    """
    place = _place(actor, place_id)
    if station_id is not None:
        (station_id,) = judged_stations(place.account_id, [station_id])
    place.station_id = station_id
    refresh(place.account_id)
    return place


@use_case
def give_up_licence(actor: Actor, place_id: PlaceId) -> Place:
    """A licence is not renewed when its period is over. Raises NotFound, Conflict("place_over")."""
    place = _place(actor, place_id)
    subscription = db.session().get_one(Subscription, place.subscription_id)
    place.leaves_at = subscription.period_ends_at
    refresh(place.account_id)
    return place


@use_case
def keep_licence(actor: Actor, place_id: PlaceId) -> Place:
    """It is renewed after all. Raises NotFound, Conflict("place_over")."""
    place = _place(actor, place_id)
    place.leaves_at = None
    refresh(place.account_id)
    return place


def _place(actor: Actor, place_id: UUID) -> Place:
    place = allowed(actor, Right.MANAGE_LICENCES, Place, place_id, lock=True)
    if place.ended_at is not None:
        raise Conflict("place_over")
    return place
