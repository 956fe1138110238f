"""Ends of transactions, as chargers tell them: always stored, also for a session nobody knows, and only once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, Table, bindparam, insert, select, update

from accounts.access import Actor
from charging.events import SessionEnded
from charging.metering import OFFLINE_AFTER, SLACK_WH, Reading, energy_of_steps, possible_step
from charging.models import ChargingSession, MeterValue
from charging.use_cases.doubts import clock_detail, doubt_fact
from charging.use_cases.instants import is_corrected, settle
from charging.use_cases.readings import append_final
from charging.use_cases.running import Running, most_power_of, running_sessions
from charging.use_cases.transactions import business_key, next_transaction_id
from charging.use_cases.verdicts import info_of, told_tag
from charging.values import Doubt, SessionKind, SessionState, TagInfo
from kit import clock, db
from kit.events import record
from kit.ids import new_id
from kit.notes import tell
from kit.use_case import hot_use_case
from stations.queries.sockets import StationFacts
from stations.use_cases.sockets import facts_of, find_connector, note_power

ACTION = "StopTransaction"
BEGIN = "Transaction.Begin"

_sessions: Table = db.Base.metadata.tables[ChargingSession.__tablename__]
_values: Table = db.Base.metadata.tables[MeterValue.__tablename__]
_INSERT = insert(_sessions)
_NEEDED = (
    "id",
    "connector_id",
    "authorisation_id",
    "state",
    "started_at",
    "meter_start_wh",
    "meter_stop_wh",
    "last_wh",
    "estimated",
)
_BY_TRANSACTION = (
    select(*(_sessions.c[name] for name in _NEEDED))
    .where(_sessions.c.transaction_id == bindparam("transaction_id"), _sessions.c.station_id == bindparam("station_id"))
    .with_for_update()
)
_RUNNING = select(_sessions.c.id, _sessions.c.transaction_id, _sessions.c.id_tag).where(
    _sessions.c.station_id == bindparam("station_id"), _sessions.c.state == SessionState.ACTIVE
)
_END = (
    update(_sessions)
    .where(_sessions.c.id == bindparam("of_session"))
    .values(
        state=SessionState.ENDED,
        last_power_w=0,
        ended_at=bindparam("new_ended_at"),
        meter_stop_wh=bindparam("new_stop_wh"),
        last_wh=bindparam("new_stop_wh"),
        last_at=bindparam("new_ended_at"),
        energy_wh=bindparam("new_energy_wh"),
        stop_reason=bindparam("new_reason"),
        estimated=bindparam("new_estimated"),
    )
)
_ORPHAN = select(_sessions.c.id).where(
    _sessions.c.station_id == bindparam("station_id"), _sessions.c.start_key == bindparam("start_key")
)
_REGISTERS = (
    select(_values.c.energy_wh)
    .where(_values.c.session_id == bindparam("of_session"), _values.c.energy_wh.is_not(None))
    .order_by(_values.c.at)
)


@dataclass(frozen=True, slots=True)
class Stop:
    """The end of a transaction as it was told: register in Wh, the station's own time, None where unreadable."""

    transaction_id: int | None
    id_tag: str
    meter_stop_wh: int | None
    at: datetime | None
    reason: str
    readings: Sequence[Reading]


@hot_use_case
def end_session(actor: Actor, *, stop: Stop) -> TagInfo | None:
    """A charger ended a transaction.

    Told twice, the first stands and a difference is noted. An id of 0 or less means the one session that can be meant;
    an unknown id makes an orphan: a session that only has an end. Returns what the charger is told of the tag that
    ended it, where it names one; it ends whatever that is.
    """
    facts = facts_of(actor)
    session = _find(facts, stop)
    if session is None:
        _store_orphan(facts, stop)
    elif session.state is SessionState.ENDED:
        _compare(facts, session, stop)
    else:
        _end(facts, session, stop)
    return info_of(facts, told_tag(facts, stop.id_tag)) if stop.id_tag else None


