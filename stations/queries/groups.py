"""Stations as rights speak of them: by group, and by name."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from accounts.access import Actor, allowed, visible, within
from accounts.models import Account, StationGroup, StationGroupMember
from accounts.rights import Right
from accounts.values import AccountId, StationGroupId
from kit import db
from kit.use_case import query
from stations.models import Station
from stations.values import StationId

MOST = 5_000


@dataclass(frozen=True)
class NamedStation:
    """A station to choose, whose it is, and whether it was chosen."""

    id: StationId
    name: str
    account: str
    chosen: bool = False


@query
def stations_to_choose(actor: Actor, account_id: AccountId) -> list[NamedStation]:
    """The stations of an account and of those below it, by account and name."""
    return _named(actor, account_id, frozenset())


@query
def stations_of_group(actor: Actor, group_id: StationGroupId) -> list[NamedStation]:
    """All that could be in the group; `chosen` are those that are."""
    group = allowed(actor, Right.MANAGE_PEOPLE, StationGroup, group_id)
    members = select(StationGroupMember.station_id).where(StationGroupMember.group_id == group.id)
    return _named(actor, AccountId(group.account_id), frozenset(db.session().scalars(members)))


@query
def station_names(actor: Actor, station_ids: Collection[UUID]) -> dict[UUID, str]:
    """What the stations are called; those that the actor may not see are left out."""
    named = select(Station.id, Station.name).where(Station.id.in_(station_ids))
    rows = db.session().execute(visible(actor, Right.VIEW_STATIONS, named, Station))
    return dict(iter(rows))


def _named(actor: Actor, account_id: AccountId, chosen: Collection[UUID]) -> list[NamedStation]:
    joined = (
        select(Station.id, Station.name, Account.name)
        .join(Account, Account.id == Station.account_id)
        .where(within(Station, account_id))
        .order_by(Account.name, Station.name, Station.id)
        .limit(MOST)
    )
    rows = db.session().execute(visible(actor, Right.VIEW_STATIONS, joined, Station))
    return [NamedStation(StationId(one), name, account, one in chosen) for one, name, account in rows]
