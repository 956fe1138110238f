"""One question for many threads: while one is being answered, those who come meanwhile wait and ask together."""

import threading
from collections.abc import Callable, Collection, Mapping
from typing import Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class _Round(Generic[Key, Value]):
    """Those who ask at once, and what they are answered."""

    def __init__(self) -> None:
        self.keys: set[Key] = set()
        self.answers: Mapping[Key, Value] | None = None
        self.error: Exception | None = None


class Together(Generic[Key, Value]):
    """`ask` answers for many keys. Nobody waits for others to come: who is alone asks at once."""

    def __init__(self, ask: Callable[[Collection[Key]], Mapping[Key, Value]]) -> None:
        self._ask = ask
        self._guard = threading.Lock()
        self._turn = threading.Lock()
        self._next: _Round[Key, Value] = _Round()

    def __call__(self, key: Key) -> Value:
        """The answer for this key, asked after this call began."""
        with self._guard:
            mine = self._next
            mine.keys.add(key)
        with self._turn:
            if mine.answers is None and mine.error is None:
                self._answer(mine)
        if mine.answers is not None:
            return mine.answers[key]
        if len(mine.keys) > 1:  # it may be another's fault
            return self._ask([key])[key]
        assert mine.error is not None, "a round ends in one or the other"
        raise mine.error

    def _answer(self, mine: _Round[Key, Value]) -> None:
        with self._guard:
            self._next = _Round()
        try:
            mine.answers = self._ask(mine.keys)
        except Exception as error:
            mine.error = error
