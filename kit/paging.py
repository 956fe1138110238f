"""Long lists, one page at a time."""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, func, literal, tuple_

T = TypeVar("T")


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of a list. `number` counts from 1, `size` is the most a page holds, `total` counts all pages' items."""

    items: tuple[T, ...]
    number: int
    size: int
    total: int

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // self.size))

    @property
    def previous(self) -> int | None:
        """The number of the page before, where there is one."""
        return self.number - 1 if self.number > 1 else None

    @property
    def next(self) -> int | None:
        """The number of the page after, where there is one."""
        return self.number + 1 if self.number < self.pages else None


def follows(name: Any, row_id: Any, last: tuple[str, UUID]) -> ColumnElement[bool]:
    """For a WHERE: the row comes after `last`, the name and id of another one, in a list by name in small letters.

    The database makes the letters small: it and Python differ about some of them.
    """
    return tuple_(func.lower(name), row_id) > tuple_(func.lower(literal(last[0])), literal(last[1], Uuid()))
