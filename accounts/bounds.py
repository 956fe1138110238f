"""What nobody gets past: nobody gives more than they hold, and an owner always remains."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import or_, select

from accounts import access, shares
from accounts.access import Actor
from accounts.errors import LastOwner, MoreThanOneHolds
from accounts.models import Grant
from accounts.rights import ROLE_RIGHTS, Right, Role
from accounts.values import AccountId
from kit import db


def must_hold(actor: Actor, role: Role, account_id: AccountId) -> None:
    """Refuse a role with rights that the actor lacks here."""
    must_hold_rights(actor, ROLE_RIGHTS[role], account_id)


def must_hold_rights(actor: Actor, rights: Collection[Right], account_id: UUID) -> None:
    """Refuse rights that the actor lacks in the whole account."""
    lacking = set(rights) - access.rights_in(actor, account_id)
    if lacking:
        raise MoreThanOneHolds(", ".join(sorted(right.value for right in lacking)))


def must_have_owner(account_id: UUID, *, without: Grant | None = None) -> None:
    """Somebody must be able to do everything in the account for good: an owner of its own, or one of an account that it
    gave its ownership to. `without`: nobody who can do so by this grant counts. Raises LastOwner.
    """
    lasting = [Grant.role == Role.OWNER, Grant.ends_at.is_(None), shares.live()]
    if without is not None:
        lasting.append(Grant.id != without.id)
    holders = select(Grant.holder_id).where(Grant.account_id == account_id, Grant.holder_id.is_not(None), *lasting)
    people = select(Grant.user_id).where(
        Grant.user_id.is_not(None), or_(Grant.account_id == account_id, Grant.account_id.in_(holders)), *lasting
    )
    if without is not None and without.user_id is not None:
        people = people.where(Grant.user_id != without.user_id)
    if db.session().scalar(people.limit(1)) is None:
        raise LastOwner()


def needed_for_ownership(account_id: UUID) -> frozenset[UUID]:
    """The grants that can't be taken back, since nobody could do everything in the account then; none where several can
    for good.
    """
    lasting = Grant.role == Role.OWNER, Grant.ends_at.is_(None), shares.live()
    found = db.session().execute(
        select(Grant.id, Grant.user_id, Grant.holder_id).where(Grant.account_id == account_id, *lasting)
    )
    ways = {grant_id: (user_id, holder_id) for grant_id, user_id, holder_id in found}
    behind = select(Grant.account_id, Grant.user_id).where(
        Grant.account_id.in_([holder for _, holder in ways.values() if holder]), Grant.user_id.is_not(None), *lasting
    )
    owners: set[tuple[UUID | None, UUID]] = {
        (user_id, grant_id) for grant_id, (user_id, _) in ways.items() if user_id is not None
    }
    for account, user_id in db.session().execute(behind):
        owners |= {(user_id, grant_id) for grant_id, (_, holder_id) in ways.items() if holder_id == account}
    return frozenset(
        grant_id
        for grant_id, (user_id, _) in ways.items()
        if all(by == grant_id or person == user_id for person, by in owners)
    )
