"""Which plans an account is on."""

from sqlalchemy import select

from accounts.access import Actor, system
from accounts.models import AccountLineage
from accounts.values import AccountId
from kit import clock, db
from kit.use_case import query
from licensing.holdings import open_subscription
from licensing.models import Gift
from licensing.plans import catalogue


@query
def plans_held(actor: Actor, account_id: AccountId) -> frozenset[str]:
    """The plans that the account pays for, tries or was given; those that cost nothing where it has no other."""
    system(actor)
    subscription = open_subscription(account_id)
    above = select(AccountLineage.ancestor_id).where(AccountLineage.account_id == account_id)
    gifts = select(Gift.plan).where(Gift.account_id.in_(above), Gift.revoked_at.is_(None), Gift.ends_at > clock.now())
    found = set(db.session().scalars(gifts))
    if subscription is not None and subscription.state.works:
        found.add(subscription.plan)
    return frozenset(found or {plan.id for plan in catalogue().plans if not plan.prices})
