"""What nobody gets past: nobody gives more than they hold, and an owner always remains."""

from collections import defaultdict
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


def needed_for_ownership(account_ids: Collection[UUID]) -> frozenset[UUID]:
    """The grants that can't be taken back, since nobody could do everything in their account then; none of an account
    where several can for good.
    """
    lasting = Grant.role == Role.OWNER, Grant.ends_at.is_(None), shares.live()
    told = select(Grant.account_id, Grant.id, Grant.user_id, Grant.holder_id)
    found = db.session().execute(told.where(Grant.account_id.in_(account_ids), *lasting)).all()
    behind = select(Grant.account_id, Grant.user_id).where(
        Grant.account_id.in_([row.holder_id for row in found if row.holder_id]), Grant.user_id.is_not(None), *lasting
    )
    owners: dict[UUID, set[tuple[UUID | None, UUID]]] = defaultdict(set)  # of an account: who, and by which grant
    through = defaultdict(list)
    for row in found:
        if row.user_id is not None:
            owners[row.account_id].add((row.user_id, row.id))
        else:
            through[row.holder_id].append(row)
    for holder_id, user_id in db.session().execute(behind):
        for row in through[holder_id]:
            owners[row.account_id].add((user_id, row.id))
    return frozenset(
        row.id for row in found if all(by == row.id or person == row.user_id for person, by in owners[row.account_id])
    )
