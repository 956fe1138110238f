"""The running sessions that a batch of chargers' messages touches, read once per transaction.

Nothing here outlives its transaction: after a rollback the next one reads what really stands in the database.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Table, bindparam, select

from accounts.access import Actor, ActorKind
from charging.models import ChargingSession
from charging.values import SessionState
from kit import db
from kit.use_case import hot_use_case

_KEY = "running_sessions"
_AT_ONCE = 500
_sessions: Table = db.Base.metadata.tables[ChargingSession.__tablename__]
_COLUMNS = [_sessions.c[name] for name in ("station_id", "id", "connector_id", "transaction_id", "last_wh", "last_at")]
_OF_STATIONS = select(*_COLUMNS).where(
    _sessions.c.station_id.in_(bindparam("station_ids", expanding=True)), _sessions.c.state == SessionState.ACTIVE
)
_OF_STATION = select(*_COLUMNS[1:]).where(
    _sessions.c.station_id == bindparam("of_station"), _sessions.c.state == SessionState.ACTIVE
)


@dataclass(slots=True)
class Running:
    """A running session as this transaction knows it; `last_wh` and `last_at` follow the readings of the batch."""

    id: UUID
    connector_id: UUID
    transaction_id: int
    last_wh: int
    last_at: datetime


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


def forget_running(station_id: UUID) -> None:
    """Read them again: something else changed them in this transaction."""
    _known().pop(station_id, None)


def _known() -> dict[UUID, list[Running]]:
    found: dict[UUID, list[Running]] = db.session().info.setdefault(_KEY, {})
    return found
