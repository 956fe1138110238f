"""The running sessions that a batch of chargers' messages touches, read once per transaction.

Nothing here outlives its transaction: after a rollback the next one reads what really stands in the database.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Table, bindparam, select

from accounts.access import Actor, ActorKind
from charging.metering import ceiling_w
from charging.models import ChargingSession
from charging.values import SessionState
from kit import db
from kit.use_case import hot_use_case
from stations.models import Connector

_KEY = "running_sessions"
_AT_ONCE = 500
_sessions: Table = db.Base.metadata.tables[ChargingSession.__tablename__]
_connectors: Table = db.Base.metadata.tables[Connector.__tablename__]
_NAMES = ("station_id", "id", "connector_id", "transaction_id", "last_wh", "last_at", "last_power_w")
_COLUMNS = [*(_sessions.c[name] for name in _NAMES), _connectors.c.max_power_w]
_JOINED = _sessions.join(_connectors, _connectors.c.id == _sessions.c.connector_id)
_OF_STATIONS = (
    select(*_COLUMNS)
    .select_from(_JOINED)
    .where(_sessions.c.station_id.in_(bindparam("station_ids", expanding=True)))
    .where(_sessions.c.state == SessionState.ACTIVE)
)
_OF_STATION = (
    select(*_COLUMNS[1:])
    .select_from(_JOINED)
    .where(_sessions.c.station_id == bindparam("of_station"), _sessions.c.state == SessionState.ACTIVE)
)
_RATED = select(_connectors.c.max_power_w).where(_connectors.c.id == bindparam("of_connector"))


@dataclass(slots=True)
class Running:
    """A running session as this transaction knows it; what was last read follows the readings of the batch.

    `rated_w` is the connector's maximum power; 0: not looked up yet.
    """

    id: UUID
    connector_id: UUID
    transaction_id: int
    last_wh: int
    last_at: datetime
    last_power_w: int | None = None
    rated_w: int = 0


@hot_use_case
def load_running(actor: Actor, station_ids: Iterable[UUID]) -> None:
    """Read the running sessions of many stations at once, before their messages are taken one after another."""
    assert actor.kind is ActorKind.SYSTEM, "only the gateway knows its batch"
    known = _known()
    wanted = [station_id for station_id in station_ids if station_id not in known]
    session = db.session()
    for first in range(0, len(wanted), _AT_ONCE):
        some = wanted[first : first + _AT_ONCE]
        known.update((station_id, []) for station_id in some)
        for row in session.execute(_OF_STATIONS, {"station_ids": some}):
            known[row[0]].append(Running(*row[1:]))


def running_sessions(station_id: UUID) -> list[Running]:
    """The running sessions of a station; the list may be changed along with the database."""
    known = _known()
    if station_id not in known:
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


def forget_running(station_id: UUID) -> None:
    """Read them again: something else changed them in this transaction."""
    _known().pop(station_id, None)


def _known() -> dict[UUID, list[Running]]:
    found: dict[UUID, list[Running]] = db.session().info.setdefault(_KEY, {})
    return found
