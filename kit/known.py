"""Something small and rarely changed that every request needs: read once per process, and again when it changed."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from kit import bus, db

Value = TypeVar("Value")
LASTS_S = 60.0  # notes can be lost


@dataclass(frozen=True)
class _Kept(Generic[Value]):
    value: Value
    engine: Any
    version: int
    read_at: float


class Known(Generic[Value]):
    """`read` is asked when nothing is known, after a note on `topic`, and after a minute in any case.

    Whoever changes it tells the note within the transaction and reads the tables, not this.
    """

    def __init__(self, topic: str, read: Callable[[], Value]) -> None:
        self._topic = topic
        self._read = read
        self._kept: _Kept[Value] | None = None
        self._version = 0
        self._bus: bus.Bus | None = None

    def __call__(self) -> Value:
        """What is known."""
        self._listen()
        kept, engine, version = self._kept, db.engine(), self._version
        if (
            kept is None
            or kept.engine is not engine
            or kept.version != version
            or time.monotonic() - kept.read_at > LASTS_S
        ):
            # a note that comes while we read makes this one old at once
            self._kept = kept = _Kept(self._read(), engine, version, time.monotonic())
        return kept.value

    def _listen(self) -> None:
        present = bus.current()
        if self._bus is not present:
            self._bus = present
            present.listen(self._heard)
            self._version += 1

    def _heard(self, topic: str, _data: bytes) -> None:
        if topic == self._topic:
            self._version += 1
