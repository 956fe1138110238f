"""The running sessions that a batch of chargers' messages touches, read once per transaction.

Nothing here outlives its transaction: after a rollback the next one reads what really stands in the database.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Select, Table, Uuid, bindparam, select

from accounts.access import Actor, ActorKind
from charging.metering import ceiling_w
from charging.models import ChargingSession
from charging.values import SessionState
from kit import db
from kit.given import as_rows, given
from kit.use_case import hot_use_case
from stations.models import Connector

_KEY = "running_sessions"
_sessions: Table = db.Base.metadata.tables[ChargingSession.__tablename__]
_connectors: Table = db.Base.metadata.tables[Connector.__tablename__]
_NAMES = ("id", "connector_id", "transaction_id", "last_wh", "last_at", "last_power_w")
_COLUMNS = [*(_sessions.c[name] for name in _NAMES), _connectors.c.max_power_w]
_JOINED = _sessions.join(_connectors, _connectors.c.id == _sessions.c.connector_id)
_OF_STATION = (
    select(*_COLUMNS)
    .select_from(_JOINED)
    .where(_sessions.c.station_id == bindparam("of_station"), _sessions.c.state == SessionState.ACTIVE)
)
_RATED = select(_connectors.c.max_power_w).where(_connectors.c.id == bindparam("of_connector"))


@dataclass(slots=True)
class Running:
    """A running session as this transaction knows it; what was last read follows the readings of the batch.

    `rated_w` is the connector's maximum power; 0: not looked up yet. `unsent`: its row waits in the running batch.
    """

    id: UUID
    connector_id: UUID
    transaction_id: int
    last_wh: int
    last_at: datetime
    last_power_w: int | None = None
    rated_w: int = 0
    unsent: bool = False


@hot_use_case
def load_running(actor: Actor, station_ids: Iterable[UUID]) -> None:
    """Read the running sessions of many stations at once, before their messages are taken one after another."""
    assert actor.kind is ActorKind.SYSTEM, "only the gateway knows its batch"
    known = _known()
    wanted = [station_id for station_id in station_ids if station_id not in known]
    if wanted:
        known.update((station_id, []) for station_id in wanted)
        asked = as_rows({"place": place, "station_id": station_id} for place, station_id in enumerate(wanted))
        for place, *row in db.session().execute(_of_stations(db.engine().dialect.name), asked):
            if row[0] is not None:
                known[wanted[place]].append(Running(*row))


@cache
def _of_stations(dialect: str) -> Select[Any]:
    """Outer joins, so that SQLite begins with what is asked for, and not with everything that runs."""
    asked = given(dialect, {"place": Integer(), "station_id": Uuid()})
    runs = (_sessions.c.station_id == asked.c.station_id) & (_sessions.c.state == SessionState.ACTIVE)
    theirs = asked.outerjoin(_sessions, runs).outerjoin(_connectors, _connectors.c.id == _sessions.c.connector_id)
    return select(asked.c.place, *_COLUMNS).select_from(theirs)


def running_sessions(station_id: UUID) -> list[Running]:
    """The running sessions of a station; the list may be changed along with the database."""
    known = _known()
    if station_id not in known:
        db.current().flush()
        rows = db.session().execute(_OF_STATION, {"of_station": station_id})
        known[station_id] = [Running(*row) for row in rows]
    return known[station_id]


def rating_of(running: Running) -> int:
    """The maximum power in W of the session's connector, looked up once."""
    if running.rated_w == 0:
        running.rated_w = db.session().execute(_RATED, {"of_connector": running.connector_id}).scalar_one()
    return running.rated_w


def most_power_of(running: Running) -> int:
    """The most power in W that this session can have had since its last reading."""
    return ceiling_w(rating_of(running), running.last_power_w)


def send_start(running: Running) -> None:
    """Have the row of a session that has just begun written, before something is changed in it."""
    if running.unsent:
        db.current().flush()
        running.unsent = False


def forget_running(station_id: UUID) -> None:
    """Read them again: something else changed them in this transaction."""
    _known().pop(station_id, None)


def _known() -> dict[UUID, list[Running]]:
    found: dict[UUID, list[Running]] = db.session().info.setdefault(_KEY, {})
    return found
