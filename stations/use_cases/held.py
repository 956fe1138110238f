"""What chargers said about sessions and could not be stored: while they waited, or because something of ours failed.
It is held word for word, and taken out again, one after another, once it can be.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from math import inf
from typing import Any
from uuid import UUID

from sqlalchemy import Table, bindparam, delete, exists, func, insert, or_, select, update

from accounts.access import Actor, ActorKind, system
from kit import clock, db
from kit.events import record
from kit.ids import new_id
from kit.notes import tell
from kit.use_case import hot_use_case
from stations.events import StationAccepted
from stations.held_keys import READINGS, START, STOP, key_of_transaction, said_key
from stations.models import HeldMessage, Station, WaitingStation
from stations.values import NEW_LOGIN, NEW_PROFILE, StationId

READ_AT_ONCE = 500
MOST_READINGS = 5_000  # of one station; starts and ends are held however many there are
MOST_STATIONS = 200
OF_TRANSACTIONS = (READINGS, STOP)
_held: Table = db.Base.metadata.tables[HeldMessage.__tablename__]


@dataclass(frozen=True, slots=True)
class Held:
    """A message that waits for its station: `transaction_id` is what a start was answered with."""

    id: UUID
    action: str
    payload: dict[str, Any]
    transaction_id: int | None
    arrived_at: datetime


_MINE = select(*(_held.c[each.name] for each in fields(Held))).where(_held.c.station_id == bindparam("me"))
_ALL = select(_held.c.id).where(_held.c.station_id == bindparam("me")).order_by(_held.c.arrived_at, _held.c.id)
_NEXT = _ALL.offset(bindparam("skip")).limit(READ_AT_ONCE)
_THAT_START = _ALL.where(_held.c.said_key == bindparam("key"), _held.c.action == START)
_OF_TRANSACTION = _ALL.where(
    or_(
        _held.c.said_key.in_(bindparam("keys", expanding=True)),
        (_held.c.transaction_id == bindparam("transaction_id")) & (_held.c.action == START),
    )
)
_SAID = _MINE.where(_held.c.said_key == bindparam("key"), _held.c.action == bindparam("told"))
_READINGS = select(func.count()).where(_held.c.station_id == bindparam("me"), _held.c.action == READINGS)
_THIS = _MINE.where(_held.c.id == bindparam("held_id")).with_for_update()


@hot_use_case
def held_messages(actor: Actor, *, skip: int = 0) -> Sequence[UUID]:
    """The ids of what is held of this station, in the order of arrival; those behind the first `skip`, at most 500.

    It may be months, so one is read after the other.
    """
    assert actor.kind is ActorKind.STATION, "each its own"
    return db.session().scalars(_NEXT, {"me": actor.id, "skip": skip}).all()


@hot_use_case
def held_before(actor: Actor, *, action: str, payload: dict[str, Any], of: int | None) -> Sequence[UUID]:
    """What is held of this station that has to be stored before such a message: the same start told before, or what
    was said of its transaction.
    """
    assert actor.kind is ActorKind.STATION, "each its own"
    if action == START:
        return db.session().scalars(_THAT_START, {"me": actor.id, "key": said_key(START, payload)}).all()
    if of is None:
        return ()
    keys = [key_of_transaction(told, of) for told in OF_TRANSACTIONS]
    return db.session().scalars(_OF_TRANSACTION, {"me": actor.id, "keys": keys, "transaction_id": of}).all()


@hot_use_case
def hold_unstored(
    actor: Actor, account_id: UUID, *, action: str, payload: dict[str, Any], of: int | None, promised: int | None
) -> bool:
    """Keep what a station said about a session where it could not be stored: `of` this transaction, or a start that
    was `promised` it. False: it is held already, or it is one reading too many.
    """
    assert actor.kind is ActorKind.STATION, "each its own"
    assert actor.id is not None, "it has one"
    session = db.session()
    key = said_key(action, payload) if action == START else key_of_transaction(action, of)
    if action == READINGS:
        if session.execute(_READINGS, {"me": actor.id}).scalar_one() >= MOST_READINGS:
            return False
    elif any(row.payload == payload for row in session.execute(_SAID, {"me": actor.id, "key": key, "told": action})):
        return False
    row = {"id": new_id(), "account_id": account_id, "station_id": actor.id, "action": action, "payload": payload}
    said = {"said_key": key, "transaction_id": promised, "arrived_at": clock.arrived()}
    session.execute(insert(_held).values(row | said))
    tell(NEW_PROFILE, data=actor.id.hex.encode())  # whoever remembers it, learns that something is held
    return True


@hot_use_case
def store_held(
    actor: Actor, held_ids: Sequence[UUID], store: Callable[[Held], object], *, within_s: float = inf
) -> int:
    """Put these where they belong: stored and forgotten in one. Nothing, where somebody else did so meanwhile.

    When so much time is over, others have their turn: it says how many are done, at least one.
    """
    assert actor.kind is ActorKind.STATION, "each its own"
    until = time.monotonic() + within_s
    for number, held_id in enumerate(held_ids, 1):
        row = db.session().execute(_THIS, {"me": actor.id, "held_id": held_id}).first()
        if row is not None:
            store(Held(*row))
            db.session().execute(delete(_held).where(_held.c.id == held_id))
        if time.monotonic() >= until:
            return number
    return len(held_ids)


@hot_use_case
def stations_with_held(actor: Actor) -> Sequence[tuple[StationId, UUID]]:
    """Stations of which something is held still, with their accounts: it is to be tried again."""
    system(actor)
    held = exists().where(_held.c.station_id == Station.id)
    rows = db.session().execute(select(Station.id, Station.account_id).where(held).limit(MOST_STATIONS))
    return [(row.id, row.account_id) for row in rows]


def settle_waiting(station: Station, identity: str) -> None:
    """The charger that waits under this identity is this station. Its socket ends; it comes again and is known.

    For rooms, within their door.
    """
    mine = (WaitingStation.account_id == station.account_id) & (WaitingStation.identity == identity)
    waiting = db.session().scalars(select(WaitingStation).where(mine).with_for_update()).one_or_none()
    if waiting is None:
        return
    held = update(HeldMessage).where(HeldMessage.station_id == waiting.id)
    db.session().execute(held.values(station_id=station.id))
    db.session().execute(delete(WaitingStation).where(WaitingStation.id == waiting.id))
    record(
        StationAccepted(station_id=station.id, account_id=station.account_id, readings_dropped=waiting.readings_dropped)
    )
    tell(NEW_LOGIN, data=waiting.id.hex.encode())
