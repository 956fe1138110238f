"""Doubts: what a charger sent that was stored all the same, but should be looked at."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Table, bindparam, exists, insert, select

from accounts.access import Actor
from charging.models import DoubtfulFact
from charging.values import Doubt
from kit import clock, db
from kit.ids import new_id
from kit.use_case import hot_use_case
from stations.queries.sockets import StationFacts
from stations.use_cases.sockets import facts_of

LONGEST_DETAIL = 2000

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
def record_doubt(actor: Actor, *, doubt: Doubt, action: str, detail: str) -> None:
    """Note that a message was not as it should be; `detail` says what is wrong and how it came."""
    doubt_fact(facts_of(actor), doubt, action, detail)


def doubt_fact(facts: StationFacts, doubt: Doubt, action: str, detail: str, session_id: UUID | None = None) -> None:
    """Write a doubt down with the running batch."""
    values = {
        "id": new_id(),
        "account_id": facts.account_id,
        "station_id": facts.id,
        "session_id": session_id,
        "at": clock.now(),
        "doubt": doubt,
        "action": action,
        "detail": detail[:LONGEST_DETAIL],
    }
    db.current().later(_INSERT, values)


def doubt_once(facts: StationFacts, doubt: Doubt, action: str, detail: str, session_id: UUID) -> None:
    """The same, but a session has each doubt only once: a bad register is bad in every reading."""
    key = ("doubted", session_id, doubt)
    session = db.session()
    if key in session.info:
        return
    session.info[key] = True
    known = {"station_id": facts.id, "session_id": session_id, "doubt": doubt}
    if not session.execute(_NOTED, known).scalar_one():
        doubt_fact(facts, doubt, action, detail, session_id)


def clock_detail(at: datetime | None, used: datetime) -> str:
    """What to say of an instant that can't be true."""
    return f"said {at.isoformat() if at else 'nothing readable'}; taken as {used.isoformat()}"
