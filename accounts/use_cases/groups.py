"""Groups of stations, as far as rights are concerned: whoever changes one changes who may do what."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import delete, select

from accounts import shares
from accounts.access import Actor, allowed
from accounts.bounds import must_hold_rights
from accounts.models import Account, Grant, StationGroup, StationGroupMember
from accounts.rights import Right
from accounts.use_cases.grants import tell_grantees, terms_rights
from accounts.values import AccountId, StationGroupId
from kit import clock, db
from kit.errors import Conflict, Invalid
from kit.ids import new_id
from kit.use_case import use_case

LONGEST_NAME = 60


@use_case
def create_station_group(actor: Actor, account_id: AccountId, *, name: str) -> StationGroup:
    """A group without stations yet. Raises Invalid."""
    allowed(actor, Right.MANAGE_PEOPLE, Account, account_id, lock=True)
    group = StationGroup(id=new_id(), account_id=account_id, name="", created_at=clock.now())
    group.name = _judged_name(group, name)
    db.session().add(group)
    return group


@use_case
def rename_station_group(actor: Actor, group_id: StationGroupId, *, name: str) -> StationGroup:
    """Another name. Raises Invalid."""
    group = allowed(actor, Right.MANAGE_PEOPLE, StationGroup, group_id, lock=True)
    group.name = _judged_name(group, name)
    return group


@use_case
def remove_station_group(actor: Actor, group_id: StationGroupId) -> None:
    """Dissolve a group. Raises Conflict("in_use") while a role counts on it."""
    group = allowed(actor, Right.MANAGE_PEOPLE, StationGroup, group_id, lock=True)
    if _grants_on(group.id):
        raise Conflict("in_use")
    group.removed_at = group.removed_at or clock.now()


@use_case
def store_group_stations(actor: Actor, group_id: StationGroupId, *, station_ids: Collection[UUID]) -> StationGroup:
    """The stations of a group are these; go by `stations.use_cases.group_stations`, which knows whose they are.

    Nobody brings stations under a role with more rights than they hold. Raises MoreThanOneHolds.
    """
    group = allowed(actor, Right.MANAGE_PEOPLE, StationGroup, group_id, lock=True)
    grants = _grants_on(group.id)
    for grant in grants:
        must_hold_rights(actor, terms_rights(grant), group.account_id)
    session = db.session()
    session.execute(delete(StationGroupMember).where(StationGroupMember.group_id == group.id))
    session.add_all(StationGroupMember(group_id=group.id, station_id=one) for one in set(station_ids))
    session.flush()
    shares.forget()
    for grant in grants:
        tell_grantees(grant)
    return group


def _grants_on(group_id: UUID) -> list[Grant]:
    return list(db.session().scalars(select(Grant).where(Grant.group_id == group_id, shares.live())))


def _judged_name(group: StationGroup, text: str) -> str:
    name = " ".join(text.split())
    if not name or len(name) > LONGEST_NAME:
        raise Invalid(name="too_long" if name else "required")
    same = (
        StationGroup.account_id == group.account_id,
        StationGroup.name == name,
        StationGroup.removed_at.is_(None),
        StationGroup.id != group.id,
    )
    if db.session().scalar(select(StationGroup.id).where(*same)) is not None:
        raise Invalid(name="taken")
    return name
