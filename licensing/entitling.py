"""From subscriptions and gifts to what the gate compares. Told after every change; the same again changes nothing."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from accounts.access import SYSTEM
from accounts.entitlements import EVERYBODY
from accounts.functions import Function
from accounts.use_cases import entitle
from kit import clock, db, settings
from licensing.models import Gift, Place, Subscription
from licensing.plans import catalogue
from licensing.values import SubscriptionState

Ends = dict[tuple[UUID, Function], datetime | None]


def refresh(account_id: UUID) -> int:
    """Write down what this account has now; in the running transaction. How many rows changed."""
    db.session().flush()
    ends: Ends = {}
    _of_subscription(account_id, ends)
    _of_gifts(account_id, ends)
    return entitle(SYSTEM, account_id, ends)


def refresh_everybodys() -> int:
    """The functions of the free plan; all of them where the platform sells no licences."""
    free = catalogue().everybodys if settings.current().sells_licences else frozenset(Function)
    return entitle(SYSTEM, None, dict.fromkeys(((EVERYBODY, function) for function in free), None))


def _of_subscription(account_id: UUID, ends: Ends) -> None:
    wanted = select(Subscription).where(Subscription.account_id == account_id, Subscription.ended_at.is_(None))
    subscription = db.session().scalar(wanted)
    if subscription is None or not subscription.state.works:
        return
    for_now = subscription.state is SubscriptionState.TRIAL or subscription.cancelled_at is not None
    until = subscription.period_ends_at if for_now else None
    used = select(Place).where(
        Place.subscription_id == subscription.id, Place.ended_at.is_(None), Place.station_id.is_not(None)
    )
    for place in db.session().scalars(used):
        assert place.station_id is not None, "asked for in the statement"
        _add(ends, place.station_id, _functions(subscription.plan), place.leaves_at or until)


def _of_gifts(account_id: UUID, ends: Ends) -> None:
    valid = select(Gift).where(Gift.account_id == account_id, Gift.revoked_at.is_(None), Gift.ends_at > clock.now())
    for gift in db.session().scalars(valid):
        _add(ends, account_id, _functions(gift.plan), gift.ends_at)


def _add(ends: Ends, scope_id: UUID, functions: Iterable[Function], ends_at: datetime | None) -> None:
    """The longer one counts."""
    for function in functions:
        before = ends.get((scope_id, function), ends_at)
        ends[scope_id, function] = None if before is None or ends_at is None else max(before, ends_at)


def _functions(plan_id: str) -> frozenset[Function]:
    plan = catalogue().plan(plan_id)
    return frozenset() if plan is None else plan.functions
