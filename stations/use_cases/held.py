"""What chargers said about sessions while they waited: taken out again, one after another, once they are stations."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Table, bindparam, delete, select, update

from accounts.access import Actor, ActorKind
from kit import db
from kit.events import record
from kit.notes import tell
from kit.use_case import hot_use_case
from stations.events import StationAccepted
from stations.models import HeldMessage, Station, WaitingStation
from stations.values import NEW_LOGIN

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
_THIS = _MINE.where(_held.c.id == bindparam("held_id")).with_for_update()


@hot_use_case
def held_messages(actor: Actor) -> Sequence[UUID]:
    """The ids of what this station said while it waited, in the order of arrival. It may be months, so one is read
    after the other."""
    assert actor.kind is ActorKind.STATION, "each its own"
    return db.session().scalars(_ALL, {"me": actor.id}).all()


@hot_use_case
def store_held(actor: Actor, held_id: UUID, store: Callable[[Held], object]) -> None:
    """Put one of them where it belongs: stored and forgotten in one. Nothing, where somebody else did so meanwhile."""
    assert actor.kind is ActorKind.STATION, "each its own"
    row = db.session().execute(_THIS, {"me": actor.id, "held_id": held_id}).first()
    if row is not None:
        store(Held(*row))
        db.session().execute(delete(_held).where(_held.c.id == held_id))


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
    record(StationAccepted(station_id=station.id, account_id=station.account_id))
    tell(NEW_LOGIN, data=waiting.id.hex.encode())
