"""Every door has an actor, a docstring, and stands where doors stand."""

import dataclasses
import inspect
from typing import Any, get_type_hints

import pytest

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


@pytest.mark.parametrize("name", sorted(OURS))
def test_a_door_takes_the_actor_first_and_says_what_it_does(name: str) -> None:
    door: Any = inspect.unwrap(OURS[name])
    first = next(iter(inspect.signature(door).parameters))
    assert first == "actor", f"{name}: the first parameter is the actor"
    assert get_type_hints(door)["actor"] is Actor, f"{name}: annotate `actor: Actor`"
    assert (inspect.getdoc(door) or "").strip().endswith((".", ")", "`")), f"{name}: say in a sentence what it does"


@pytest.mark.parametrize("name", sorted(OURS))
def test_doors_stand_in_use_cases_and_queries(name: str) -> None:
    assert name.split(".")[1] in ("use_cases", "queries"), f"{name}: doors live in use_cases or queries of their room"


@pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: kind.__name__)
def test_an_event_is_a_frozen_documented_fact(kind: type[Event]) -> None:
    assert dataclasses.is_dataclass(kind)
    assert kind.__dataclass_params__.frozen
    assert kind.__module__.endswith(".events"), "events live in events.py of their room"
    assert (kind.__doc__ or "").strip().endswith("."), f"{kind.__name__}: say what happened"
