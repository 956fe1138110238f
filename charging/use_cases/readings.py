"""Meter values: stored as they came, and what they say of the session that runs at the connector."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Table, bindparam, insert, select, update

from accounts.access import Actor
from charging.metering import MOST_POWER_W, Reading, possible_power, possible_step, power_between, untimed_span
from charging.models import ChargingSession, MeterValue
from charging.use_cases.doubts import doubt_clock, doubt_once
from charging.use_cases.instants import settle
from charging.use_cases.running import Running, most_power_of, rating_of, running_sessions, send_start
from charging.values import LAST_TRANSACTION_ID, Doubt, SessionState
from kit import clock, db
from kit.ids import new_id
from kit.notes import tell
from kit.use_case import hot_use_case
from stations.queries.sockets import StationFacts
from stations.use_cases.sockets import (
    HISTORY_AFTER,
    LEAST_POWER_W,
    charges_after_all,
    facts_of,
    find_connector,
)

ACTION = "MeterValues"

_sessions: Table = db.Base.metadata.tables[ChargingSession.__tablename__]
_values: Table = db.Base.metadata.tables[MeterValue.__tablename__]
_INSERT = insert(_values)
# A session that somebody closed meanwhile keeps its final registers.
_PROGRESS = (
    update(_sessions)
    .where(_sessions.c.id == bindparam("of_session"), _sessions.c.state == SessionState.ACTIVE)
    .values(last_wh=bindparam("new_wh"), last_at=bindparam("new_at"), last_power_w=bindparam("new_power_w"))
)
_OF_SESSION = select(_values.c.samples).where(
    _values.c.session_id == bindparam("session_id"), _values.c.at == bindparam("at", type_=db.UtcDateTime())
)
_OF_NONE = select(_values.c.samples).where(
    _values.c.session_id.is_(None),
    _values.c.connector_id == bindparam("connector_id"),
    _values.c.at == bindparam("at", type_=db.UtcDateTime()),
)
_BY_TRANSACTION = select(_sessions.c.id, _sessions.c.connector_id).where(
    _sessions.c.transaction_id == bindparam("transaction_id"), _sessions.c.station_id == bindparam("station_id")
)


@hot_use_case
def store_meter_values(
    actor: Actor, *, number: int, transaction_id: int | None, readings: Sequence[Reading], again: bool = False
) -> None:
    """Store what the meter of a connector said (energy in Wh, power in W, samples as they came).

    A transaction id of 0, a missing or an unknown one means the session that runs at the connector, if any does.
    `again`: the charger may have told this before, and be telling it again since the answer was lost.
    """
    facts = facts_of(actor)
    running = running_sessions(facts.id)
    session = next((one for one in running if one.transaction_id == transaction_id), None)
    if session is None and transaction_id is not None and 0 < transaction_id <= LAST_TRANSACTION_ID:
        db.current().flush()
        over = db.session().execute(_BY_TRANSACTION, {"transaction_id": transaction_id, "station_id": facts.id}).first()
        if over is not None:
            new = _new(facts, over.connector_id, over.id, readings) if again else readings
            _append(facts, over.connector_id, over.id, new)
            return
    connector_id = session.connector_id if session is not None else find_connector(facts, number)
    if session is None and number > 0:
        session = next((one for one in running if one.connector_id == connector_id), None)
    if again:
        readings = _new(facts, connector_id, None if session is None else session.id, readings)
    if session is None:
        _append(facts, connector_id, None, readings)
        return
    for reading in readings:
        _follow(facts, session, reading)


def _new(
    facts: StationFacts, connector_id: UUID, session_id: UUID | None, readings: Sequence[Reading]
) -> Sequence[Reading]:
    """Those that are not stored yet: of the same session or connector, instant and samples."""
    db.current().flush()
    return [one for one in readings if not _is_stored(facts, connector_id, session_id, one)]


def _is_stored(facts: StationFacts, connector_id: UUID, session_id: UUID | None, reading: Reading) -> bool:
    at, impossible = settle(facts, reading.at, clock.arrived())
    if impossible:
        return False  # it stands by its arrival, and was another one before
    wanted = {"session_id": session_id} if session_id is not None else {"connector_id": connector_id}
    statement = _OF_NONE if session_id is None else _OF_SESSION
    return any(samples == reading.samples for samples in db.session().scalars(statement, wanted | {"at": at}))


def append_final(facts: StationFacts, connector_id: UUID, session_id: UUID, readings: Sequence[Reading]) -> None:
    """Store the readings that came with the end of a session."""
    _append(facts, connector_id, session_id, readings)


def _follow(facts: StationFacts, session: Running, reading: Reading) -> None:
    """Store a reading of a running session, and carry its register and power on."""
    arrived = clock.arrived()
    at, impossible = settle(facts, reading.at, arrived)
    _name_doubts(facts, session.id, reading, at, impossible=impossible)
    energy_wh = _plausible_register(facts, session, reading, at, untimed=impossible)
    power_w = _plausible_power(facts, session, reading)
    if power_w is None and energy_wh is not None and reading.power_w is None:
        power_w = power_between(session.last_wh, session.last_at, energy_wh, at)
    _insert(facts, session.connector_id, session.id, at, energy_wh, power_w, reading.samples)
    if at < session.last_at:
        return
    register = session.last_wh if energy_wh is None else max(session.last_wh, energy_wh)
    if energy_wh is not None:
        session.last_wh, session.last_at = register, at
    if energy_wh is not None or power_w is not None:
        send_start(session)
        values = {"of_session": session.id, "new_wh": register, "new_at": at, "new_power_w": power_w}
        db.current().later(_PROGRESS, values)
    if power_w is not None:
        session.last_power_w = power_w
        if power_w >= LEAST_POWER_W and clock.now() - at <= HISTORY_AFTER:
            charges_after_all(facts, session.connector_id)
    tell("session", session.id)
    tell("station", facts.id)


def _plausible_register(
    facts: StationFacts, session: Running, reading: Reading, at: datetime, *, untimed: bool
) -> int | None:
    """The register, or None (with a doubt) where no charger could have come there.

    `untimed`: `at` is only the arrival.
    """
    register, before_at = reading.energy_wh, session.last_at
    if untimed:
        before_at -= untimed_span(before_at, at)
    if register is None:
        return None
    if register < session.last_wh and at >= session.last_at:
        told = {"read_wh": register, "before_wh": session.last_wh}
        doubt_once(facts, Doubt.REGISTER_BACKWARDS, ACTION, "read_backwards", session.id, **told)
    elif at >= session.last_at and not possible_step(session.last_wh, before_at, register, at, most_power_of(session)):
        leap: dict[str, Any] = {"read_wh": register, "before_wh": session.last_wh, "before_at": session.last_at}
        doubt_once(facts, Doubt.IMPLAUSIBLE, ACTION, "leap", session.id, **leap)
        return None
    return register


def _plausible_power(facts: StationFacts, session: Running, reading: Reading) -> int | None:
    if reading.power_w is not None and not possible_power(reading.power_w, rating_of(session)):
        doubt_once(facts, Doubt.IMPLAUSIBLE, ACTION, "too_much_power", session.id, read_w=reading.power_w)
        return None
    return reading.power_w


def _append(facts: StationFacts, connector_id: UUID, session_id: UUID | None, readings: Sequence[Reading]) -> None:
    """Store readings that change no session: of none, or of one that is over."""
    arrived = clock.arrived()
    for reading in readings:
        at, impossible = settle(facts, reading.at, arrived)
        _name_doubts(facts, session_id, reading, at, impossible=impossible)
        power_w = reading.power_w
        if power_w is not None and abs(power_w) > MOST_POWER_W:
            doubt_once(facts, Doubt.IMPLAUSIBLE, ACTION, "too_much_power", session_id, read_w=power_w)
            power_w = None
        _insert(facts, connector_id, session_id, at, reading.energy_wh, power_w, reading.samples)


def _name_doubts(
    facts: StationFacts, session_id: UUID | None, reading: Reading, at: datetime, *, impossible: bool
) -> None:
    """What of a reading was not taken as it came, whatever it is of; `at` is what its stamp was taken for."""
    doubt_clock(facts, ACTION, session_id, reading.at, at, impossible=impossible, once=True)
    if reading.unread:
        doubt_once(facts, Doubt.IMPLAUSIBLE, ACTION, "reading_not_understood", session_id, said=reading.unread)


def _insert(
    facts: StationFacts,
    connector_id: UUID,
    session_id: UUID | None,
    at: datetime,
    energy_wh: int | None,
    power_w: int | None,
    samples: list[object],
) -> None:
    values = {
        "id": new_id(),
        "account_id": facts.account_id,
        "station_id": facts.id,
        "connector_id": connector_id,
        "session_id": session_id,
        "at": at,
        "energy_wh": energy_wh,
        "power_w": power_w,
        "samples": samples,
    }
    db.current().later(_INSERT, values)
