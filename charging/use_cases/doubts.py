"""Doubts: what a charger sent that was stored all the same, but should be looked at.

A doubt says what is the matter by a code with its facts: numbers, texts, instants in ISO 8601; names of facts end in
their unit (`_wh`, `_w`, `_s`, `_at`). Surfaces make sentences of them.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Table, bindparam, exists, insert, select, update

from accounts.access import Actor, allowed, visible, within
from accounts.rights import Right
from accounts.values import AccountId
from charging.models import DoubtfulFact
from charging.values import Doubt, DoubtId
from kit import clock, db
from kit.ids import new_id
from kit.notes import tell
from kit.use_case import hot_use_case, use_case
from stations.queries.sockets import StationFacts
from stations.use_cases.sockets import facts_of

LONGEST_DETAIL = 2000
LONGEST_FACT = 500

_doubts: Table = db.Base.metadata.tables[DoubtfulFact.__tablename__]
_INSERT = insert(_doubts)
_NOTED = select(
    exists().where(
        _doubts.c.station_id == bindparam("station_id"),
        _doubts.c.session_id == bindparam("session_id"),
        _doubts.c.doubt == bindparam("doubt"),
    )
)


@hot_use_case
def record_deviation(actor: Actor, *, action: str, where: str, what: str, detail: str) -> None:
    """Note that a message was not as the standard has it: where, what is the matter, and how it came (`detail`)."""
    doubt_fact(facts_of(actor), Doubt.SCHEMA, action, "schema", detail=detail, where=where, what=what)


@use_case
def mark_doubts_looked_at(
    actor: Actor, account_id: AccountId | None = None, *, doubt_ids: Collection[DoubtId] | None = None
) -> int:
    """Somebody has looked at these doubts, or at all of an account and below it; returns how many were new.

    What the actor may not control is left alone. Raises NotFound, Forbidden for a single doubt.
    """
    if doubt_ids is not None and len(doubt_ids) == 1:
        allowed(actor, Right.CONTROL_SESSIONS, DoubtfulFact, next(iter(doubt_ids)))
    found = select(DoubtfulFact.id).where(DoubtfulFact.looked_at.is_(None))
    if account_id is not None:
        found = found.where(within(DoubtfulFact, account_id))
    if doubt_ids is not None:
        found = found.where(DoubtfulFact.id.in_(doubt_ids))
    meant = db.session().scalars(visible(actor, Right.CONTROL_SESSIONS, found, DoubtfulFact)).all()
    marked = {"looked_at": clock.now(), "looked_by": actor.reference}
    for first in range(0, len(meant), 500):
        some = meant[first : first + 500]
        db.session().execute(update(DoubtfulFact).where(DoubtfulFact.id.in_(some)).values(marked))
    if account_id is not None:
        tell("account", account_id)
    return len(meant)


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
        "detail": detail[:LONGEST_DETAIL],
        "looked_at": None,
        "looked_by": None,
    }
    db.current().later(_INSERT, row)


def doubt_once(facts: StationFacts, doubt: Doubt, action: str, code: str, session_id: UUID, **values: Any) -> None:
    """The same, but a session has each doubt only once: a bad register is bad in every reading."""
    key = ("doubted", session_id, doubt)
    session = db.session()
    if key in session.info:
        return
    session.info[key] = True
    known = {"station_id": facts.id, "session_id": session_id, "doubt": doubt}
    if not session.execute(_NOTED, known).scalar_one():
        doubt_fact(facts, doubt, action, code, session_id, **values)


def doubt_clock(
    facts: StationFacts, action: str, session_id: UUID, said: datetime | None, used: datetime, *, once: bool = False
) -> None:
    """A stamp that can't be true, or that was put right by what is known of the charger's clock."""
    skew_s = round(facts.clock.correction.total_seconds())
    code = "clock_corrected" if skew_s and said is not None else "clock_impossible"
    note = doubt_once if once else doubt_fact
    note(facts, Doubt.CLOCK, action, code, session_id, said_at=said, used_at=used, ahead_s=skew_s)


def plain(value: Any) -> Any:
    """A fact as JSON keeps it."""
    if isinstance(value, datetime):
        return value.isoformat()
    return value[:LONGEST_FACT] if isinstance(value, str) else value
