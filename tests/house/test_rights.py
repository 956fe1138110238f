"""Every door is tried by those who may not walk through it: it refuses, or shows nothing, and nothing changes.

A door that is open to everybody says so itself (`public("why")`); all others are called with ids that exist, as a
stranger, as a visitor, and as a technician of another property.
"""

import dataclasses
import inspect
import typing
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints
from uuid import UUID

from sqlalchemy import func, select

from accounts.access import ANYONE, Actor
from kit import clock, db
from kit.audit import AuditLine
from kit.errors import AppError
from kit.events import OutboxRow
from kit.use_case import DOORS
from stations.pem import written
from stations.use_cases import bring_certificate
from tests import certificates, make
from tests.house.walk import ROOMS, import_rooms
from tests.made import MadeStation
from tests.people import People

import_rooms()
GUARDED = {
    name: door
    for name, door in DOORS.items()
    if name.split(".")[0] in ROOMS and "public(" not in inspect.getsource(inspect.unwrap(door))
}
# a signed-in person may always make an account of his own, and look after his own login
FOR_EVERY_PERSON = {
    "create_account",
    "update_user",
    "store_changed_password",
    "end_other_logins",
    "my_logins",
    "my_second_factors",
    "note_check",
    "my_email_wish",
}


def test_no_door_lets_anybody_through_who_may_not(people: People) -> None:
    station = make.station(property=people.home, owner=people.alice)
    known = _Known(people, station)
    outsiders = {"visitor": ANYONE, "stranger": people.charlie, "neighbour": _technician_next_door(people)}
    before = _written()
    through, cells = [], 0
    for name, door in sorted(GUARDED.items()):
        for who, actor in outsiders.items():
            if name.split(".")[-1] in FOR_EVERY_PERSON and actor is not ANYONE:
                continue
            cells += 1
            if _let_through(door, actor, known):
                through.append(f"{name} for the {who}")
    assert cells > 300, "doors by people"
    assert through == []
    assert _written() == before, "a refused deed leaves nothing behind"


def _let_through(door: Callable[..., Any], actor: Actor, known: "_Known") -> bool:
    positional, named = known.arguments(inspect.unwrap(door))
    try:
        shown = door(actor, *positional, **named)
    except (AppError, AssertionError):  # on the chargers' path another actor is a mistake of the program
        return False
    return _tells_something(shown, known)


def _tells_something(shown: Any, known: "_Known") -> bool:
    """Whether a list, a page or a sum contains anything of Alice's; everything else that comes back is too much."""
    if inspect.isgenerator(shown):
        shown = list(shown)
    if dataclasses.is_dataclass(shown) or isinstance(shown, Sequence | Mapping):
        text = repr(dataclasses.asdict(shown)) if dataclasses.is_dataclass(shown) else repr(shown)  # type: ignore[arg-type]
        return any(str(one) in text for one in known.ids)
    return not (shown is None or shown == 0)


class _Known:
    """Arguments for any door, with ids that exist."""

    def __init__(self, people: People, station: MadeStation) -> None:
        self.by_name: dict[str, UUID] = {
            "account_id": people.home.id,
            "parent_id": people.master.id,
            "station_id": station.id,
            "connector_id": station.connector.id,
            "certificate_id": bring_certificate(station.owner, station.id, certificate=_a_certificate()).id,
            "user_id": people.alice_login.user.id,
            "waiting_id": make.waiting(account=people.home).id,
        }
        self.ids = set(self.by_name.values())

    def arguments(self, door: Callable[..., Any]) -> tuple[list[Any], dict[str, Any]]:
        """Something for every parameter that has no default."""
        hints = get_type_hints(door)
        positional: list[Any] = []
        named: dict[str, Any] = {}
        for parameter in list(inspect.signature(door).parameters.values())[1:]:
            if parameter.kind in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL):
                continue
            if parameter.default is not parameter.empty:
                continue
            value = self.value(parameter.name, hints[parameter.name])
            if parameter.kind is parameter.KEYWORD_ONLY:
                named[parameter.name] = value
            else:
                positional.append(value)
        return positional, named

    def value(self, name: str, kind: Any) -> Any:
        """A plausible value of this type."""
        origin = get_origin(kind)
        if origin in (typing.Union, UnionType):
            kind = next(one for one in get_args(kind) if one is not NoneType)
            origin = get_origin(kind)
        kind = getattr(kind, "__supertype__", kind)
        if kind is UUID:
            return self.by_name.get(name, self.by_name["station_id"])
        if origin in (list, set, tuple, frozenset, Sequence, Collection) or kind in (Sequence, Collection):
            return []
        if origin in (dict, Mapping):
            return {}
        simple = {
            str: "x",
            bytes: b"x",
            int: 1,
            bool: True,
            Decimal: Decimal(1),
            datetime: clock.now(),
            timedelta: timedelta(1),
        }
        if kind in simple:
            return simple[kind]
        if isinstance(kind, type) and issubclass(kind, Enum):
            return next(iter(kind))
        if dataclasses.is_dataclass(kind):
            hints = get_type_hints(kind)
            needed = [one for one in dataclasses.fields(kind) if one.init and one.default is dataclasses.MISSING]
            return kind(**{one.name: self.value(one.name, hints[one.name]) for one in needed})  # type: ignore[operator]
        return None


def _a_certificate() -> str:
    return written(certificates.self_signed("CH-A"))


def _technician_next_door(people: People) -> Actor:
    from accounts.rights import Role

    return make.login(account=people.next_door, role=Role.TECHNICIAN).actor


def _written() -> tuple[int, int]:
    with db.transaction(writing=False) as unit:
        counts = [unit.session.scalar(select(func.count()).select_from(table)) for table in (AuditLine, OutboxRow)]
    return counts[0] or 0, counts[1] or 0
