"""Ends that no session was found for: kept for the operator's desk, and matched when their start comes after all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Table, bindparam, insert, select, update

from charging.metering import OFFLINE_AFTER, Reading, ceiling_w, possible_step
from charging.models import ChargingSession, OrphanStop
from charging.use_cases.doubts import doubt_clock, doubt_fact
from charging.use_cases.instants import settle
from charging.use_cases.readings import append_final
from charging.use_cases.transaction_ids import business_key, next_transaction_id
from charging.use_cases.verdicts import told_tag
from charging.values import Doubt, OrphanState, SessionKind, SessionState
from kit import clock, db
from kit.ids import new_id
from kit.notes import tell
from kit.spelling import plain
from stations.models import Connector
from stations.queries.sockets import StationFacts
from stations.use_cases.sockets import find_connector

ACTION = "StopTransaction"
BEGIN = plain("Transaction.Begin")
TOGETHER = timedelta(minutes=10)  # a start and its end that only changed their order arrive so close to one another

_sessions: Table = db.Base.metadata.tables[ChargingSession.__tablename__]
_orphans: Table = db.Base.metadata.tables[OrphanStop.__tablename__]
_connectors: Table = db.Base.metadata.tables[Connector.__tablename__]
_INSERT_SESSION, _INSERT = insert(_sessions), insert(_orphans)
_KNOWN = select(_orphans.c.id).where(
    _orphans.c.station_id == bindparam("station_id"), _orphans.c.key == bindparam("key")
)
_WAITING = (
    select(
        _orphans.c.id,
        _orphans.c.session_id,
        _orphans.c.meter_stop_wh,
        _orphans.c.ended_at,
        _sessions.c.transaction_id,
        _sessions.c.connector_id,
        _connectors.c.number,
    )
    .join(_sessions, _sessions.c.id == _orphans.c.session_id)
    .join(_connectors, _connectors.c.id == _sessions.c.connector_id)
    .where(
        _orphans.c.station_id == bindparam("station_id"),
        _orphans.c.state == OrphanState.OPEN,
        _orphans.c.id_tag == bindparam("tag"),
        _orphans.c.arrived_at > bindparam("lately", type_=db.UtcDateTime()),
        _orphans.c.ended_at >= bindparam("begun_at", type_=db.UtcDateTime()),
        _orphans.c.meter_stop_wh >= bindparam("start_wh"),
    )
    .order_by(_orphans.c.ended_at)
    .with_for_update(of=_orphans)
)
_RATING = select(_connectors.c.max_power_w).where(_connectors.c.id == bindparam("of_connector"))


@dataclass(frozen=True, slots=True)
class Stop:
    """The end of a transaction as it was told: register in Wh, the station's own time, None where unreadable."""

    transaction_id: int | None
    id_tag: str
    meter_stop_wh: int | None
    at: datetime | None
    reason: str
    readings: Sequence[Reading]


@dataclass(frozen=True, slots=True)
class WaitingEnd:
    """An end on the desk that a start was found for."""

    id: UUID
    session_id: UUID
    meter_stop_wh: int
    ended_at: datetime
    transaction_id: int


def store_orphan(facts: StationFacts, stop: Stop) -> None:
    """Keep an end whose session nobody knows, as a session that only has this end. Told twice, it is one."""
    tag, key = told_tag(facts, stop.id_tag), _key(facts, stop)
    if db.session().execute(_KNOWN, {"station_id": facts.id, "key": key}).first() is not None:
        return
    arrived = clock.arrived()
    ended_at, impossible = settle(facts, stop.at, arrived)
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
        "id_tag": tag,
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
    db.session().execute(_INSERT_SESSION, row)
    _put_on_desk(facts, stop, key, ended_at, session_id=session_id)
    append_final(facts, connector_id, session_id, stop.readings)
    _name_doubts(facts, stop, session_id, ended_at, impossible=impossible)
    tell("session", session_id)


