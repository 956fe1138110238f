"""Things that are kept as long as there is room: the ones asked for last, and never more than so much together."""

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Kept(Generic[K, V]):
    """`room` is the most that the weights of all may come to."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._lock = Lock()
        self._things: OrderedDict[K, tuple[V, int]] = OrderedDict()
        self._weight = 0

    def get(self, key: K) -> V | None:
        """What is kept under this key."""
        with self._lock:
            found = self._things.get(key)
            if found is None:
                return None
            self._things.move_to_end(key)
            return found[0]

    def keep(self, key: K, thing: V, weight: int) -> V:
        """Keep it, in place of what was not asked for the longest."""
        with self._lock:
            _, before = self._things.pop(key, (None, 0))
            self._things[key] = thing, weight
            self._weight += weight - before
            while self._weight > self._room:
                _, (_, less) = self._things.popitem(last=False)
                self._weight -= less
        return thing
