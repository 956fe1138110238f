"""The only clock. Everything inside is an aware UTC instant; local time exists only at the edges."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta

_offset: timedelta | None = None
_arrived: ContextVar[datetime | None] = ContextVar("arrived", default=None)


def now() -> datetime:
    """The present instant in UTC, moved by `moved_to` where demo data or a story needs another day."""
    instant = datetime.now(UTC)
    return instant if _offset is None else instant + _offset


def move(to: datetime | None) -> None:
    """Let the process's clock run on from this instant; None sets it right again. For demo data and tests only."""
    global _offset
    _offset = None if to is None else to - datetime.now(UTC)


def text(instant: datetime) -> str:
    """An instant as every machine reads it: ISO 8601, in UTC, whole seconds, Z."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def arrived() -> datetime:
    """When what is handled came to us: just now, unless it was kept for a while (`kept_since`)."""
    return _arrived.get() or now()


@contextmanager
def kept_since(instant: datetime) -> Iterator[None]:
    """Handle in this block what arrived back then and could not be handled at once."""
    token = _arrived.set(instant)
    try:
        yield
    finally:
        _arrived.reset(token)


@contextmanager
def moved_to(instant: datetime) -> Iterator[None]:
    """Run a block at another time; the clock goes on ticking from there."""
    global _offset
    before = _offset
    move(instant)
    try:
        yield
    finally:
        _offset = before
