"""What a batch of chargers' messages is about to ask for, read at once before they are taken one after another.

Each message first says what it expects (`expect_...`), then `read_expected` looks all of it up. Nothing here outlives
its transaction, and whatever was not expected is read when it is needed.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, Integer, Row, Select, String, Table, Uuid, bindparam, select

from accounts.access import Actor, ActorKind
from accounts.models import AccountLineage
from charging.models import ChargingSession, Tag
from charging.use_cases.transaction_ids import business_key
from charging.values import FIRST_TRANSACTION_ID, LAST_TRANSACTION_ID, SessionKind, SessionState, TagState
from kit import db
from kit.given import as_rows, given
from kit.use_case import hot_use_case
from stations.queries.sockets import StationFacts

_KEY = "expected"
_sessions: Table = db.Base.metadata.tables[ChargingSession.__tablename__]
_tags: Table = db.Base.metadata.tables[Tag.__tablename__]
_lineage: Table = db.Base.metadata.tables[AccountLineage.__tablename__]
_TAG = [_tags.c[name] for name in ("state", "expires_at", "parent_id_tag", "blocked_at", "unblocked_at")]
_TOLD = [_sessions.c.transaction_id, _sessions.c.kind, _sessions.c.state]
_OF_STOP = [
    _sessions.c[name]
    for name in (
        "id",
        "connector_id",
        "authorisation_id",
        "state",
        "started_at",
        "meter_start_wh",
        "meter_stop_wh",
        "last_wh",
        "estimated",
        "offline",
    )
]
_ONE_TAG = select(*_TAG).where(
    _tags.c.id_tag == bindparam("id_tag"),
    _tags.c.account_id.in_(select(_lineage.c.ancestor_id).where(_lineage.c.account_id == bindparam("account_id"))),
)
_ONE_START = select(*_TOLD).where(
    _sessions.c.station_id == bindparam("station_id"), _sessions.c.start_key == bindparam("start_key")
)
_ONE_STOP = (
    select(*_OF_STOP)
    .where(_sessions.c.transaction_id == bindparam("transaction_id"), _sessions.c.station_id == bindparam("station_id"))
    .with_for_update()
)


class TagRow(NamedTuple):
    """What the verdict on a tag goes by."""

    state: TagState
    expires_at: datetime | None
    parent_id_tag: str
    blocked_at: datetime | None
    unblocked_at: datetime | None


@dataclass(slots=True)
class ToldStart:
    """A start that was told before."""

    transaction_id: int
    kind: SessionKind
    state: SessionState


@dataclass(slots=True)
class _Expected:
    """By what they are asked for: tags of an account, starts of a station, sessions of a station."""

    tags: dict[UUID, dict[str, list[TagRow]]] = field(default_factory=dict)
    starts: dict[UUID, dict[str, ToldStart | None]] = field(default_factory=dict)
    stops: dict[UUID, dict[int, Row[Any] | None]] = field(default_factory=dict)


def start_key(number: int | None, tag: str, meter_start_wh: int | None, at: datetime | None) -> str:
    """What makes two starts of a station the same one; the tag is canonical, the register in Wh."""
    return business_key("start", number, tag, meter_start_wh, at.isoformat() if at else "")


def expect_tag(facts: StationFacts, tag: str) -> None:
    """A message will ask for a canonical tag."""
    if tag:
        _expected().tags.setdefault(facts.account_id, {})[tag] = []


def expect_start(facts: StationFacts, key: str) -> None:
    """A message will ask whether this start was told before."""
    _expected().starts.setdefault(facts.id, {})[key] = None


def expect_stop(facts: StationFacts, transaction_id: int | None) -> None:
    """A message will ask for this session."""
    if transaction_id is not None and FIRST_TRANSACTION_ID <= transaction_id <= LAST_TRANSACTION_ID:
        _expected().stops.setdefault(facts.id, {})[transaction_id] = None


@hot_use_case
def read_expected(actor: Actor) -> None:
    """Look up what the messages of this batch said that they will ask for."""
    assert actor.kind is ActorKind.SYSTEM, "only the gateway knows its batch"
    expected: _Expected | None = db.session().info.get(_KEY)
    if expected is None:
        return
    for account_id, tag, row in _read(_tags_of, expected.tags, "account_id", "id_tag"):
        expected.tags[account_id][tag].append(TagRow._make(row[1:]))
    for station_id, key, row in _read(_starts_of, expected.starts, "station_id", "start_key"):
        expected.starts[station_id][key] = ToldStart(row.transaction_id, row.kind, row.state)
    for station_id, transaction_id, row in _read(_stops_of, expected.stops, "station_id", "transaction_id"):
        expected.stops[station_id][transaction_id] = row


def tags_of(facts: StationFacts, tag: str) -> list[TagRow]:
    """State, expiry and group of a canonical tag, of the station's account and each above it that knows it."""
    found = _expected().tags.get(facts.account_id, {}).get(tag)
    if found is None:
        rows = db.session().execute(_ONE_TAG, {"id_tag": tag, "account_id": facts.account_id})
        found = [TagRow(*row) for row in rows]
    return found


