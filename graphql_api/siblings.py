"""What a query asks of every object of a page, loaded for all of them at once when the first one is asked."""

from collections.abc import Callable, Collection, Hashable, Mapping
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Siblings(Generic[K, V]):
    """The objects of one page."""

    def __init__(self, keys: Collection[K]) -> None:
        self._keys = keys
        self._loaded: dict[Hashable, Mapping[K, V]] = {}

    def of(self, key: K, asked: Hashable, load: Callable[[Collection[K]], Mapping[K, V]]) -> V | None:
        """What was loaded for one of them; `asked`: the arguments, which mostly are the same for all."""
        if asked not in self._loaded:
            self._loaded[asked] = load(self._keys)
        return self._loaded[asked].get(key)
