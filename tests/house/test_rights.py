"""Every door is tried by everybody: whoever may not walk through it is refused, or shown nothing, and nothing changes.

A door that is open to everybody says so itself (`public("why")`); all others are called with ids that exist, as a
visitor and in every role, in this account, in another one and on a single other station. `matrix.txt` has a row for
each of them: the right that it asks for first. A door without its row fails here.
"""

import dataclasses
import inspect
import re
import sys
import typing
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints
from uuid import UUID

import pytest
from sqlalchemy import func, select

from accounts import access, use_cases
from accounts.access import ANYONE, SYSTEM, Actor, ActorKind
from accounts.rights import ROLE_RIGHTS, SEEN_BY_SUPPORT, Right, Role
from accounts.shares import Share
from accounts.use_cases import create_api_client
from accounts.values import AccountId
from billing.use_cases import Whom, add_person_price
from billing.values import PriceWhere
from imports.use_cases import preview_import
from imports.values import What
from kit import clock, db
from kit.audit import AuditLine
from kit.errors import AppError, Forbidden, NotFound
from kit.events import OutboxRow
from kit.ids import new_id
from kit.use_case import DOORS
from mass_changes.use_cases import start_mass_change
from mass_changes.values import Scope, Subject, Wish
from stations.pem import written
from stations.use_cases import bring_certificate
from tests import certificates, make
from tests.house.walk import ROOMS, import_rooms
from tests.made import MadeStation
from tests.people import People
from webhooks.use_cases import add_endpoint
from webhooks.values import EventType

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
    "own_credentials",
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


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_every_door_asks_every_role_for_the_right_of_its_row(
    people: People, capsys: pytest.CaptureFixture[str]
) -> None:
    station = make.station(property=people.home, owner=people.alice)
    known = _Known(people, station)
    rows = {name: _row_of(door, people.alice, known) for name, door in sorted(GUARDED.items())}
    assert rows == _written_rows(), "write what is new into tests/house/matrix.txt:\n" + _as_text(rows)
    wrong, cells = [], 0
    for name, right in rows.items():
        for who, actor, holds in _in_every_role(people, station, right):
            cells += 1
            outcome = _outcome(GUARDED[name], actor, known)
            through = outcome == "through"
            if through and not holds and name.split(".")[-1] not in FOR_EVERY_PERSON:
                wrong.append(f"{name} lets the {who} through")
            if holds and outcome == f"forbidden {right}":
                wrong.append(f"{name} refuses the {who}")
    with capsys.disabled():
        sys.stdout.write(f"\n  rights: {len(rows)} doors, {cells} cells\n")
    assert wrong == []


def test_no_deed_asks_for_what_support_holds_on_a_visit() -> None:
    looking = {right.value for right in SEEN_BY_SUPPORT}
    deeds = [name for name, right in _written_rows().items() if ".use_cases." in name and right in looking]
    assert deeds == [], "whoever visits an account changes nothing: ask for a right that is more than looking"


MATRIX = Path(__file__).parent / "matrix.txt"
KINDS = ("system", "staff", "visiting", "oneself", "nobody in particular")


def _written_rows() -> dict[str, str]:
    lines = MATRIX.read_text(encoding="utf-8").splitlines() if MATRIX.exists() else []
    return dict(line.split(maxsplit=1) for line in lines)


def _as_text(rows: Mapping[str, str]) -> str:
    return "".join(f"{name} {right}\n" for name, right in sorted(rows.items()))


def _row_of(door: Callable[..., Any], owner: Actor, known: "_Known") -> str:
    """What this door asks for first, seen from the outside; from its text, where it does not come so far."""
    asked: list[str] = []
    ask, ways = access._ask, access._scoped_ways

    def noting(actor: Actor, right: Right, *others: Any) -> None:
        asked.append(right.value)
        ask(actor, right, *others)

    def narrowing(actor: Actor, right: Right, *others: Any) -> Any:
        asked.append(right.value)
        return ways(actor, right, *others)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(access, "_ask", noting)
        patch.setattr(access, "_scoped_ways", narrowing)
        _outcome(door, owner, known)
    if asked:
        return asked[0]
    source = inspect.getsource(inspect.unwrap(door))
    told = re.search(r"Right\.([A-Z_]+)", source)
    if told:
        return Right[told.group(1)].value
    return next((kind for kind in KINDS if f"{kind}(" in source), KINDS[-1])