def _find(facts: StationFacts, stop: Stop) -> Row[tuple[object, ...]] | None:
    transaction_id = stop.transaction_id
    if transaction_id is None or transaction_id <= 0:
        tag = told_tag(facts, stop.id_tag)
        running = db.session().execute(_RUNNING, {"station_id": facts.id})
        meant = [one for one in running if not tag or one.id_tag == tag]
        if len(meant) != 1:
            return None
        transaction_id = meant[0].transaction_id
        detail = f"stopped as transaction {stop.transaction_id}, taken as {transaction_id}"
        doubt_fact(facts, Doubt.UNKNOWN_TRANSACTION, ACTION, detail, meant[0].id)
    known = {"transaction_id": transaction_id, "station_id": facts.id}
    return db.session().execute(_BY_TRANSACTION, known).first()


def _end(facts: StationFacts, session: Row[tuple[object, ...]], stop: Stop) -> None:
    settled, impossible = settle(facts, stop.at, clock.now())
    ended_at = max(settled, session.started_at)
    trusted = not impossible and ended_at == settled
    if not trusted or is_corrected(facts):
        doubt_fact(facts, Doubt.CLOCK, ACTION, clock_detail(stop.at, ended_at), session.id)
    append_final(facts, session.connector_id, session.id, stop.readings)
    stop_wh, energy_wh, estimated = _registers(facts, session, stop, ended_at, trusted=trusted)
    values = {
        "of_session": session.id,
        "new_ended_at": ended_at,
        "new_stop_wh": stop_wh,
        "new_energy_wh": energy_wh,
        "new_reason": stop.reason or None,
        "new_estimated": estimated,
    }
    db.session().execute(_END, values)
    running = running_sessions(facts.id)
    running[:] = [one for one in running if one.id != session.id]
    note_power(session.connector_id, 0, clock.now())
    _announce(facts, session.id, session.connector_id, session.authorisation_id, ended_at, energy_wh)


def _registers(
    facts: StationFacts, session: Row[tuple[object, ...]], stop: Stop, ended_at: datetime, *, trusted: bool
) -> tuple[int, int, bool]:
    """The stop register and the energy in Wh, and whether they are estimated. The energy is never negative.

    A register that started anew in between, at a boot for instance, is counted in its steps.
    """
    start_wh: int = session.meter_start_wh
    running = _as_running(facts, session)
    last_wh = running.last_wh
    until = _until(running, ended_at, trusted=trusted)
    if stop.meter_stop_wh is None:
        told = [reading.energy_wh for reading in stop.readings if reading.energy_wh is not None]
        stop_wh = max([last_wh, *(each for each in told if _possible(running, each, until))])
        doubt_fact(facts, Doubt.ESTIMATED, ACTION, "no readable stop register", session.id)
        return stop_wh, max(0, stop_wh - start_wh), True
    stop_wh = stop.meter_stop_wh
    if stop_wh < start_wh or stop_wh < last_wh - SLACK_WH:
        detail = f"stopped at {stop_wh} Wh after a start at {start_wh} Wh; last reading {last_wh} Wh"
        doubt_fact(facts, Doubt.REGISTER_BACKWARDS, ACTION, detail, session.id)
        db.current().flush()
        between = db.session().scalars(_REGISTERS, {"of_session": session.id})
        return stop_wh, energy_of_steps([start_wh, *between, stop_wh]), True
    if not _possible(running, stop_wh, until):
        detail = f"stopped at {stop_wh} Wh after a start at {start_wh} Wh; last reading {last_wh} Wh"
        doubt_fact(facts, Doubt.IMPLAUSIBLE, ACTION, detail, session.id)
        return last_wh, max(0, last_wh - start_wh), True
    return stop_wh, stop_wh - start_wh, False


def _as_running(facts: StationFacts, session: Row[tuple[object, ...]]) -> Running:
    """The session as the running batch knows it: readings that came along with the end count."""
    known = (one for one in running_sessions(facts.id) if one.id == session.id)
    names = ("id", "connector_id", "transaction_id", "last_wh", "last_at", "last_power_w")
    return next(known, None) or Running(*(getattr(session, name) for name in names))


