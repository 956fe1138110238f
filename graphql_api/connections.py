"""Long lists the Relay way: edges with cursors, a page at a time."""

import base64
import binascii
from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Generic, TypeVar
from uuid import UUID

import strawberry

from graphql_api.context import Info
from kit.errors import Invalid
from kit.paging import Page

T = TypeVar("T")
R = TypeVar("R")
LONGEST_PAGE = 100


@strawberry.type(description="Whether more follows, and the cursor to ask for it with.")
class PageInfo:
    """The end of this page."""

    has_next_page: bool
    end_cursor: str | None


@strawberry.type
class Edge(Generic[T]):
    """One item and its cursor."""

    node: T
    cursor: str


@strawberry.type
class Connection(Generic[T]):
    """One page of a list. `nodes` is a short cut for `edges { node }`."""

    edges: list[Edge[T]]
    nodes: list[T]
    page_info: PageInfo


def connection(nodes: Sequence[T], cursors: Sequence[str], *, more: bool, end: str | None = None) -> Connection[T]:
    """A page of nodes with their cursors. `end`: where the next one begins, if not after the last of these."""
    edges = [Edge(node=node, cursor=cursor) for node, cursor in zip(nodes, cursors, strict=True)]
    end = end or (cursors[-1] if cursors else None)
    return Connection(edges=edges, nodes=list(nodes), page_info=PageInfo(has_next_page=more, end_cursor=end))


def newest_first(
    info: Info,
    page: tuple[int, str | None],
    load: Callable[..., Sequence[R]],
    shown: Callable[[R], T],
    row_id: Callable[[R], UUID] | None = None,
) -> Connection[T]:
    """A page (`first` and `after`) of rows in the order of their ids. `load`: a door that takes the id `before` which
    they are, and a `limit`. `row_id`: where what is shown has no `id`.
    """
    size, before = page_size(info, page[0]), read_cursor(page[1], UUID)
    rows = load(before=before, limit=size + 1)
    nodes = [shown(row) for row in rows[:size]]
    ids = map(row_id, rows[:size]) if row_id else map(attrgetter("id"), nodes)
    return connection(nodes, [cursor(one) for one in ids], more=len(rows) > size)


def numbered(
    info: Info, page: tuple[int, str | None], load: Callable[[int, int], Page[R]], shown: Callable[[R], T]
) -> Connection[T]:
    """A page (`first` and `after`) of a list that goes on by numbers. `load`: takes the page's number and its size."""
    size, seen = page_size(info, page[0]), read_cursor(page[1], int) or 0
    found = load(seen // size + 1, size)
    nodes = [shown(row) for row in found.items]
    cursors = [cursor((found.number - 1) * size + place) for place in range(1, len(nodes) + 1)]
    return connection(nodes, cursors, more=found.next is not None)


def page_size(info: Info, first: int) -> int:
    """How many items to fetch; raises Invalid(first=...), TooExpensive."""
    if not 1 <= first <= LONGEST_PAGE:
        raise Invalid(first="out_of_range")
    return first


def name_cursor(name: str, row_id: UUID) -> str:
    """A cursor in a list that is ordered by name, capitals or not."""
    return cursor(f"{row_id}:{name}")


def named(text: str) -> tuple[str, UUID]:
    """What such a cursor stands for, as `read_cursor` asks for it."""
    row_id, _, name = text.partition(":")
    return name, UUID(row_id)


def cursor(value: UUID | int | str) -> str:
    """An opaque cursor."""
    return base64.urlsafe_b64encode(f"v1:{value}".encode()).decode()


def read_cursor(text: str | None, kind: Callable[[str], T]) -> T | None:
    """What a cursor stands for; raises Invalid(after="unknown")."""
    if text is None:
        return None
    try:
        version, _, value = base64.urlsafe_b64decode(text.encode()).decode().partition(":")
        if version == "v1":
            return kind(value)
    except (ValueError, binascii.Error):
        pass
    raise Invalid(after="unknown")
