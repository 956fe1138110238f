"""What the staff of the platform does: prices, and free periods with a reason."""

from datetime import timedelta

from accounts.access import Actor, ActorKind, staff, system
from accounts.models import Account
from accounts.values import AccountId
from kit import clock, db
from kit.errors import Invalid, NotFound
from kit.use_case import use_case
from licensing.entitling import refresh
from licensing.models import Gift, PlanPrice
from licensing.plans import catalogue
from licensing.values import GiftId, Interval

LONGEST_DAYS, LONGEST_REASON = 3660, 500
HIGHEST_PRICE_MINOR = 10_000_000


@use_case
def set_plan_price(actor: Actor, *, plan: str, currency: str, interval: Interval, gross_minor: int) -> PlanPrice:
    """Another price, VAT included, for subscriptions and changes from now on; running ones keep theirs.

    Raises Invalid(plan=, gross_minor=).
    """
    staff(actor)
    known = catalogue().plan(plan)
    if known is None or not any((each.currency, each.interval) == (currency, interval) for each in known.prices):
        raise Invalid(plan="unknown")
    if not 0 < gross_minor <= HIGHEST_PRICE_MINOR:
        raise Invalid(gross_minor="out_of_range")
    row = PlanPrice(plan=plan, currency=currency, interval=interval, gross_minor=gross_minor)
    row.set_by, row.set_at = actor.reference, clock.now()
    db.session().add(row)
    db.session().flush()
    return row


@use_case
def give_free_period(actor: Actor, account_id: AccountId, *, days: int, reason: str, plan: str = "premium") -> Gift:
    """A plan for all stations of an account and of those below it, for some days. Raises NotFound, Invalid."""
    _staff_or_command(actor)
    reason = reason.strip()
    if not reason or len(reason) > LONGEST_REASON:
        raise Invalid(reason="required" if not reason else "too_long")
    if not 0 < days <= LONGEST_DAYS:
        raise Invalid(days="out_of_range")
    if catalogue().plan(plan) is None:
        raise Invalid(plan="unknown")
    if db.session().get(Account, account_id, with_for_update=True) is None:
        raise NotFound()
    now = clock.now()
    gift = Gift(account_id=account_id, plan=plan, reason=reason, given_by=actor.reference, given_at=now)
    gift.ends_at = now + timedelta(days=days)
    db.session().add(gift)
    refresh(account_id)
    return gift


@use_case
def end_free_period(actor: Actor, gift_id: GiftId) -> Gift:
    """Take a free period back, from now on. Raises NotFound."""
    staff(actor)
    gift = db.session().get(Gift, gift_id, with_for_update=True)
    if gift is None:
        raise NotFound()
    gift.revoked_at = gift.revoked_at or clock.now()
    refresh(gift.account_id)
    return gift


def _staff_or_command(actor: Actor) -> None:
    """Staff, or somebody at the command line of the platform's own machine."""
    if actor.kind is ActorKind.SYSTEM:
        system(actor)
    else:
        staff(actor)
