"""Who may do what, why, since when and until when: for whoever manages people, on both sides of a grant."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import aliased

from accounts import access, shares
from accounts.access import Actor, ActorKind, allowed_in
from accounts.bounds import needed_for_ownership
from accounts.models import Account, ApiToken, Grant, OwnRole, StationGroup, User
from accounts.queries.people import names_of
from accounts.rights import ROLE_RIGHTS, Right, Role
from accounts.shares import live
from accounts.values import AccountId
from kit import clock, db
from kit.errors import NotFound
from kit.paging import follows
from kit.use_case import query

LONGEST_LOG = 200
_holder = aliased(Account)


class GrantState(Enum):
    """Whether a grant counts."""

    LIVE = "live"
    ENDED = "ended"
    REVOKED = "revoked"


@dataclass(frozen=True)
class GivenRole:
    """A grant as people read it. `who` is the person or the company that it was given to; `by` and `revoked_by` are the
    names of those who did it, or nothing where nobody in particular did. `needed`: it can't be taken back, as nobody
    else owns the account; told where an account looks at what it gave, and a person at what is theirs.
    """

    grant_id: UUID
    account_id: UUID
    account: str
    user_id: UUID | None
    holder_id: UUID | None
    who: str
    email: str | None
    role: Role | None
    own_role: str | None
    rights: frozenset[Right]
    station_id: UUID | None
    group_id: UUID | None
    group: str | None
    by: str | None
    granted_at: datetime
    ends_at: datetime | None
    last_used_at: datetime | None
    revoked_by: str | None
    revoked_at: datetime | None
    needed: bool = False

    @property
    def state(self) -> GrantState:
        """Whether it counts now."""
        if self.revoked_at is not None:
            return GrantState.REVOKED
        return GrantState.ENDED if self.ends_at is not None and self.ends_at <= clock.now() else GrantState.LIVE


@dataclass(frozen=True)
class Way:
    """How somebody comes to do something in an account: by a role there or, with `through`, by one in another account
    that was given a role there. A program comes by a key.
    """

    who: str
    user_id: UUID | None
    token_id: UUID | None
    rights: frozenset[Right]
    role: GivenRole | None
    through: GivenRole | None
    key: str | None


@query
def roles_given(actor: Actor, account_id: AccountId) -> list[GivenRole]:
    """What counts in this account now, companies first, for the regular look at who still needs what."""
    allowed_in(actor, Right.MANAGE_PEOPLE, account_id)
    found = _with_needed(_given(Grant.account_id == account_id, live()))
    return sorted(found, key=lambda one: (one.user_id is not None, one.who.casefold()))


@query
def roles_held(
    actor: Actor, account_id: AccountId, *, after: tuple[str, UUID] | None = None, limit: int | None = None
) -> list[GivenRole]:
    """What other accounts gave this one, by their names. `after`: name and grant with which the page before ended."""
    allowed_in(actor, Right.MANAGE_PEOPLE, account_id)
    wanted = [Grant.holder_id == account_id, live()]
    if after is not None:
        wanted.append(follows(Account.name, Grant.id, after))
    return _given(*wanted, limit=limit, order=(func.lower(Account.name), Grant.id))


@query
def role_log(
    actor: Actor, account_id: AccountId, *, before: UUID | None = None, limit: int = LONGEST_LOG
) -> list[GivenRole]:
    """Everything that this account gave or was given, also what has ended; the newest first. `before`: the last one of
    the page before.
    """
    allowed_in(actor, Right.MANAGE_PEOPLE, account_id)
    wanted = or_(Grant.account_id == account_id, Grant.holder_id == account_id)
    return _given(wanted, *([] if before is None else [Grant.id < before]), limit=limit)


@query
def my_roles(actor: Actor) -> list[GivenRole]:
    """What the signed-in person was given anywhere."""
    if actor.kind is not ActorKind.USER or actor.id is None:
        raise NotFound()
    access.oneself(actor, ActorKind.USER, actor.id)
    return _with_needed(_given(Grant.user_id == actor.id, live()))


@query
def ways(actor: Actor, account_id: AccountId, *, right: Right | None = None, user_id: UUID | None = None) -> list[Way]:
    """Who can do this in the account, and why; or what one person can do, and why. Keys of programs included."""
    if user_id is None or actor.id != user_id:
        allowed_in(actor, Right.MANAGE_PEOPLE, account_id)
    else:
        allowed_in(actor, Right.VIEW_ACCOUNT, account_id)
    told = _given(Grant.account_id == account_id, live())
    mandates = [one for one in told if one.holder_id is not None]
    found = [_way(one, None) for one in told if one.user_id is not None]
    holders = {one.holder_id for one in mandates}
    people = _given(Grant.account_id.in_(holders), Grant.user_id.is_not(None), live()) if holders else []
    found += [_way(own, mandate) for mandate in mandates for own in people if _combine(own, mandate)]
    if user_id is None:
        found += _keys(account_id, mandates)
    wanted = [way for way in found if (right is None or right in way.rights) and way.rights]
    return [way for way in wanted if user_id is None or way.user_id == user_id]


def _combine(own: GivenRole, mandate: GivenRole) -> bool:
    scoped = mandate.station_id is not None or mandate.group_id is not None
    narrow = own.station_id is not None or own.group_id is not None
    return own.account_id == mandate.holder_id and not (scoped and narrow)


def _way(own: GivenRole, mandate: GivenRole | None) -> Way:
    rights = own.rights if mandate is None else own.rights & mandate.rights
    return Way(own.who, own.user_id, None, rights, own, mandate, None)


def _keys(account_id: UUID, mandates: Sequence[GivenRole]) -> list[Way]:
    where = {account_id, *(one.holder_id for one in mandates)}
    working = select(ApiToken).where(ApiToken.account_id.in_(where), ApiToken.revoked_at.is_(None))
    found = []
    for token in db.session().scalars(working.order_by(ApiToken.name)):
        rights = ROLE_RIGHTS[token.role] if token.rights is None else frozenset(map(Right, token.rights))
        through = [None] if token.account_id == account_id else [m for m in mandates if m.holder_id == token.account_id]
        for mandate in through:
            narrowed = rights if mandate is None else rights & mandate.rights
            found.append(Way(token.name, None, token.id, narrowed, None, mandate, token.name))
    return found


def _with_needed(told: Sequence[GivenRole]) -> list[GivenRole]:
    needed = needed_for_ownership({one.account_id for one in told if one.role is Role.OWNER})
    return [replace(one, needed=one.grant_id in needed) for one in told]


def _given(
    *conditions: ColumnElement[bool], limit: int | None = None, order: Sequence[Any] = (Grant.id.desc(),)
) -> list[GivenRole]:
    joined = (
        select(Grant, Account.name, User, _holder.name, OwnRole.name, StationGroup.name)
        .join(Account, Account.id == Grant.account_id)
        .outerjoin(User, User.id == Grant.user_id)
        .outerjoin(_holder, _holder.id == Grant.holder_id)
        .outerjoin(OwnRole, OwnRole.id == Grant.own_role_id)
        .outerjoin(StationGroup, StationGroup.id == Grant.group_id)
        .where(*conditions)
        .order_by(*order)
        .limit(limit)
    )
    rows: list[tuple[Any, ...]] = [tuple(row) for row in db.session().execute(joined)]
    own = shares.own_rights(row[0] for row in rows)
    names = _names(row[0] for row in rows)
    return [_as_read(row, own, names) for row in rows]


def _as_read(row: tuple[Any, ...], own: dict[UUID, frozenset[Right]], names: dict[str, str]) -> GivenRole:
    grant, account, user, holder, own_role, group = row
    return GivenRole(
        grant_id=grant.id,
        account_id=grant.account_id,
        account=account,
        user_id=grant.user_id,
        holder_id=grant.holder_id,
        who=(user.name or user.email) if user is not None else holder,
        email=user.email if user is not None else None,
        role=grant.role,
        own_role=own_role,
        rights=ROLE_RIGHTS[grant.role] if grant.role is not None else own[grant.own_role_id],
        station_id=grant.station_id,
        group_id=grant.group_id,
        group=group,
        by=names.get(grant.granted_by),
        granted_at=grant.granted_at,
        ends_at=grant.ends_at,
        last_used_at=grant.last_used_at,
        revoked_by=names.get(grant.revoked_by or ""),
        revoked_at=grant.revoked_at,
    )


def _names(grants: Iterable[Grant]) -> dict[str, str]:
    references = {one for grant in grants for one in (grant.granted_by, grant.revoked_by) if one}
    return names_of(access.SYSTEM, references)
