"""Starts of transactions, as chargers tell them: a fact is stored whatever we think of it, and told twice it is one."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeGuard
from uuid import UUID

from sqlalchemy import Table, bindparam, insert, select, update

from accounts.access import SYSTEM, Actor
from charging.events import SessionStarted
from charging.metering import OFFLINE_AFTER
from charging.models import Authorisation, ChargingSession
from charging.use_cases.control import close_stale_session
from charging.use_cases.doubts import doubt_clock, doubt_fact
from charging.use_cases.endings import announce_end
from charging.use_cases.expected import expect_nothing, expect_start, expect_tag, start_key, told_start
from charging.use_cases.instants import settle
from charging.use_cases.orphans import WaitingEnd, complete_orphan, waiting_end
from charging.use_cases.running import Running, forget_running, running_sessions
from charging.use_cases.transaction_ids import next_transaction_id
from charging.use_cases.verdicts import Judged, info_of, judge, told_tag, within_hours
from charging.values import (
    AuthorisationState,
    Doubt,
    SessionId,
    SessionKind,
    SessionState,
    TagInfo,
    TagVerdict,
)
from kit import clock, db
from kit.events import record
from kit.ids import new_id
from kit.notes import tell
from kit.use_case import hot_use_case
from stations.queries.sockets import StationFacts
from stations.station_clock import RIGHT
from stations.use_cases.sockets import HIGHEST_NUMBER, facts_of, find_connector, occupied_since

ACTION = "StartTransaction"
LONGEST_BELIEVED = timedelta(days=1)  # that a session of which only the start was told still runs

_sessions: Table = db.Base.metadata.tables[ChargingSession.__tablename__]
_authorisations: Table = db.Base.metadata.tables[Authorisation.__tablename__]
_INSERT = insert(_sessions)
_OLDER = select(_sessions.c.id).where(
    _sessions.c.connector_id == bindparam("plug"),
    _sessions.c.state == SessionState.ACTIVE,
    _sessions.c.started_at <= bindparam("before"),
)
_USE = (
    update(_authorisations).where(_authorisations.c.id == bindparam("permission")).values(state=AuthorisationState.USED)
)


@dataclass(frozen=True, slots=True)
class Started:
    """What the charger is told of its start."""

    transaction_id: int
    info: TagInfo


@hot_use_case
def start_session(
    actor: Actor,
    *,
    number: int | None,
    id_tag: str,
    meter_start_wh: int | None,
    at: datetime | None,
    reservation_number: int | None = None,
    promised_id: int | None = None,
) -> Started:
    """A charger began a transaction; the register is in Wh, `at` its own time (None: unreadable).

    The same start told again (connector, tag, time and register) finds its session and gets the same answer. A tag
    that may not charge gets a session and an id of its own, too: energy may flow all the same. A reservation that it
    used is linked afterwards (`charging.reactions`). `promised_id`: the transaction id that the charger has already.
    """
    facts = facts_of(actor)
    tag, arrived = told_tag(facts, id_tag), clock.arrived()
    started_at, impossible = settle(facts, at, arrived)
    key = start_key(number, tag, meter_start_wh, at)
    known = told_start(facts, key)
    if known is not None:
        if not impossible or known.state is SessionState.ACTIVE:
            return Started(known.transaction_id, _same_info(facts, known.kind, tag, number, started_at))
        key = f"{key}:{new_id().hex}"  # a clock that stands still after each boot: another start, not the same again
    plug = _a_plug(facts, number)
    connector_id = find_connector(facts, plug)
    judged = within_hours(facts, judge(facts, tag, at=started_at, lock=True), started_at, plug)
    start_wh = 0 if meter_start_wh is None or facts.quirks.register_per_session else meter_start_wh
    told_late = not impossible and arrived - started_at > RIGHT
    end = waiting_end(facts, connector_id, tag, start_wh, started_at) if told_late else None
    if end is not None:
        session = _complete(facts, connector_id, judged, key, start_wh, started_at, end)
    else:
        _close_forgotten(facts, connector_id, started_at)
        session = _insert(facts, connector_id, judged, key, tag, start_wh, started_at, arrived, promised_id)
        if OFFLINE_AFTER < arrived - started_at < LONGEST_BELIEVED:
            occupied_since(connector_id, started_at)
    doubt_clock(facts, ACTION, session.id, at, started_at, impossible=impossible)
    _note_doubts(facts, session, judged, tag, number, meter_start_wh)
    _announce(facts, session, judged, started_at, reservation_number)
    if end is not None:
        announce_end(
            facts, session.id, connector_id, judged.authorisation_id, end.ended_at, end.meter_stop_wh - start_wh
        )
    return Started(session.transaction_id, judged.info)


@hot_use_case
def expect_to_start(
    actor: Actor, *, number: int | None, id_tag: str, meter_start_wh: int | None, at: datetime | None
) -> None:
    """A `start_session` is about to come."""
    facts = facts_of(actor)
    tag = told_tag(facts, id_tag)
    expect_tag(facts, tag)
    expect_start(facts, start_key(number, tag, meter_start_wh, at))


def _a_plug(facts: StationFacts, number: int | None) -> int:
    """Sessions run on plugs, never on number 0, or none at all: then on the lowest one that is known, else 1."""
    return number if _is_plug(number) else min((one for one in facts.connectors if one > 0), default=1)


def _is_plug(number: int | None) -> TypeGuard[int]:
    return number is not None and 0 < number <= HIGHEST_NUMBER


def _same_info(facts: StationFacts, kind: SessionKind, tag: str, number: int | None, at: datetime) -> TagInfo:
    """What was said to this start before, though its permission is used by now."""
    if kind is SessionKind.UNAUTHORISED:
        info = within_hours(facts, judge(facts, tag, at=at), at, _a_plug(facts, number)).info
        return TagInfo(TagVerdict.INVALID) if info.verdict is TagVerdict.ACCEPTED else info
    info = info_of(facts, tag)
    told_late = kind is SessionKind.TAG and clock.now() - at > RIGHT  # and judged by then, but told by now
    return info if told_late else replace(info, verdict=TagVerdict.ACCEPTED)


def _close_forgotten(facts: StationFacts, connector_id: UUID, started_at: datetime) -> None:
    """A plug has one session: what still runs there was never stopped, unless this start is an older one told late."""
    if any(running.connector_id == connector_id for running in running_sessions(facts.id)):
        db.current().flush()
        for session_id in db.session().scalars(_OLDER, {"plug": connector_id, "before": started_at}).all():
            close_stale_session(SYSTEM, SessionId(session_id))
            forget_running(facts.id)


def _complete(
    facts: StationFacts,
    connector_id: UUID,
    judged: Judged,
    key: str,
    start_wh: int,
    started_at: datetime,
    end: WaitingEnd,
) -> Running:
    """The end was told before this start: it is one session, and over."""
    if judged.authorisation_id is not None:
        db.session().execute(_USE, {"permission": judged.authorisation_id})
    start = {
        "connector_id": connector_id,
        "authorisation_id": judged.authorisation_id,
        "start_key": key,
        "kind": judged.kind,
        "started_at": started_at,
        "meter_start_wh": start_wh,
        "energy_wh": end.meter_stop_wh - start_wh,
        "offline": True,
    }
    complete_orphan(end, start)
    expect_nothing(facts.id)
    return Running(end.session_id, connector_id, end.transaction_id, last_wh=end.meter_stop_wh, last_at=end.ended_at)


def _announce(
    facts: StationFacts, session: Running, judged: Judged, started_at: datetime, reservation_number: int | None
) -> None:
    record(
        SessionStarted(
            session_id=session.id,
            account_id=judged.account_id or facts.account_id,
            connector_id=session.connector_id,
            authorisation_id=judged.authorisation_id,
            started_at=started_at,
            reservation_number=reservation_number,
        )
    )
    tell("session", session.id)
    tell("station", facts.id)
    tell("account", facts.account_id)


def _insert(
    facts: StationFacts,
    connector_id: UUID,
    judged: Judged,
    key: str,
    tag: str,
    meter_start_wh: int,
    started_at: datetime,
    arrived: datetime,
    promised_id: int | None,
) -> Running:
    running = Running(
        new_id(),
        connector_id,
        promised_id or next_transaction_id(),
        last_wh=meter_start_wh,
        last_at=started_at,
        unsent=True,
    )
    row = {
        "id": running.id,
        "account_id": judged.account_id or facts.account_id,
        "station_id": facts.id,
        "connector_id": connector_id,
        "authorisation_id": judged.authorisation_id,
        "transaction_id": running.transaction_id,
        "start_key": key,
        "kind": judged.kind,
        "state": SessionState.ACTIVE,
        "id_tag": tag,
        "started_at": started_at,
        "arrived_at": arrived,
        "meter_start_wh": meter_start_wh,
        "last_wh": meter_start_wh,
        "last_at": started_at,
        "offline": arrived - started_at > OFFLINE_AFTER,
        "estimated": False,
    }
    known = running_sessions(facts.id)
    db.current().later(_INSERT, row)
    expect_nothing(facts.id)
    if judged.authorisation_id is not None:
        db.session().execute(_USE, {"permission": judged.authorisation_id})
    known.append(running)
    return running


def _note_doubts(
    facts: StationFacts, session: Running, judged: Judged, tag: str, number: int | None, meter_start_wh: int | None
) -> None:
    if judged.kind is SessionKind.UNAUTHORISED:
        verdict = judged.verdict.value
        doubt_fact(facts, Doubt.UNKNOWN_TAG, ACTION, "tag_refused", session.id, tag=tag, verdict=verdict)
    if meter_start_wh is None:
        doubt_fact(facts, Doubt.IMPLAUSIBLE, ACTION, "no_start_register", session.id)
    if not _is_plug(number):
        doubt_fact(facts, Doubt.IMPLAUSIBLE, ACTION, "started_on_no_plug", session.id, number=number)
    if judged.connector_id is not None and judged.connector_id != session.connector_id:
        doubt_fact(facts, Doubt.IMPLAUSIBLE, ACTION, "started_elsewhere", session.id)
