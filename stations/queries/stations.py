"""Stations as people see them: one with everything, a page of a list, all of them on a map."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from urllib.parse import quote
from uuid import UUID

from sqlalchemy import ColumnElement, Select, bindparam, func, or_, select

from accounts.access import Actor, allowed, prepared, visible, within
from accounts.models import Account
from accounts.rights import Right
from accounts.values import AccountId
from kit import clock, db
from kit.paging import Page, follows
from kit.use_case import query
from stations.models import Connector, Station, StationCommand
from stations.queries.moves import homes_of
from stations.queries.opening_hours import Opening, opening_of
from stations.queries.states import heard_at, heard_since, shown_state, shows, silent, state_of
from stations.values import SecurityProfile, ShownState, StationId

PAGE_SIZE = 25
RECENT_COMMANDS = 10


@dataclass(frozen=True)
class ConnectorRow:
    """A connector and the state that people see."""

    connector: Connector
    state: ShownState


# of a station, by every row of a list
NEEDED = ("id", "identity", "generated", "security_profile", "name", "last_seen_at", "connected_at")


@dataclass(frozen=True)
class StationRow:
    """A station in a list. `silent`: out of service because it was not heard for too long. `ocpp_path` is where it
    connects, below the platform's own address.
    """

    station: Station
    ocpp_path: str
    account_name: str
    time_zone: str
    connectors: tuple[ConnectorRow, ...]
    silent: bool
    heard_at: datetime | None

    @property
    def connected(self) -> bool:
        """Whether its socket is open."""
        return self.station.connected_at is not None

    def opening(self, connector: Connector) -> Opening | None:
        """How one of its connectors stands in its hours; None: it is always open."""
        return opening_of(connector, self.station, self.time_zone, clock.now())


@dataclass(frozen=True)
class StationPage(StationRow):
    """A station with what its page shows beside the list's facts; the newest commands first."""

    account: Account
    commands: tuple[StationCommand, ...]


@query
def station_list(
    actor: Actor,
    account_id: AccountId | None = None,
    *,
    text: str = "",
    state: ShownState | None = None,
    number: int = 1,
    size: int = PAGE_SIZE,
) -> Page[StationRow]:
    """One page of the stations the actor may see, by name; `text` is looked for in names, places and numbers."""
    now = clock.now()
    return _page(actor, _wanted(account_id, text, state, now), number, size, now)


@query
def stations_after(
    actor: Actor,
    account_id: AccountId | None = None,
    *,
    text: str = "",
    state: ShownState | None = None,
    after: tuple[str, UUID] | None = None,
    limit: int = PAGE_SIZE,
    only: tuple[str, ...] = (),
    connectors_only: tuple[str, ...] = (),
) -> tuple[StationRow, ...]:
    """The same stations without their count: those that follow `after`, the name and id of one. `only`: of stations
    and connectors no more columns than these, and what the rows themselves need.
    """
    now = clock.now()
    found = prepared(actor, Right.VIEW_STATIONS, _by_name, only, limit)
    if wanted := _wanted(account_id, text, state, now):
        found = found.where(*wanted)
    if after is not None:
        found = found.where(follows(Station.name, Station.id, after))
    rows = db.session().execute(found).all()
    return _rows([(station, account) for station, account in rows], now, connectors_only)


@query
def stations_on_map(actor: Actor, account_id: AccountId | None = None, *, most: int = 2000) -> tuple[StationRow, ...]:
    """Every station that has a place, for the map; at most `most`."""
    placed = (Station.latitude_e6.is_not(None), Station.longitude_e6.is_not(None))
    found = _with_account(actor).where(*placed, *_in_account(account_id))
    rows = db.session().execute(found.order_by(Station.id).limit(most)).all()
    return _rows([(station, account) for station, account in rows], clock.now())


@query
def station(actor: Actor, station_id: StationId) -> Station:
    """One station and nothing around it. Raises NotFound, Forbidden."""
    return allowed(actor, Right.VIEW_STATIONS, Station, station_id)


@query
def station_page(actor: Actor, station_id: StationId) -> StationPage:
    """One station with its connectors, account and latest commands. Raises NotFound, Forbidden."""
    station = allowed(actor, Right.VIEW_STATIONS, Station, station_id)
    session = db.session()
    account = session.get(Account, station.account_id)
    assert account is not None, "a station without an account"
    commands = session.scalars(
        select(StationCommand)
        .where(
            StationCommand.station_id == station_id,
            StationCommand.account_id.in_(homes_of(actor, Right.VIEW_STATIONS, station)),
        )
        .order_by(StationCommand.requested_at.desc())
        .limit(RECENT_COMMANDS)
    )
    row = _rows([(station, account)], clock.now())[0]
    return StationPage(**vars(row), account=account, commands=tuple(commands))


