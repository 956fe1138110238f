"""Doubts: what a charger sent that was stored all the same, but should be looked at.

A doubt says what is the matter by a code with its facts: numbers, texts, instants in ISO 8601; names of facts end in
their unit (`_wh`, `_w`, `_s`, `_at`). Surfaces make sentences of them.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Table, bindparam, delete, exists, func, insert, select, update

from accounts.access import Actor, allowed, allowed_in, system, within
from accounts.rights import Right
from accounts.values import AccountId
from charging.models import DoubtfulFact
from charging.use_cases.instants import clock_doubt, settle
from charging.values import Doubt, DoubtId
from kit import clock, db, settings
from kit.errors import Invalid
from kit.ids import new_id
from kit.masking import mask_text
from kit.notes import tell
from kit.use_case import hot_use_case, use_case
from stations.queries.sockets import StationFacts, station_facts
from stations.use_cases.sockets import facts_of
from stations.values import StationId

LONGEST_DETAIL = 2000
LONGEST_FACT = 500
MOST_AT_ONCE = 100
BITE = 500  # rows that are removed in one go; meanwhile an embedded database writes nothing else

_doubts: Table = db.Base.metadata.tables[DoubtfulFact.__tablename__]
_INSERT = insert(_doubts)
_NOTED = select(
    exists().where(
        _doubts.c.station_id == bindparam("station_id"),
        _doubts.c.session_id == bindparam("session_id"),
        _doubts.c.code == bindparam("code"),
    )
)
_OPEN = select(
    exists().where(
        _doubts.c.station_id == bindparam("station_id"),
        _doubts.c.session_id.is_(None),
        _doubts.c.code == bindparam("code"),
        _doubts.c.looked_at.is_(None),
    )
)
_KEPT = select(
    exists().where(
        _doubts.c.station_id == bindparam("station_id"),
        _doubts.c.doubt == Doubt.UNSTORED,
        _doubts.c.detail == bindparam("detail"),
    )
)


@hot_use_case
def record_deviation(actor: Actor, *, action: str, where: str, what: str, detail: str) -> None:
    """Note that a message was not as the standard has it: where, what is the matter, and how it came (`detail`).

    Its secrets are not kept.
    """
    detail, what = mask_text(detail)[:LONGEST_DETAIL], mask_text(what)
    doubt_fact(facts_of(actor), Doubt.SCHEMA, action, "schema", detail=detail, where=where, what=what)


@hot_use_case
def keep_unstored(actor: Actor, *, action: str, detail: str) -> None:
    """Show a message that a mistake of ours keeps from being stored as what it is; told again, it is one."""
    facts, came = facts_of(actor), mask_text(detail)
    if not db.session().execute(_KEPT, {"station_id": facts.id, "detail": came}).scalar_one():
        doubt_fact(facts, Doubt.UNSTORED, action, "unstored", detail=came)


@hot_use_case
def note_dropped_readings(actor: Actor, station_id: StationId, count: int) -> None:
    """A station said more while it waited than there was room for: so many of its messages of readings are lost."""
    system(actor)
    doubt_once(station_facts(station_id), Doubt.UNSTORED, "MeterValues", "readings_dropped", None, number=count)


@hot_use_case
def doubt_stamp(actor: Actor, *, action: str, at: datetime | None) -> None:
    """Note a stamp that can't be true, of a message that is about no session; `at` None: it can't be read.

    A clock that is put right is named at the sessions that it concerns.
    """
    facts = facts_of(actor)
    used, impossible = settle(facts, at, clock.arrived())
    if impossible:
        doubt_once(facts, Doubt.CLOCK, action, "clock_impossible", None, said_at=at, used_at=used)


@use_case
def mark_doubts_looked_at(actor: Actor, doubt_ids: Sequence[DoubtId]) -> int:
    """Somebody has looked at these doubts; returns how many were new. All or none; raises Invalid(ids=)."""
    if not 1 <= len(doubt_ids) <= MOST_AT_ONCE:
        raise Invalid(ids="too_many" if doubt_ids else "required")
    rows = [allowed(actor, Right.CONTROL_SESSIONS, DoubtfulFact, one, lock=True) for one in doubt_ids]
    fresh = [row for row in rows if row.looked_at is None]
    for row in fresh:
        row.looked_at, row.looked_by = clock.now(), actor.reference
    return len(fresh)


@use_case
def mark_all_doubts_looked_at(actor: Actor, account_id: AccountId) -> int:
    """Somebody has looked at all that an account and those below it have; returns how many were new."""
    allowed_in(actor, Right.CONTROL_SESSIONS, account_id)
    fresh = (DoubtfulFact.looked_at.is_(None), within(DoubtfulFact, account_id))
    count = db.session().scalar(select(func.count()).select_from(DoubtfulFact).where(*fresh)) or 0
    marked = {"looked_at": clock.now(), "looked_by": actor.reference}
    db.session().execute(update(DoubtfulFact).where(*fresh).values(marked))
    tell("account", account_id)
    return count


@hot_use_case
def prune_doubts(actor: Actor) -> bool:
    """Remove a bite of the doubts that somebody looked at more than DOUBT_DAYS ago; whether more are waiting."""
    system(actor)
    limit, session = clock.now() - timedelta(days=settings.current().doubt_days), db.session()
    old = list(session.scalars(select(_doubts.c.id).where(_doubts.c.looked_at < limit).limit(BITE)))
    if old:
        session.execute(delete(_doubts).where(_doubts.c.id.in_(old)))
    return len(old) == BITE


def doubt_fact(
    facts: StationFacts,
    doubt: Doubt,
    action: str,
    code: str,
    session_id: UUID | None = None,
    *,
    detail: str = "",
    **values: Any,
) -> None:
    """Write a doubt down with the running batch."""
    row = {
        "id": new_id(),
        "account_id": facts.account_id,
        "station_id": facts.id,
        "session_id": session_id,
        "at": clock.now(),
        "doubt": doubt,
        "action": action,
        "code": code,
        "facts": {name: plain(value) for name, value in values.items()},
        "detail": detail,
        "looked_at": None,
        "looked_by": None,
    }
    db.current().later(_INSERT, row)


def doubt_once(
    facts: StationFacts, doubt: Doubt, action: str, code: str, session_id: UUID | None, **values: Any
) -> None:
    """The same, but a session has each doubt only once: a bad register is bad in every reading.

    Of no session, a station has each once until somebody has looked at it.
    """
    key = ("doubted", session_id or facts.id, code)
    session = db.session()
    if key in session.info:
        return
    session.info[key] = True
    known = {"station_id": facts.id, "code": code}
    noted = (
        session.execute(_OPEN, known)
        if session_id is None
        else session.execute(_NOTED, known | {"session_id": session_id})
    )
    if not noted.scalar_one():
        doubt_fact(facts, doubt, action, code, session_id, **values)


def doubt_clock(
    facts: StationFacts,
    action: str,
    session_id: UUID | None,
    said: datetime | None,
    used: datetime,
    *,
    impossible: bool,
    once: bool = False,
) -> None:
    """Name the doubt of a stamp that was not taken as it came (`instants.clock_doubt`), if there is one."""
    code = clock_doubt(facts, said, impossible=impossible)
    if code:
        note = doubt_once if once else doubt_fact
        skew_s = round(facts.clock.correction.total_seconds())
        note(facts, Doubt.CLOCK, action, code, session_id, said_at=said, used_at=used, ahead_s=skew_s)


def plain(value: Any) -> Any:
    """A fact as JSON keeps it."""
    if isinstance(value, datetime):
        return value.isoformat()
    return value[:LONGEST_FACT] if isinstance(value, str) else value
