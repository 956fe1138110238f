"""Ends of transactions, as chargers tell them: always stored, also for a session nobody knows, and only once."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, Table, bindparam, select, update

from accounts.access import Actor
from charging.metering import SLACK_WH, energy_of_steps, possible_step, untimed_span
from charging.models import ChargingSession, DoubtfulFact, MeterValue
from charging.use_cases.control import NEVER_STOPPED
from charging.use_cases.doubts import doubt_clock, doubt_fact, doubt_once
from charging.use_cases.endings import announce_end
from charging.use_cases.expected import expect_nothing, expect_stop, expect_tag, session_to_stop
from charging.use_cases.instants import settle
from charging.use_cases.orphans import Stop, store_late_end, store_orphan
from charging.use_cases.readings import append_final
from charging.use_cases.running import Running, most_power_of, running_sessions, send_start
from charging.use_cases.verdicts import info_of, told_tag
from charging.values import FIRST_TRANSACTION_ID, LAST_TRANSACTION_ID, Doubt, SessionKind, SessionState, TagInfo
from kit import clock, db
from kit.notes import tell
from kit.use_case import hot_use_case
from stations.queries.sockets import StationFacts
from stations.station_clock import RIGHT
from stations.use_cases.sockets import facts_of, free_again

ACTION = "StopTransaction"

_sessions: Table = db.Base.metadata.tables[ChargingSession.__tablename__]
_doubts: Table = db.Base.metadata.tables[DoubtfulFact.__tablename__]
_values: Table = db.Base.metadata.tables[MeterValue.__tablename__]
_RUNNING = select(_sessions.c.id, _sessions.c.transaction_id, _sessions.c.id_tag, _sessions.c.started_at).where(
    _sessions.c.station_id == bindparam("station_id"), _sessions.c.state == SessionState.ACTIVE
)
_ENDED_SO = select(_sessions.c.transaction_id, _sessions.c.id_tag).where(
    _sessions.c.station_id == bindparam("station_id"),
    _sessions.c.state == SessionState.ENDED,
    _sessions.c.kind != SessionKind.ORPHAN,
    _sessions.c.meter_stop_wh == bindparam("stop_wh"),
    _sessions.c.ended_at == bindparam("at", type_=db.UtcDateTime()),
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
_NEVER_STOPPED = select(_doubts.c.id).where(
    _doubts.c.session_id == bindparam("of_session"), _doubts.c.code == NEVER_STOPPED
)
_REGISTERS = (
    select(_values.c.energy_wh)
    .where(_values.c.session_id == bindparam("of_session"), _values.c.energy_wh.is_not(None))
    .order_by(_values.c.at)
)


@hot_use_case
def end_session(actor: Actor, *, stop: Stop) -> TagInfo | None:
    """A charger ended a transaction.

    Told twice, the first stands and a difference is noted. An id that we never give (0, -1, a huge one) means the one
    session that can be meant; an unknown id makes an orphan: a session that only has an end. Returns what the charger
    is told of the tag that ended it, where it names one; it ends whatever that is.
    """
    facts = facts_of(actor)
    session = _find(facts, stop)
    if session is None:
        store_orphan(facts, stop)
    elif session.state is SessionState.ENDED:
        _compare(facts, session, stop)
    else:
        _end(facts, session, stop)
    return info_of(facts, told_tag(facts, stop.id_tag)) if stop.id_tag else None


@hot_use_case
def expect_to_end(actor: Actor, *, transaction_id: int | None, id_tag: str) -> None:
    """An `end_session` is about to come."""
    facts = facts_of(actor)
    expect_tag(facts, told_tag(facts, id_tag))
    expect_stop(facts, transaction_id)


def _find(facts: StationFacts, stop: Stop) -> Row[tuple[object, ...]] | None:
    transaction_id = stop.transaction_id
    if transaction_id is None or not FIRST_TRANSACTION_ID <= transaction_id <= LAST_TRANSACTION_ID:
        transaction_id = _meant(facts, stop)
    if transaction_id is None:
        return None
    return session_to_stop(facts, transaction_id)


def _meant(facts: StationFacts, stop: Stop) -> int | None:
    """The transaction that an end without a usable id is about: one that ended just so, or the only one that runs and
    had begun by then.
    """
    tag, station = told_tag(facts, stop.id_tag), {"station_id": facts.id}
    at, impossible = settle(facts, stop.at, clock.arrived())
    db.current().flush()
    if not impossible and stop.meter_stop_wh is not None:
        ended = db.session().execute(_ENDED_SO, station | {"stop_wh": stop.meter_stop_wh, "at": at})
        for one in ended:
            if not tag or one.id_tag == tag:
                return int(one.transaction_id)
    running = [
        one
        for one in db.session().execute(_RUNNING, station)
        if (not tag or one.id_tag == tag) and (impossible or one.started_at <= at + RIGHT)
    ]
    if len(running) != 1:
        return None
    told = {"told": str(stop.transaction_id), "transaction": running[0].transaction_id}
    doubt_fact(facts, Doubt.UNKNOWN_TRANSACTION, ACTION, "stopped_as", running[0].id, **told)
    return int(running[0].transaction_id)


def _end(facts: StationFacts, session: Row[tuple[object, ...]], stop: Stop) -> None:
    settled, impossible = settle(facts, stop.at, clock.arrived())
    ended_at = max(settled, session.started_at)
    trusted = not impossible and ended_at == settled
    doubt_clock(facts, ACTION, session.id, stop.at, ended_at, impossible=not trusted)
    append_final(facts, session.connector_id, session.id, stop.readings)
    last_at = _as_running(facts, session).last_at
    until = ended_at if trusted and ended_at >= last_at else max(ended_at, clock.arrived())
    if impossible:
        until += untimed_span(last_at, until)
    stop_wh, energy_wh, estimated = _registers(facts, session, stop, until)
    values = {
        "of_session": session.id,
        "new_ended_at": ended_at,
        "new_stop_wh": stop_wh,
        "new_energy_wh": energy_wh,
        "new_reason": stop.reason or None,
        "new_estimated": estimated,
    }
    running = running_sessions(facts.id)
    for one in running:
        send_start(one)
    db.current().later(_END, values)
    expect_nothing(facts.id)
    running[:] = [one for one in running if one.id != session.id]
    if session.offline and all(one.connector_id != session.connector_id for one in running):
        free_again(session.connector_id)  # where another one runs, this is an older one told late
    announce_end(facts, session.id, session.connector_id, session.authorisation_id, ended_at, energy_wh)


def _registers(
    facts: StationFacts, session: Row[tuple[object, ...]], stop: Stop, until: datetime
) -> tuple[int, int, bool]:
    """The stop register and the energy in Wh, and whether they are estimated. The energy is never negative.

    `until` is when it has stopped to flow at the latest: where the charger's clock went back or can't be true, our own
    says so. A register that started anew in between, at a boot for instance, is counted in its steps.
    """
    start_wh: int = session.meter_start_wh
    running = _as_running(facts, session)
    last_wh = running.last_wh
    if stop.meter_stop_wh is None:
        read = [reading.energy_wh for reading in stop.readings if reading.energy_wh is not None]
        stop_wh = max([last_wh, *(each for each in read if _possible(running, each, until))])
        doubt_fact(facts, Doubt.ESTIMATED, ACTION, "no_stop_register", session.id)
        return stop_wh, max(0, stop_wh - start_wh), True
    stop_wh = stop.meter_stop_wh
    told: dict[str, Any] = {"stop_wh": stop_wh, "start_wh": start_wh, "last_wh": last_wh}
    if stop_wh < start_wh or stop_wh < last_wh - SLACK_WH:
        doubt_fact(facts, Doubt.REGISTER_BACKWARDS, ACTION, "stopped_backwards", session.id, **told)
        return stop_wh, _in_steps(session, running, stop_wh, until), True
    if not _possible(running, stop_wh, until):
        doubt_fact(facts, Doubt.IMPLAUSIBLE, ACTION, "impossible_stop", session.id, **told)
        return last_wh, max(0, last_wh - start_wh), True
    return stop_wh, stop_wh - start_wh, False


def _in_steps(session: Row[tuple[object, ...]], running: Running, stop_wh: int, until: datetime) -> int:
    """The energy in Wh of a register that started anew, by its steps; never more than can have flowed."""
    db.current().flush()
    read = db.session().scalars(_REGISTERS, {"of_session": session.id})
    energy_wh = energy_of_steps([session.meter_start_wh, *read, stop_wh])
    if possible_step(0, session.started_at, energy_wh, until, most_power_of(running)):
        return energy_wh
    return max(0, running.last_wh - int(session.meter_start_wh))


def _as_running(facts: StationFacts, session: Row[tuple[object, ...]]) -> Running:
    """The session as the running batch knows it: readings that came along with the end count."""
    known = (one for one in running_sessions(facts.id) if one.id == session.id)
    names = ("id", "connector_id", "transaction_id", "last_wh", "last_at", "last_power_w")
    return next(known, None) or Running(*(getattr(session, name) for name in names))


def _possible(running: Running, stop_wh: int, until: datetime) -> bool:
    """Whether the connector can have come to this register since the last reading."""
    return possible_step(running.last_wh, running.last_at, stop_wh, until, most_power_of(running))


def _compare(facts: StationFacts, session: Row[tuple[object, ...]], stop: Stop) -> None:
    """The first end stands. A charger that repeats itself is right; one that says something else is noted.

    The first word on a session that we had ended ourselves waits on the desk.
    """
    stop_wh = stop.meter_stop_wh
    if stop_wh is None or (not session.estimated and stop_wh == session.meter_stop_wh):
        return
    if session.estimated and db.session().execute(_NEVER_STOPPED, {"of_session": session.id}).first() is not None:
        store_late_end(facts, stop, session.id)
    told = {"stop_wh": stop_wh, "stands_wh": session.meter_stop_wh}
    doubt_once(facts, Doubt.STOP_DIFFERS, ACTION, "stopped_again", session.id, **told)
    tell("session", session.id)
