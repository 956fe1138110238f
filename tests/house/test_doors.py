"""Every door has an actor, a docstring, and stands where doors stand."""

import inspect
from typing import Any, get_type_hints

from accounts.access import Actor
from kit.events import Event
from kit.use_case import DOORS
from tests.house.walk import ROOMS, import_rooms

import_rooms()
OURS = {name: door for name, door in DOORS.items() if name.split(".")[0] in ROOMS}
EVENTS = [kind for kind in Event.kinds.values() if kind.__module__.split(".")[0] in ROOMS]


def test_the_house_has_doors_and_events() -> None:
    assert len(OURS) > 40
    assert len(EVENTS) > 8


def test_a_door_takes_the_actor_first_and_says_what_it_does() -> None:
    doors: dict[str, Any] = {name: inspect.unwrap(door) for name, door in OURS.items()}
    late = [name for name, door in doors.items() if next(iter(inspect.signature(door).parameters)) != "actor"]
    assert late == [], "the first parameter is the actor"
    assert [name for name, door in doors.items() if get_type_hints(door)["actor"] is not Actor] == [], "`actor: Actor`"
    silent = [name for name, door in doors.items() if not _says(door).endswith((".", ")", "`"))]
    assert silent == [], "say in a sentence what it does"


def test_doors_stand_in_use_cases_and_queries() -> None:
    elsewhere = [name for name in OURS if name.split(".")[1] not in ("use_cases", "queries")]
    assert elsewhere == [], "doors live in use_cases or queries of their room"


def test_an_event_is_a_frozen_documented_fact() -> None:
    params: dict[str, Any] = {kind.__name__: getattr(kind, "__dataclass_params__", None) for kind in EVENTS}
    loose = [name for name, told in params.items() if told is None or not told.frozen]
    assert loose == [], "a frozen dataclass"
    assert [kind for kind in EVENTS if not kind.__module__.endswith(".events")] == [], "in events.py of their room"
    assert [kind for kind in EVENTS if not _says(kind).endswith(".")] == [], "say what happened"


def _says(thing: object) -> str:
    return (inspect.getdoc(thing) or "").strip()