def _in_every_role(people: People, station: MadeStation, right: str) -> Iterator[tuple[str, Actor, bool]]:
    """In each role: in the account itself, in another one, and on another station of the same account."""
    right_of_row = next((one for one in Right if one.value == right), None)
    for role in Role if right_of_row else (Role.OWNER,):
        holds = right_of_row in ROLE_RIGHTS[role]
        own = frozenset({role})
        elsewhere = Share(ROLE_RIGHTS[role], station_id=new_id())
        yield f"{role.value} of the account", Actor(ActorKind.USER, new_id(), {people.home.id: own}), holds
        yield f"{role.value} next door", Actor(ActorKind.USER, new_id(), {people.next_door.id: own}), False
        single = Actor(ActorKind.USER, new_id(), {people.home.id: frozenset({elsewhere})})
        yield f"{role.value} of another station", single, right_of_row is Right.VIEW_ACCOUNT


class _Undone(Exception):
    """What a door did is not to last."""


def _outcome(door: Callable[..., Any], actor: Actor, known: "_Known") -> str:
    """Walk through the door, and undo it: `through`, `nothing` to see, or how it was refused."""
    positional, named = known.arguments(inspect.unwrap(door))
    outcome = "through"
    try:
        with db.transaction(writing=True):
            try:
                shown = door(actor, *positional, **named)
                outcome = "through" if _tells_something(shown, known) else "nothing"
            except Forbidden as refused:
                outcome = f"forbidden {refused.right}"
            except NotFound:
                outcome = "not found"
            except Exception:
                outcome = "refused for another reason"
            raise _Undone
    except _Undone:
        return outcome


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
        home = AccountId(people.home.id)
        self.by_name: dict[str, UUID] = {
            "account_id": people.home.id,
            "parent_id": people.master.id,
            "station_id": station.id,
            "connector_id": station.connector.id,
            "certificate_id": bring_certificate(station.owner, station.id, certificate=_a_certificate()).id,
            "user_id": people.alice_login.user.id,
            "waiting_id": make.waiting(account=people.home).id,
            "endpoint_id": _an_endpoint(people),
            "client_id": _a_client(people),
            "grant_id": use_cases.grant_role(SYSTEM, home, email="gina@example.org", role=Role.VIEWER).id,
            "own_role_id": use_cases.create_own_role(SYSTEM, home, name="Eigene", rights=[Right.VIEW_INCOME]).id,
            "group_id": use_cases.create_station_group(SYSTEM, home, name="Nord").id,
            "person_price_id": add_person_price(
                SYSTEM, PriceWhere.STATION, station.id, Whom(email="gina@example.org"), energy_price=Decimal(1)
            ).id,
            "partner_id": make.partner(account=people.home).id,
            "import_id": preview_import(SYSTEM, home, what=What.TAGS, content=b"Tag\nAB12\n", file_name="x").id,
            "visit_id": use_cases.ask_for_visit(
                Actor(ActorKind.USER, people.charlie_login.user.id, staff=True), home, reason="x", hours=1
            ).id,
            "mass_change_id": start_mass_change(
                SYSTEM, home, Wish(Subject.VAT, vat_percent=Decimal(1)), Scope(everything=True)
            ).id,
            "token_id": use_cases.create_api_token(SYSTEM, home, name="Programm").token.id,
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


def _an_endpoint(people: People) -> UUID:
    kinds = [EventType.STATION_ADDED]
    return add_endpoint(people.alice, AccountId(people.home.id), url="https://example.org/", event_types=kinds).id


def _a_client(people: People) -> UUID:
    return create_api_client(people.alice, AccountId(people.home.id), name="x", rights=[Right.VIEW_STATIONS]).client.id


def _a_certificate() -> str:
    return written(certificates.self_signed("CH-A"))


def _technician_next_door(people: People) -> Actor:
    return make.login(account=people.next_door, role=Role.TECHNICIAN).actor


def _written() -> tuple[int, int]:
    with db.transaction(writing=False) as unit:
        counts = [unit.session.scalar(select(func.count()).select_from(table)) for table in (AuditLine, OutboxRow)]
    return counts[0] or 0, counts[1] or 0
