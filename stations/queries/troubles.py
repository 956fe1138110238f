"""What ails stations, as people see it and as letters tell it."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select

from accounts.access import Actor, allowed, system, visible, within
from accounts.models import Account, StationGroupMember
from accounts.queries import Person, people
from accounts.rights import Right
from accounts.values import AccountId
from kit import db
from kit.use_case import query
from stations.models import Station, StationTrouble
from stations.values import StationId

MOST = 500
_LOOKS_AFTER = Right.COMMAND_STATIONS


@dataclass(frozen=True)
class TroubleRow:
    """A trouble with the names around it."""

    trouble: StationTrouble
    station_name: str
    time_zone: str


@dataclass(frozen=True)
class TroubleLetter:
    """What people of an account are told: by person (id, address), what ails the stations that each looks after."""

    account: Account
    told: Mapping[tuple[UUID, str], list[TroubleRow]]


@query
def station_troubles(
    actor: Actor, *, account_id: AccountId | None = None, station_id: StationId | None = None
) -> list[TroubleRow]:
    """What ails stations now, the newest first, at most 500. Raises NotFound, Forbidden for a station."""
    conditions: list[ColumnElement[bool]] = [StationTrouble.over_at.is_(None)]
    if station_id is not None:
        allowed(actor, Right.VIEW_STATIONS, Station, station_id)
        conditions.append(StationTrouble.station_id == station_id)
    if account_id is not None:
        conditions.append(within(StationTrouble, account_id))
    found = (
        select(StationTrouble, Station.name, Account.time_zone)
        .join(Station, Station.id == StationTrouble.station_id)
        .join(Account, Account.id == StationTrouble.account_id)
        .where(*conditions)
        .order_by(StationTrouble.id.desc())
        .limit(MOST)
    )
    rows = db.session().execute(visible(actor, Right.VIEW_STATIONS, found, StationTrouble))
    return [TroubleRow(trouble, name, zone) for trouble, name, zone in rows]


@query
def trouble_letter(actor: Actor, account_id: AccountId, began_at: datetime) -> TroubleLetter:
    """Who is told of the stations that came into trouble at this instant, and last in it: who may give them orders."""
    system(actor)
    account = db.session().get_one(Account, account_id)
    new = [
        one
        for one in station_troubles(actor, account_id=account_id)
        if one.trouble.account_id == account_id and one.trouble.began_at == began_at
    ]
    told: dict[tuple[UUID, str], list[TroubleRow]] = defaultdict(list)
    for person in people(actor, account_id):
        if person.confirmed and _LOOKS_AFTER in person.rights:
            mine, hers = _of(person), told[person.user_id, person.email]
            hers += [one for one in new if one not in hers and (mine is None or one.trouble.station_id in mine)]
    return TroubleLetter(account, {whom: rows for whom, rows in told.items() if rows})


def _of(person: Person) -> set[UUID] | None:
    """The stations that a role is limited to; None: to none."""
    if person.group_id is not None:
        members = select(StationGroupMember.station_id).where(StationGroupMember.group_id == person.group_id)
        return set(db.session().scalars(members))
    return None if person.station_id is None else {person.station_id}
