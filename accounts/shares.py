"""What an actor holds on an account: a ready role on the whole of it, or a share with chosen rights and a scope.

Rights reach an account in one step only: by a grant to the person, or by a grant to an account where the person holds
something (`mandates`), and then no further than both.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from accounts.models import Grant, OwnRoleRight, StationGroupMember
from accounts.rights import ROLE_RIGHTS, Right, Role
from kit import db

NOTHING: frozenset[Right] = frozenset()
EVERYTHING = frozenset(Right)
_MANDATES, _MEMBERS = "mandates", "group_members"


@dataclass(frozen=True)
class Share:
    """These rights on an account; on one station or one group of it only where that is named.

    `via`: the actor holds it through this account, which was given it, or which lets him look at itself; it reaches
    nothing but the account.
    """

    rights: frozenset[Right]
    station_id: UUID | None = None
    group_id: UUID | None = None
    via: UUID | None = None

    @property
    def whole(self) -> bool:
        """Whether it covers the whole account."""
        return self.station_id is None and self.group_id is None

    def covers(self, station_id: UUID | None) -> bool:
        """Whether something that hangs on this station is within the scope."""
        if self.whole:
            return True
        if self.group_id is not None:
            return station_id in _members(self.group_id)
        return station_id == self.station_id


Held = Role | Share


def share(held: Held) -> Share:
    """A ready role as the share that it is: of the whole account."""
    return Share(ROLE_RIGHTS[held]) if isinstance(held, Role) else held


def rights_of(held: Held) -> frozenset[Right]:
    """The rights in it, wherever they count."""
    return ROLE_RIGHTS[held] if isinstance(held, Role) else held.rights


def limited(held: Held, rights: Collection[Right]) -> Share:
    """The same without the rights that were not chosen."""
    known = share(held)
    return replace(known, rights=known.rights.intersection(rights))


def held_by(grant: Grant, own: dict[UUID, frozenset[Right]], *, via: UUID | None = None) -> Held:
    """What a grant gives. A ready role on the whole account stands for itself."""
    if grant.role is not None and grant.station_id is None and grant.group_id is None and via is None:
        return grant.role
    rights = own.get(grant.own_role_id, NOTHING) if grant.own_role_id else ROLE_RIGHTS[grant.role or Role.VIEWER]
    return Share(rights, grant.station_id, grant.group_id, via)


def own_rights(grants: Iterable[Grant]) -> dict[UUID, frozenset[Right]]:
    """The rights of the own roles in these grants; no statement where there are none."""
    wanted = {grant.own_role_id for grant in grants if grant.own_role_id is not None}
    found: dict[UUID, frozenset[Right]] = dict.fromkeys(wanted, NOTHING)
    if wanted:
        for row in db.session().scalars(select(OwnRoleRight).where(OwnRoleRight.own_role_id.in_(wanted))):
            found[row.own_role_id] |= {row.right}
    return found


def rights_of_own(own_role_id: UUID) -> frozenset[Right]:
    """The rights that an account put into one of its own roles."""
    return frozenset(db.session().scalars(select(OwnRoleRight.right).where(OwnRoleRight.own_role_id == own_role_id)))


def live(grant: Any = Grant) -> ColumnElement[bool]:
    """For a WHERE: the grant counts now."""
    return and_(grant.revoked_at.is_(None), or_(grant.ends_at.is_(None), grant.ends_at > db.present()))


def whole(grant: Any = Grant) -> ColumnElement[bool]:
    """For a WHERE: the grant covers the whole account."""
    return and_(grant.station_id.is_(None), grant.group_id.is_(None))


def mandated(holders: Collection[UUID], right: Right) -> Any:
    """For an IN: the accounts that gave one of these accounts the right on the whole of them."""
    roles = [role for role in Role if right in ROLE_RIGHTS[role]]
    own = select(OwnRoleRight.own_role_id).where(OwnRoleRight.right == right)
    gives = or_(Grant.role.in_(roles), Grant.own_role_id.in_(own))
    return select(Grant.account_id).where(Grant.holder_id.in_(holders), gives, live(), whole())


Mandates = Sequence[tuple[UUID, frozenset[Right]]]


def mandates(account_id: UUID) -> Mandates:
    """Which accounts were given something on the whole of this one, and what. One statement per transaction."""
    kept: dict[UUID, Mandates] = db.session().info.setdefault(_MANDATES, {})
    if account_id not in kept:
        kept[account_id] = [(holder, rights) for _, holder, rights in _given(Grant.account_id == account_id)]
    return kept[account_id]


def read_mandates(account_ids: Collection[UUID]) -> None:
    """Read ahead what `mandates` will be asked of these accounts. One statement."""
    kept: dict[UUID, Mandates] = db.session().info.setdefault(_MANDATES, {})
    new = set(account_ids).difference(kept)
    found: dict[UUID, list[tuple[UUID, frozenset[Right]]]] = {one: [] for one in new}
    for account_id, holder, rights in _given(Grant.account_id.in_(new)):
        found[account_id].append((holder, rights))
    kept.update(found)


def mandates_of(holders: Collection[UUID]) -> Sequence[tuple[UUID, UUID, frozenset[Right]]]:
    """Where these accounts were given something on the whole of an account: there, to whom, and what."""
    return _given(Grant.holder_id.in_(holders))


def _given(condition: ColumnElement[bool]) -> list[tuple[UUID, UUID, frozenset[Right]]]:
    given = select(db.facts(Grant)).where(condition, Grant.holder_id.is_not(None), live(), whole())
    rows: list[Grant] = list(db.session().scalars(given))
    own = own_rights(rows)
    return [(row.account_id, row.holder_id, rights_of(held_by(row, own))) for row in rows if row.holder_id is not None]


def forget() -> None:
    """Grants or groups changed in this transaction: look again."""
    db.session().info.pop(_MANDATES, None)
    db.session().info.pop(_MEMBERS, None)


def within_shares(shares: Collection[Share], station: InstrumentedAttribute[UUID] | Any) -> ColumnElement[bool]:
    """For a WHERE: the station is within one of these scopes."""
    stations = [one.station_id for one in shares if one.station_id is not None]
    groups = [one.group_id for one in shares if one.group_id is not None]
    members = select(StationGroupMember.station_id).where(StationGroupMember.group_id.in_(groups))
    return or_(*([station.in_(stations)] if stations else []), *([station.in_(members)] if groups else []))


def _members(group_id: UUID) -> frozenset[UUID]:
    kept: dict[UUID, frozenset[UUID]] = db.session().info.setdefault(_MEMBERS, {})
    if group_id not in kept:
        found = select(StationGroupMember.station_id).where(StationGroupMember.group_id == group_id)
        kept[group_id] = frozenset(db.session().scalars(found))
    return kept[group_id]
