"""Doors: the only way into a room. A use case is one deed in one transaction; a query only reads.

The first parameter is always the actor. A door that never asked for a right fails before its commit.
"""

import functools
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar
from uuid import UUID

from sqlalchemy.exc import DBAPIError

from kit import audit, crash, db

P = ParamSpec("P")
R = TypeVar("R")
DOORS: dict[str, Callable[..., Any]] = {}
_leaves_line: set[str] = set()


class Named(Protocol):
    """What kit needs to know of an actor: a stable text for the audit line."""

    @property
    def reference(self) -> str: ...


A = TypeVar("A", bound=Named)


class RightsNotChecked(AssertionError):
    """A door did its deed without asking for a right: a mistake in the program, never shown to a user."""


@dataclass
class Door:
    """The door being walked through: whether a right was asked for, in which account, by which other one, and for what;
    `by_staff`: the right was to be staff of the platform.
    `changes`: what became of audited rows, without what inner doors did.
    """

    name: str
    writes: bool
    checked: bool = False
    account_id: UUID | None = None
    through_id: UUID | None = None
    thing: str = ""
    by_staff: bool = False
    changes: list[dict[str, Any]] = field(default_factory=list)


_door: ContextVar[Door | None] = ContextVar("door", default=None)


def checked(account_id: UUID | None = None, row: Any = None) -> None:
    """The gate tells the running door that a right was asked for, and the row that it gives out (called by
    `accounts.access` only).
    """
    door = _door.get()
    if door is not None:
        door.checked = True
        door.account_id = door.account_id or account_id
        if row is not None and door.writes and not door.thing:
            door.thing = audit.thing_of(row)


def through(account_id: UUID) -> None:
    """The gate tells that the actor has the right by another account."""
    door = _door.get()
    if door is not None:
        door.through_id = door.through_id or account_id


def as_staff(account_id: UUID | None = None) -> None:
    """The gate tells that the actor does this as staff of the platform."""
    checked(account_id)
    door = _door.get()
    if door is not None:
        door.by_staff = True


def use_case(function: Callable[Concatenate[A, P], R]) -> Callable[Concatenate[A, P], R]:
    """A deed: joins the outer transaction or opens one, writes the audit line, commits or rolls back."""
    signature = inspect.signature(function)
    name = f"{function.__module__}.{function.__name__}"

    @functools.wraps(function)
    def walk(actor: A, /, *args: P.args, **kwargs: P.kwargs) -> R:
        outer = _door.get()
        assert outer is None or outer.writes, f"{outer.name} only reads and can't call {function.__name__}"
        if db.in_transaction():
            assert db.current().writing, f"{function.__name__} is called where somebody only reads"
            return _run(function, signature, actor, args, kwargs, writes=True)
        try:
            return _in_transaction(actor, *args, **kwargs)
        except DBAPIError as error:
            if not db.lost_a_race(error):
                raise
        return _in_transaction(actor, *args, **kwargs)

    def _in_transaction(actor: A, /, *args: P.args, **kwargs: P.kwargs) -> R:
        with db.transaction(writing=True) as unit:
            if crash.FILE is not None:
                unit.after_commit(functools.partial(crash.point, name, "committed"))
            result = _run(function, signature, actor, args, kwargs, writes=True)
            crash.point(name, "before_commit")
            return result

    DOORS[name] = walk
    _leaves_line.add(name)
    return walk


def writes_line(door: Callable[..., Any]) -> bool:
    """Whether this door leaves an audit line: it changes something, and is not on the chargers' path."""
    return f"{door.__module__}.{door.__name__}" in _leaves_line


def hot_use_case(function: Callable[Concatenate[A, P], R]) -> Callable[Concatenate[A, P], R]:
    """A deed on the chargers' path: always part of a writer's batch; no audit line, no ORM objects.

    The actor is the station that was authenticated at connect, so the right is the row itself.
    """

    @functools.wraps(function)
    def walk(actor: A, /, *args: P.args, **kwargs: P.kwargs) -> R:
        if db.in_transaction():
            return function(actor, *args, **kwargs)
        with db.transaction(writing=True):
            return function(actor, *args, **kwargs)

    DOORS[f"{function.__module__}.{function.__name__}"] = walk
    return walk


def query(function: Callable[Concatenate[A, P], R]) -> Callable[Concatenate[A, P], R]:
    """A read: in the surrounding transaction or in one of its own; a use case inside is refused."""

    @functools.wraps(function)
    def walk(actor: A, /, *args: P.args, **kwargs: P.kwargs) -> R:
        if db.in_transaction():
            return _run(function, None, actor, args, kwargs, writes=False)
        with db.transaction(writing=False):
            return _run(function, None, actor, args, kwargs, writes=False)

    DOORS[f"{function.__module__}.{function.__name__}"] = walk
    return walk


@contextmanager
def reading() -> Iterator[None]:
    """Several queries in one transaction, which all see the same moment. A use case inside is a mistake."""
    with db.transaction(writing=False):
        yield


def _run(
    function: Callable[..., R],
    signature: inspect.Signature | None,
    actor: Named,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    *,
    writes: bool,
) -> R:
    door, outer = Door(f"{function.__module__}.{function.__name__}", writes), _door.get()
    if outer is not None and outer.writes:
        outer.changes += audit.changes_so_far()
    token = _door.set(door)
    try:
        result = function(actor, *args, **kwargs)
    finally:
        _door.reset(token)
    if not door.checked:
        raise RightsNotChecked(door.name)
    if signature is not None:
        arguments = dict(signature.bind(actor, *args, **kwargs).arguments)
        arguments.pop(next(iter(signature.parameters)))
        _write_line(door, actor.reference, arguments)
    return result


def _write_line(door: Door, actor: str, arguments: dict[str, Any]) -> None:
    changes = door.changes + audit.changes_so_far()
    account_id, through_id = door.account_id, door.through_id
    audit.write(audit.Deed(actor, door.name, arguments, changes, account_id, through_id, door.thing, door.by_staff))