def store_late_end(facts: StationFacts, stop: Stop, session_id: UUID) -> None:
    """Keep the true end of a session that we had ended ourselves with its last reading. Told twice, it is one."""
    key = _key(facts, stop)
    if db.session().execute(_KNOWN, {"station_id": facts.id, "key": key}).first() is not None:
        return
    ended_at, impossible = settle(facts, stop.at, clock.arrived())
    doubt_clock(facts, ACTION, session_id, stop.at, ended_at, impossible=impossible, once=True)
    _put_on_desk(facts, stop, key, ended_at, meant_session_id=session_id)
    tell("session", session_id)


def waiting_end(
    facts: StationFacts, connector_id: UUID, tag: str, start_wh: int, started_at: datetime
) -> WaitingEnd | None:
    """The end of this start, where it was told just before it; it has to fit in tag, time, register and plug."""
    if not tag:
        return None
    wanted = {"station_id": facts.id, "tag": tag, "start_wh": start_wh, "begun_at": started_at}
    rows = db.session().execute(_WAITING, wanted | {"lately": clock.arrived() - TOGETHER}).all()
    for row in rows:
        if row.connector_id != connector_id and row.number != 0:
            continue
        rated_w = db.session().execute(_RATING, {"of_connector": connector_id}).scalar_one()
        if possible_step(start_wh, started_at, row.meter_stop_wh, row.ended_at, ceiling_w(rated_w, None)):
            return WaitingEnd(row.id, row.session_id, row.meter_stop_wh, row.ended_at, row.transaction_id)
    return None


def complete_orphan(end: WaitingEnd, start: Mapping[str, Any]) -> None:
    """Give an end its start: the session that only had an end becomes a whole one."""
    session = db.session()
    session.execute(update(_sessions).where(_sessions.c.id == end.session_id).values(**start))
    matched = {"state": OrphanState.MATCHED, "attached_session_id": end.session_id, "resolved_at": clock.now()}
    session.execute(update(_orphans).where(_orphans.c.id == end.id).values(matched))


def _put_on_desk(
    facts: StationFacts,
    stop: Stop,
    key: str,
    ended_at: datetime,
    *,
    session_id: UUID | None = None,
    meant_session_id: UUID | None = None,
) -> None:
    row = {
        "id": new_id(),
        "account_id": facts.account_id,
        "station_id": facts.id,
        "session_id": session_id,
        "meant_session_id": meant_session_id,
        "key": key,
        "told": "" if stop.transaction_id is None else str(stop.transaction_id),
        "id_tag": told_tag(facts, stop.id_tag),
        "meter_stop_wh": stop.meter_stop_wh,
        "ended_at": ended_at,
        "arrived_at": clock.arrived(),
        "reason": stop.reason,
        "state": OrphanState.OPEN,
        "note": "",
    }
    db.session().execute(_INSERT, row)
    tell("station", facts.id)
    tell("account", facts.account_id)


def _name_doubts(facts: StationFacts, stop: Stop, session_id: UUID, ended_at: datetime, *, impossible: bool) -> None:
    """What of an end without a session is not known, or was not taken as it came."""
    told = {"told": str(stop.transaction_id)}
    doubt_fact(facts, Doubt.UNKNOWN_TRANSACTION, ACTION, "unknown_transaction", session_id, **told)
    doubt_clock(facts, ACTION, session_id, stop.at, ended_at, impossible=impossible)
    if stop.meter_stop_wh is None:
        doubt_fact(facts, Doubt.ESTIMATED, ACTION, "orphan_without_register", session_id)


def _key(facts: StationFacts, stop: Stop) -> str:
    at = stop.at.isoformat() if stop.at else ""
    return business_key("orphan", stop.transaction_id, told_tag(facts, stop.id_tag), stop.meter_stop_wh, at)


def _is_begin(reading: Reading) -> bool:
    return any(isinstance(sample, dict) and plain(str(sample.get("context"))) == BEGIN for sample in reading.samples)
