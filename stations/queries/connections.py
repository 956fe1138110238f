"""Connections of a station as people see them: what is open now, how it came, and how it went lately."""

from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVarTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, func, literal, select
from sqlalchemy.orm import aliased

from accounts.access import Actor, allowed, visible, within
from accounts.models import Account
from accounts.rights import Right
from accounts.values import AccountId
from kit import clock, db
from kit.paging import Page, follows
from kit.use_case import query
from stations.models import Station, StationConnection
from stations.queries.moves import homes_of
from stations.values import FLAPS_FROM, FLAPS_WITHIN, ConnectionId, Ending, StationId, Transport

Ts = TypeVarTuple("Ts")
REFUSALS = [ending for ending in Ending if ending.refused]
REFUSED_WITHIN = timedelta(days=7)
PAGE_SIZE = 50


@dataclass(frozen=True)
class ConnectionHealth:
    """How a station's connection does. `latest` is the newest one that was let in, open or not; `recent` counts those
    of the last ten minutes, `refused` the tries of the last day that were not let in.
    """

    latest: StationConnection | None
    recent: int
    refused: int

    @property
    def open(self) -> bool:
        """Whether it is connected now."""
        return self.latest is not None and self.latest.closed_at is None

    @property
    def flapping(self) -> bool:
        """Whether it connects again and again."""
        return self.recent >= FLAPS_FROM

    @property
    def transport(self) -> Transport:
        """How its messages travel, or did last."""
        return Transport.NEVER if self.latest is None else self.latest.transport


@dataclass(frozen=True)
class StationTransport:
    """How the messages of a station travel: its newest connection that was let in, open or not."""

    station: Station
    account_name: str
    time_zone: str
    latest: StationConnection | None
    transport: Transport


@dataclass(frozen=True)
class TransportReport:
    """How stations come: a page of them, how many there are of each kind, and how many tries of theirs were refused
    lately, by reason.
    """

    page: Page[StationTransport]
    counts: dict[Transport, int]
    refusals: dict[Ending, int]


_LET_IN = StationConnection.ending.is_(None) | StationConnection.ending.not_in(REFUSALS)
_LATEST = (
    select(StationConnection.id)
    .where(StationConnection.station_id == Station.id, _LET_IN)
    .order_by(StationConnection.id.desc())
    .limit(1)
    .scalar_subquery()
)
_latest = aliased(StationConnection)
_kind: ColumnElement[Transport] = case(
    (_latest.id.is_(None), literal(Transport.NEVER, db.words(Transport))),
    else_=_latest.transport,
)


@query
def connection_health(actor: Actor, station_id: StationId) -> ConnectionHealth:
    """How the station's connection does. Raises NotFound, Forbidden."""
    station = allowed(actor, Right.VIEW_STATIONS, Station, station_id)
    now, session = clock.now(), db.session()
    of_it = (
        StationConnection.station_id == station_id,
        StationConnection.account_id.in_(homes_of(actor, Right.VIEW_STATIONS, station)),
    )
    mine = select(StationConnection).where(*of_it)
    latest = session.scalars(mine.where(_LET_IN).order_by(StationConnection.id.desc()).limit(1)).one_or_none()
    count = select(func.count()).where(*of_it)
    recent = count.where(StationConnection.opened_at > now - FLAPS_WITHIN, _LET_IN)
    lately = StationConnection.opened_at > now - timedelta(days=1)
    refused = count.where(lately, StationConnection.ending.in_(REFUSALS))
    return ConnectionHealth(latest, session.scalar(recent) or 0, session.scalar(refused) or 0)


@query
def connections(
    actor: Actor, station_id: StationId, *, before: ConnectionId | None = None, limit: int = 25
) -> list[StationConnection]:
    """The newest connections and refused tries of a station; the next page starts `before` the last of this one.

    Raises NotFound, Forbidden.
    """
    station = allowed(actor, Right.VIEW_STATIONS, Station, station_id)
    found = select(StationConnection).where(
        StationConnection.station_id == station_id,
        StationConnection.account_id.in_(homes_of(actor, Right.VIEW_STATIONS, station)),
    )
    if before is not None:
        found = found.where(StationConnection.id < before)
    return list(db.session().scalars(found.order_by(StationConnection.id.desc()).limit(limit)))


@query
def transport_report(
    actor: Actor,
    account_id: AccountId | None = None,
    *,
    transport: Transport | None = None,
    number: int = 1,
    size: int = PAGE_SIZE,
    after: tuple[str, UUID] | None = None,
) -> TransportReport:
    """How the stations that the actor may see come, by name; `transport`: only those of one kind; instead of a page's
    `number`, `after`: the name and id of the last one known.
    """
    session = db.session()
    kinds = _seen(actor, account_id, select(_kind.label("way"), func.count()).select_from(Station)).group_by("way")
    counts: dict[Transport, int] = dict(session.execute(kinds).all())
    wanted = _seen(actor, account_id, select(Station, Account, _latest, _kind).join(Account))
    if transport is not None:
        wanted = wanted.where(_kind == transport)
    total = sum(counts.values()) if transport is None else counts.get(transport, 0)
    number = min(max(1, number), max(1, -(-total // size)))
    if after is not None:
        wanted = wanted.where(follows(Station.name, Station.id, after))
    skipped = 0 if after is not None else (number - 1) * size
    by_name = (func.lower(Station.name), Station.id)
    rows = session.execute(wanted.order_by(*by_name).limit(size).offset(skipped))
    found = tuple(
        StationTransport(station, account.name, account.time_zone, latest, kind)
        for station, account, latest, kind in rows
    )
    lately = StationConnection.opened_at > clock.now() - REFUSED_WITHIN
    tries = select(StationConnection.ending, func.count()).join(Station, Station.id == StationConnection.station_id)
    tries = visible(actor, Right.VIEW_STATIONS, tries, Station).where(lately, StationConnection.ending.in_(REFUSALS))
    if account_id is not None:
        tries = tries.where(within(Station, account_id))
    refusals = {ending: count for ending, count in session.execute(tries.group_by(StationConnection.ending)) if ending}
    return TransportReport(Page(found, number, size, total), counts, refusals)


def _seen(actor: Actor, account_id: AccountId | None, wanted: Select[*Ts]) -> Select[*Ts]:
    wanted = visible(actor, Right.VIEW_STATIONS, wanted.outerjoin(_latest, _latest.id == _LATEST), Station)
    return wanted if account_id is None else wanted.where(within(Station, account_id))