def told_start(facts: StationFacts, key: str) -> ToldStart | None:
    """The start with this key, when it was told before."""
    starts = _expected().starts.get(facts.id, {})
    if key in starts:
        return starts[key]
    db.current().flush()
    row = db.session().execute(_ONE_START, {"station_id": facts.id, "start_key": key}).first()
    return None if row is None else ToldStart(*row)


def session_to_stop(facts: StationFacts, transaction_id: int) -> Row[Any] | None:
    """The station's session with this transaction id, locked."""
    stops = _expected().stops.get(facts.id, {})
    if transaction_id in stops:
        return stops[transaction_id]
    db.current().flush()
    known = {"transaction_id": transaction_id, "station_id": facts.id}
    return db.session().execute(_ONE_STOP, known).first()


def expect_nothing(station_id: UUID) -> None:
    """A session of this station began or ended just now: whatever was read of them before is not true any more."""
    expected = _expected()
    expected.starts.pop(station_id, None)
    expected.stops.pop(station_id, None)


def _expected() -> _Expected:
    info = db.session().info
    found: _Expected | None = info.get(_KEY)
    if found is None:
        found = info[_KEY] = _Expected()
    return found


def _read(
    statement: Callable[[str], Select[Any]], wanted: dict[UUID, dict[Any, Any]], of: str, what: str
) -> Iterator[tuple[UUID, Any, Row[Any]]]:
    """The rows that belong to what is wanted, with whose and which they are; `place` is the number of the wish."""
    keys = [(owner, key) for owner, theirs in wanted.items() for key in theirs]
    if keys:
        rows = as_rows({"place": place, of: owner, what: key} for place, (owner, key) in enumerate(keys))
        for row in db.session().execute(statement(db.engine().dialect.name), rows):
            yield *keys[row.place], row


@cache
def _tags_of(dialect: str) -> Select[Any]:
    asked = given(dialect, {"place": Integer(), "account_id": Uuid(), "id_tag": String()})
    above = _lineage.c.account_id == asked.c.account_id
    theirs = (_tags.c.id_tag == asked.c.id_tag) & (_tags.c.account_id == _lineage.c.ancestor_id)
    return select(asked.c.place, *_TAG).select_from(asked.join(_lineage, above).join(_tags, theirs))


@cache
def _starts_of(dialect: str) -> Select[Any]:
    asked = given(dialect, {"place": Integer(), "station_id": Uuid(), "start_key": String()})
    same = (_sessions.c.station_id == asked.c.station_id) & (_sessions.c.start_key == asked.c.start_key)
    return select(asked.c.place, *_TOLD).select_from(asked.join(_sessions, same))


@cache
def _stops_of(dialect: str) -> Select[Any]:
    asked = given(dialect, {"place": Integer(), "station_id": Uuid(), "transaction_id": BigInteger()})
    same = (_sessions.c.transaction_id == asked.c.transaction_id) & (_sessions.c.station_id == asked.c.station_id)
    joined = select(asked.c.place, *_OF_STOP).select_from(asked.join(_sessions, same))
    return joined.order_by(_sessions.c.id).with_for_update(of=_sessions)
