"""Roles and groups of stations that an account made itself."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select

from accounts.access import Actor, allowed, allowed_in
from accounts.models import OwnRole, OwnRoleRight, StationGroup, StationGroupMember
from accounts.rights import Right
from accounts.values import AccountId, OwnRoleId, StationGroupId
from kit import db
from kit.use_case import query


@dataclass(frozen=True)
class ComposedRole:
    """A role that an account put together itself."""

    id: OwnRoleId
    account_id: UUID
    name: str
    rights: frozenset[Right]


@dataclass(frozen=True)
class GroupOfStations:
    """A group and how many stations are in it."""

    id: StationGroupId
    account_id: UUID
    name: str
    stations: int


@query
def own_roles(actor: Actor, account_id: AccountId) -> list[ComposedRole]:
    """The account's own roles by name."""
    allowed_in(actor, Right.MANAGE_PEOPLE, account_id)
    there = OwnRole.account_id == account_id, OwnRole.removed_at.is_(None)
    joined = select(OwnRole, OwnRoleRight.right).join(OwnRoleRight, OwnRoleRight.own_role_id == OwnRole.id)
    found: dict[UUID, ComposedRole] = {}
    for row, right in db.session().execute(joined.where(*there).order_by(OwnRole.name, OwnRole.id)):
        rights = found[row.id].rights if row.id in found else frozenset()
        found[row.id] = ComposedRole(OwnRoleId(row.id), row.account_id, row.name, rights | {right})
    return list(found.values())


@query
def own_role(actor: Actor, own_role_id: OwnRoleId) -> ComposedRole:
    """One of them. Raises NotFound."""
    row = allowed(actor, Right.MANAGE_PEOPLE, OwnRole, own_role_id)
    rights = db.session().scalars(select(OwnRoleRight.right).where(OwnRoleRight.own_role_id == row.id))
    return ComposedRole(own_role_id, row.account_id, row.name, frozenset(rights))


@query
def station_groups(actor: Actor, account_id: AccountId) -> list[GroupOfStations]:
    """The account's groups by name."""
    allowed_in(actor, Right.MANAGE_PEOPLE, account_id)
    counted = (
        select(StationGroup, func.count(StationGroupMember.station_id))
        .outerjoin(StationGroupMember, StationGroupMember.group_id == StationGroup.id)
        .where(StationGroup.account_id == account_id, StationGroup.removed_at.is_(None))
        .group_by(StationGroup.id)
        .order_by(StationGroup.name, StationGroup.id)
    )
    rows = db.session().execute(counted)
    return [GroupOfStations(StationGroupId(row.id), row.account_id, row.name, count) for row, count in rows]


@query
def station_group(actor: Actor, group_id: StationGroupId) -> StationGroup:
    """One group. Raises NotFound, Forbidden."""
    return allowed(actor, Right.MANAGE_PEOPLE, StationGroup, group_id)
