"""Deeds on the chargers' path: connected, booted, said its status. Statements in batches, no ORM objects.

The actor is the station that proved its identity at connect; every statement is bound to its own id.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

from sqlalchemy import Column, ColumnElement, String, Table, bindparam, func, literal_column, or_, update

from accounts.access import Actor, ActorKind
from kit import clock, db, upsert
from kit.events import record
from kit.ids import new_id
from kit.notes import tell, tell_line
from kit.use_case import hot_use_case
from stations.events import PasswordDue
from stations.models import Connector, Station
from stations.queries.sockets import StationFacts, clock_of, connector_row, station_facts
from stations.quirks import Quirks, matching, quirks_of
from stations.station_clock import FIRST_PLAUSIBLE, LAST_PLAUSIBLE, NO_ZONE
from stations.values import NEW_SOCKETS, ConnectorStatus, PlugType

HIGHEST_NUMBER = 99

HISTORY_AFTER = timedelta(minutes=10)
LEAST_POWER_W = 500  # less may be the charger's own
STARTED, STOPPED = "StartTransaction", "StopTransaction"  # in the place of a word: the state follows from these
_OVERRULED = [
    ConnectorStatus.AVAILABLE,
    ConnectorStatus.PREPARING,
    ConnectorStatus.SUSPENDED_EVSE,
    ConnectorStatus.SUSPENDED_EV,
    ConnectorStatus.FINISHING,
]

_stations: Table = db.Base.metadata.tables[Station.__tablename__]
_connectors: Table = db.Base.metadata.tables[Connector.__tablename__]


def _said_or_known(column: Column[str]) -> ColumnElement[str]:
    """What a charger says of itself; where it leaves that out, what it said before stands."""
    return func.coalesce(func.nullif(bindparam(f"new_{column.name}", type_=String()), literal_column("''")), column)


_OF_STATION = _stations.c.id == bindparam("of_station")
# One statement for coming and going, so that both stay in order within a batch. Ids of connections are in the order of
# arrival: what is said of an older one, however late and by whichever process, changes nothing.
_CONNECTION = (
    update(_stations)
    .where(
        _OF_STATION,
        _stations.c.connection_id.is_(None)
        | (_stations.c.connection_id <= bindparam("told_connection", type_=_stations.c.connection_id.type)),
    )
    .values(
        connected_at=bindparam("up_at"),
        connection_id=bindparam("new_connection"),
        last_seen_at=func.coalesce(bindparam("seen_at", type_=db.UtcDateTime()), _stations.c.last_seen_at),
        disconnected_at=func.coalesce(bindparam("down_at", type_=db.UtcDateTime()), _stations.c.disconnected_at),
    )
)
_SKEW = (
    update(_stations)
    .where(_OF_STATION)
    .values(clock_skew_s=bindparam("skew_s"), clock_measured_at=bindparam("measured_at"))
)
_SEEN = update(_stations).where(_OF_STATION).values(last_seen_at=bindparam("seen_at"))
_WHAT_IT_IS = ("vendor", "model", "firmware", "serial")
_BOOTED = (
    update(_stations)
    .where(_OF_STATION)
    .values(
        {name: _said_or_known(_stations.c[name]) for name in _WHAT_IT_IS} | {"boot_at": bindparam("new_boot_at")},
    )
)
_NO_SOCKET = (
    update(_stations)
    .where(_stations.c.connected_at.is_not(None), _stations.c.connection_id.is_(None))
    .values(connected_at=None, disconnected_at=bindparam("now"))
)
_STATUS = (
    update(_connectors)
    .where(_connectors.c.id == bindparam("of_connector"))
    .values(
        status=bindparam("new_status"),
        status_text=bindparam("new_status_text"),
        error_code=bindparam("new_error_code"),
        vendor_error=bindparam("new_vendor_error"),
        status_at=bindparam("new_status_at"),
    )
)
_STATUS_OF_THEN = _STATUS.where(
    _connectors.c.status_at.is_(None) | (_connectors.c.status_at <= bindparam("new_status_at", type_=db.UtcDateTime()))
)
_CHARGES = (
    update(_connectors)
    .where(
        _connectors.c.id == bindparam("of_connector"),
        or_(*(_connectors.c.status == status for status in _OVERRULED)),  # a batch takes no IN
    )
    .values(status=ConnectorStatus.CHARGING, status_text=_connectors.c.status)
)
_PLUGGED = (
    update(_connectors)
    .where(
        _connectors.c.id == bindparam("of_connector"),
        or_(*(_connectors.c.status == status for status in (ConnectorStatus.UNKNOWN, ConnectorStatus.AVAILABLE))),
    )
    .values(
        status=ConnectorStatus.PREPARING,
        status_text=bindparam("new_status_text"),
        status_at=bindparam("new_status_at", type_=db.UtcDateTime()),
    )
)
# What a charger told of its connector before a transaction that it tells of later.
_BEGUN_SINCE = (
    update(_connectors)
    .where(
        _connectors.c.id == bindparam("of_connector"),
        or_(*(_connectors.c.status == status for status in (ConnectorStatus.UNKNOWN, ConnectorStatus.AVAILABLE))),
        _connectors.c.status_at.is_(None) | (_connectors.c.status_at <= bindparam("begun_at", type_=db.UtcDateTime())),
    )
    .values(status=ConnectorStatus.CHARGING, status_text=STARTED)
)
_OVER_SINCE = (
    update(_connectors)
    .where(_connectors.c.id == bindparam("of_connector"), _connectors.c.status_text == STARTED)
    .values(status=ConnectorStatus.FINISHING, status_text=STOPPED)
)


@hot_use_case
def station_connected(actor: Actor, connection_id: UUID | None = None) -> None:
    """A socket of the charger is open: the one that counts, unless it has a newer one."""
    facts = facts_of(actor)
    now = clock.now()
    opened = {"of_station": facts.id, "told_connection": connection_id, "new_connection": connection_id}
    db.current().later(_CONNECTION, opened | {"up_at": now, "down_at": None, "seen_at": now})
    if connection_id is not None:
        tell_socket(facts.id, connection_id)
    _tell(facts)


@hot_use_case
def station_disconnected(actor: Actor, connection_id: UUID | None = None, *, seen_at: datetime | None = None) -> None:
    """A socket of the charger is gone, and the charger with it, unless it has a newer one; `seen_at` is its last sign
    of life.
    """
    facts = facts_of(actor)
    socket_gone(facts.id, connection_id, seen_at or clock.now())
    _tell(facts)


@hot_use_case
def stations_seen(actor: Actor, seen_at: Mapping[UUID, datetime]) -> None:
    """Note the last sign of life of many stations at once, and how their clocks go where that is news."""
    assert actor.kind is ActorKind.SYSTEM, "only the gateway saw them"
    unit = db.current()
    for station_id, instant in seen_at.items():
        unit.later(_SEEN, {"of_station": station_id, "seen_at": instant})
        measured = clock_of(station_id)
        if measured is not None and measured.news:
            measured.written = measured.skew
            skew_s = round(measured.skew.total_seconds())
            known = {"of_station": station_id, "skew_s": skew_s, "measured_at": measured.measured_at}
            unit.later(_SKEW, known)


def socket_gone(station_id: UUID, connection_id: UUID | None, seen_at: datetime | None = None) -> None:
    """A socket is gone. For rooms, within their door."""
    gone = {"of_station": station_id, "told_connection": connection_id, "new_connection": None}
    db.current().later(_CONNECTION, gone | {"up_at": None, "down_at": clock.now(), "seen_at": seen_at})


def tell_socket(station_id: UUID, connection_id: UUID) -> None:
    """Let every gateway know of a new socket: who has an older one closes it. For rooms, within their door."""
    tell_line(NEW_SOCKETS, f"{station_id.hex} {connection_id.hex}".encode())


def nobody_without_socket() -> None:
    """No station counts as connected of which no socket is known. For rooms, within their door."""
    db.session().execute(_NO_SOCKET, {"now": clock.now()})


@hot_use_case
def boot_station(actor: Actor, *, vendor: str, model: str, firmware: str, serial: str) -> None:
    """The charger started and said what it is; texts are kept whole, however long. What it leaves out stays known.

    From now on it behaves as the profile says that fits it (`stations.quirks`), and its clock is unknown.
    """
    facts = facts_of(actor)
    now = clock.now()
    facts.vendor, facts.model = vendor or facts.vendor, model or facts.model
    facts.firmware, facts.serial = firmware or facts.firmware, serial or facts.serial
    facts.quirks = quirks_of(matching(facts.vendor, facts.model, facts.firmware), facts.overrides)
    facts.clock.restarted()
    if facts.password_due:
        record(PasswordDue(station_id=facts.id))
        db.current().after_commit(partial(setattr, facts, "password_due", False))
    db.current().later(
        _BOOTED,
        {
            "of_station": facts.id,
            "new_vendor": vendor,
            "new_model": model,
            "new_firmware": firmware,
            "new_serial": serial,
            "new_boot_at": now,
        },
    )
    tell("station", facts.id)


@hot_use_case
def store_status(
    actor: Actor,
    *,
    number: int,
    status: ConnectorStatus,
    status_text: str = "",
    error_code: str = "",
    vendor_error: str = "",
    at: datetime | None = None,
) -> None:
    """What the charger says of a connector (0: of itself). `status_text` keeps a word that OCPP 1.6 does not have.

    Order of arrival counts: what it says last is how it is. Only where its clock is known to be right, an old status is
    history and changes nothing that was said after it.
    """
    facts = facts_of(actor)
    now = clock.now()
    was_right = facts.clock.right
    at = told_instant(facts, at, now)
    if at is not None and not FIRST_PLAUSIBLE <= at <= now:
        at = None
    old = at is not None and was_right and now - at > HISTORY_AFTER
    free = status in (ConnectorStatus.AVAILABLE, ConnectorStatus.UNKNOWN)
    if status.value == facts.quirks.plugged_status or (free and _means_plugged(facts, vendor_error)):
        status, status_text = ConnectorStatus.PREPARING, status_text or status.value
    connector_id = find_connector(facts, number)
    db.current().later(
        _STATUS_OF_THEN if old else _STATUS,
        {
            "of_connector": connector_id,
            "new_status": status,
            "new_status_text": status_text,
            "new_error_code": error_code,
            "new_vendor_error": vendor_error,
            "new_status_at": at or now,
        },
    )
    if not old:
        _tell(facts)


@hot_use_case
def hear_vendor_word(actor: Actor, *, said: str, number: int | None) -> bool:
    """What the maker's own message of a charger says: whether it means a plugged cable, and it is shown then.

    `number`: of the connector; None, where it says none: the only one there is.
    """
    facts = facts_of(actor)
    plugs = {one: connector_id for one, connector_id in facts.connectors.items() if one > 0}
    connector_id = next(iter(plugs.values()), None) if number is None and len(plugs) == 1 else plugs.get(number or 0)
    if connector_id is None or not _means_plugged(facts, said):
        return False
    told = {"new_status_text": facts.quirks.plugged_word, "new_status_at": clock.now()}
    db.current().later(_PLUGGED, {"of_connector": connector_id, **told})
    _tell(facts)
    return True


def _means_plugged(facts: StationFacts, said: str) -> bool:
    wanted = facts.quirks.plugged_word.casefold()
    return bool(wanted) and wanted in said.casefold()


def told_instant(facts: StationFacts, at: datetime | None, arrived: datetime) -> datetime | None:
    """What a stamp of a charger means by our clock: its local time and its clock's skew are put right where known.

    Measures its clock on the way. None: unreadable. For rooms, within their door.
    """
    if at is None or not FIRST_PLAUSIBLE <= at < LAST_PLAUSIBLE:
        return at
    if at.tzinfo is NO_ZONE and facts.quirks.local_time:
        at = at.replace(tzinfo=facts.zone).astimezone(UTC)
    facts.clock.hears(at, arrived)
    return at - facts.clock.correction


def facts_of(actor: Actor) -> StationFacts:
    """The station behind the socket. For rooms, within their door."""
    assert actor.kind is ActorKind.STATION, "only a charger comes this way"
    assert actor.id is not None, "a station has an id"
    return station_facts(actor.id)


@hot_use_case
def quirks_of_caller(actor: Actor) -> Quirks:
    """How the charger behaves that calls."""
    return facts_of(actor).quirks


def find_connector(facts: StationFacts, number: int) -> UUID:
    """The row of a connector, made when the charger names one that nobody entered. Numbers out of all reason are 0."""
    if not 0 <= number <= HIGHEST_NUMBER:
        number = 0
    found = facts.connectors.get(number) or connector_row(facts, number)
    if found is None:
        found = new_id()
        row = {
            "id": found,
            "account_id": facts.account_id,
            "station_id": facts.id,
            "number": number,
            "name": "",
            "plug": PlugType.UNKNOWN,
            "max_power_w": 0 if number == 0 else 11_000,
            "status": ConnectorStatus.UNKNOWN,
            "status_text": "",
            "error_code": "",
            "vendor_error": "",
            "wanted_available": True,
        }
        made = db.session().execute(upsert.insert(_connectors).values(row).on_conflict_do_nothing())
        if made.rowcount == 0:  # type: ignore[attr-defined]  # an INSERT has a row count
            found = connector_row(facts, number)
            assert found is not None, "somebody else made it just now"
    if number not in facts.connectors:
        db.current().after_commit(partial(facts.connectors.__setitem__, number, found))
    return found


def charges_after_all(facts: StationFacts, connector_id: UUID) -> None:
    """Power flows: where the charger's word for that is not to be trusted, the connector charges."""
    if facts.quirks.power_overrules_status:
        db.current().later(_CHARGES, {"of_connector": connector_id})


def occupied_since(connector_id: UUID, begun_at: datetime) -> None:
    """A transaction began while the charger was offline: what it said of its connector before is not true any more."""
    db.current().later(_BEGUN_SINCE, {"of_connector": connector_id, "begun_at": begun_at})


def free_again(connector_id: UUID) -> None:
    """That transaction is over; what comes next the charger says itself."""
    db.current().later(_OVER_SINCE, {"of_connector": connector_id})


def _tell(facts: StationFacts) -> None:
    tell("station", facts.id)
    tell("account", facts.account_id)