def _until(running: Running, ended_at: datetime, *, trusted: bool) -> datetime:
    """Until when energy can have flowed: where the charger's clock went back or can't be true, our own says so."""
    return ended_at if trusted and ended_at >= running.last_at else max(ended_at, clock.now())


def _possible(running: Running, stop_wh: int, until: datetime) -> bool:
    """Whether the connector can have come to this register since the last reading."""
    return possible_step(running.last_wh, running.last_at, stop_wh, until, most_power_of(running))


def _compare(facts: StationFacts, session: Row[tuple[object, ...]], stop: Stop) -> None:
    """The first end stands. A charger that repeats itself is right; one that says something else is noted."""
    stop_wh = stop.meter_stop_wh
    if stop_wh is not None and (session.estimated or stop_wh != session.meter_stop_wh):
        detail = f"stopped again at {stop_wh} Wh; it stands at {session.meter_stop_wh} Wh"
        doubt_fact(facts, Doubt.STOP_DIFFERS, ACTION, detail, session.id)
        tell("session", session.id)


def _store_orphan(facts: StationFacts, stop: Stop) -> None:
    at = stop.at.isoformat() if stop.at else ""
    key = business_key("orphan", stop.transaction_id, told_tag(facts, stop.id_tag), stop.meter_stop_wh, at)
    if db.session().execute(_ORPHAN, {"station_id": facts.id, "start_key": key}).first() is not None:
        return
    arrived = clock.now()
    ended_at, _ = settle(facts, stop.at, arrived)
    first = next((one for one in stop.readings if _is_begin(one)), None)
    started_at = ended_at if first is None else min(settle(facts, first.at, arrived)[0], ended_at)
    stop_wh = stop.meter_stop_wh or 0
    start_wh = stop_wh if first is None or first.energy_wh is None else min(first.energy_wh, stop_wh)
    plugs = [number for number in facts.connectors if number > 0]
    connector_id = find_connector(facts, plugs[0] if len(plugs) == 1 else 0)
    session_id = new_id()
    row = {
        "id": session_id,
        "account_id": facts.account_id,
        "station_id": facts.id,
        "connector_id": connector_id,
        "transaction_id": next_transaction_id(),
        "start_key": key,
        "kind": SessionKind.ORPHAN,
        "state": SessionState.ENDED,
        "id_tag": told_tag(facts, stop.id_tag),
        "started_at": started_at,
        "ended_at": ended_at,
        "arrived_at": arrived,
        "meter_start_wh": start_wh,
        "meter_stop_wh": stop_wh,
        "last_wh": stop_wh,
        "last_at": ended_at,
        "energy_wh": stop_wh - start_wh,
        "stop_reason": stop.reason or None,
        "offline": arrived - started_at > OFFLINE_AFTER,
        "estimated": False,
    }
    db.session().execute(_INSERT, row)
    append_final(facts, connector_id, session_id, stop.readings)
    doubt_fact(facts, Doubt.UNKNOWN_TRANSACTION, ACTION, f"transaction {stop.transaction_id} is unknown", session_id)
    _announce(facts, session_id, connector_id, None, ended_at, stop_wh - start_wh)


def _is_begin(reading: Reading) -> bool:
    return any(isinstance(sample, dict) and sample.get("context") == BEGIN for sample in reading.samples)


def _announce(
    facts: StationFacts,
    session_id: UUID,
    connector_id: UUID,
    authorisation_id: UUID | None,
    ended_at: datetime,
    energy_wh: int,
) -> None:
    record(
        SessionEnded(
            session_id=session_id,
            account_id=facts.account_id,
            connector_id=connector_id,
            authorisation_id=authorisation_id,
            ended_at=ended_at,
            energy_wh=energy_wh,
        )
    )
    tell("session", session_id)
    tell("station", facts.id)
    tell("account", facts.account_id)
