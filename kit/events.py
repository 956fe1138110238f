"""Facts that travel after the commit: written to the outbox in the deed's own transaction, read by the worker."""

import dataclasses
import functools
from datetime import datetime
from decimal import Decimal
from types import UnionType
from typing import Any, ClassVar, Self, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from sqlalchemy import Index, insert
from sqlalchemy.orm import Mapped, mapped_column

from kit import clock, db
from kit.audit import plain
from kit.ids import new_id


class Event:
    """A past-tense fact; subclasses are frozen dataclasses of ids, numbers, instants and short texts."""

    kinds: ClassVar[dict[str, type["Event"]]] = {}

    def __init_subclass__(cls) -> None:
        Event.kinds[cls.__name__] = cls

    def payload(self) -> dict[str, Any]:
        """The fact as JSON."""
        return {
            field.name: _encode(getattr(self, field.name))
            for field in dataclasses.fields(self)  # type: ignore[arg-type]  # every subclass is a dataclass
        }

    @classmethod
    def from_payload(cls, payload: dict[str, Any]) -> Self:
        """The fact from JSON; keys that this version does not know are passed over."""
        hints = _hints(cls)  # type: ignore[arg-type]  # a class is hashable
        return cls(**{key: _decode(hints[key], value) for key, value in payload.items() if key in hints})


class OutboxRow(db.WithId, db.Base):
    """An event on its way. Claimed by a conditional UPDATE until `claimed_until`; done when all reactions ran."""

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_open", "done_at", "due_at"),)

    kind: Mapped[str]
    payload: Mapped[dict[str, Any]]
    recorded_at: Mapped[datetime]
    due_at: Mapped[datetime]
    claimed_until: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None]


_insert = insert(db.Base.metadata.tables[OutboxRow.__tablename__])
_WOKEN = "woken"
_wake: list[Any] = []


def on_recorded(wake: Any) -> None:
    """Call `wake()` after every commit that recorded an event (the embedded worker, or Huey's queue)."""
    _wake[:] = [wake]


def record(event: Event) -> None:
    """Announce a fact: it becomes true with the running transaction, and reaches its reactions after the commit."""
    unit = db.current()
    now = clock.now()
    values = {
        "id": new_id(),
        "kind": type(event).__name__,
        "payload": event.payload(),
        "recorded_at": now,
        "due_at": now,
        "attempts": 0,
    }
    unit.later(_insert, values)
    if _WOKEN not in unit.session.info:  # once per transaction: a gateway's batch records hundreds
        unit.session.info[_WOKEN] = True
        for wake in _wake:
            unit.after_commit(wake)


@functools.cache
def _hints(kind: type[Event]) -> dict[str, Any]:
    return get_type_hints(kind)


def _encode(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else plain(value)


def _decode(kind: Any, value: Any) -> Any:
    if value is None:
        return None
    if get_origin(kind) in (Union, UnionType):
        kind = next(option for option in get_args(kind) if option is not type(None))
    kind = getattr(kind, "__supertype__", kind)
    if kind is datetime:
        return datetime.fromisoformat(value)
    if kind in (UUID, Decimal) or (isinstance(kind, type) and hasattr(kind, "__members__")):
        return kind(value)
    return value