@query
def troubled_stations(actor: Actor, account_id: AccountId | None = None, *, size: int = 5) -> Page[StationRow]:
    """Stations that somebody should look at: silent for too long, faulted, or out of service."""
    now = clock.now()
    trouble = or_(shows(ShownState.OUT_OF_SERVICE, now), shows(ShownState.FAULTED, now))
    return _page(actor, [trouble, *_in_account(account_id)], 1, size, now)


@query
def connector_states(actor: Actor, account_id: AccountId | None = None) -> dict[ShownState, int]:
    """How many connectors are in which state, every state included; for the tiles of the dashboard."""
    heard = heard_since(clock.now()).label("heard")
    counted = visible(
        actor,
        Right.VIEW_STATIONS,
        select(heard, Connector.status, func.count())
        .join(Station, Station.id == Connector.station_id)
        .where(Connector.number > 0, *_in_account(account_id))
        .group_by("heard", Connector.status),
        Station,
    )
    counts = dict.fromkeys(ShownState, 0)
    for is_heard, status, count in db.session().execute(counted):
        counts[state_of(status, heard=bool(is_heard))] += count
    return counts


def ocpp_path(station: Station, account: Account) -> str:
    """Where a station connects: the short way by an identity that we made, else by the code of its account."""
    identity = quote(station.identity, safe="")
    short = station.generated and station.security_profile is not SecurityProfile.OPEN
    return f"/ocpp/{identity}" if short else f"/ocpp/{account.code}/{identity}"


def _in_account(account_id: AccountId | None) -> list[ColumnElement[bool]]:
    return [] if account_id is None else [within(Station, account_id)]


def _wanted(
    account_id: AccountId | None, text: str, state: ShownState | None, now: datetime
) -> list[ColumnElement[bool]]:
    wanted = _in_account(account_id)
    if words := text.strip():
        wanted.append(mentions(words))
    if state is not None:
        wanted.append(shows(state, now))
    return wanted


def mentions(words: str) -> ColumnElement[bool]:
    """For a WHERE: the words stand in a station's name, place or identity, or are the number on one of its labels."""
    texts = (Station.name, Station.identity, Station.street, Station.postcode, Station.city)
    by_label = select(Connector.station_id).where(Connector.code == words.replace(" ", ""))
    return or_(*(text.icontains(words, autoescape=True) for text in texts), Station.id.in_(by_label))


def _by_name(actor: Actor, only: tuple[str, ...], limit: int) -> Select[Station, Account]:
    columns = tuple({*only, *NEEDED}) if only else ()
    return _with_account(actor, columns).order_by(func.lower(Station.name), Station.id).limit(limit)


def _with_account(actor: Actor, only: tuple[str, ...] = ()) -> Select[Station, Account]:
    joined = select(db.facts(Station, *only), db.facts(Account, "code", "name", "time_zone")).join(
        Account, Account.id == Station.account_id
    )
    return visible(actor, Right.VIEW_STATIONS, joined, Station)


def _page(
    actor: Actor, wanted: Sequence[ColumnElement[bool]], number: int, size: int, now: datetime
) -> Page[StationRow]:
    session = db.session()
    counted = visible(actor, Right.VIEW_STATIONS, select(func.count()).select_from(Station), Station).where(*wanted)
    total = session.scalar(counted) or 0
    number = max(1, min(number, -(-total // size)))
    found = _with_account(actor).where(*wanted).order_by(func.lower(Station.name), Station.id)
    rows = session.execute(found.limit(size).offset((number - 1) * size)).all()
    return Page(_rows([(station, account) for station, account in rows], now), number, size, total)


@cache
def _connectors(only: tuple[str, ...]) -> Select[Connector]:
    columns = {*only, "id", "station_id", "status"} if only else ()
    found = select(db.facts(Connector, *columns)).where(Connector.number > 0)
    return found.where(Connector.station_id.in_(bindparam("stations", expanding=True))).order_by(Connector.number)


def _rows(
    found: Sequence[tuple[Station, Account]], now: datetime, only: tuple[str, ...] = ()
) -> tuple[StationRow, ...]:
    """The stations with their connectors, which take one statement for all."""
    connectors: dict[UUID, list[Connector]] = {station.id: [] for station, _ in found}
    for connector in db.rows(_connectors(only), {"stations": list(connectors)}):
        connectors[connector.station_id].append(connector)
    return tuple(
        StationRow(
            station=station,
            ocpp_path=ocpp_path(station, account),
            account_name=account.name,
            time_zone=account.time_zone,
            connectors=tuple(
                ConnectorRow(connector, shown_state(connector, station, now)) for connector in connectors[station.id]
            ),
            silent=silent(station, now),
            heard_at=heard_at(station),
        )
        for station, account in found
    )
