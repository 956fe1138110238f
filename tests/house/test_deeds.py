"""Every door that writes has words for those who read the audit lines."""

import pytest

from kit.use_case import DOORS, writes_line
from tests.house.walk import ROOMS, import_rooms
from wsgi import DEEDS

import_rooms()
WRITING = {name for name, door in DOORS.items() if name.split(".")[0] in ROOMS and writes_line(door)}


def test_there_are_doors_that_write() -> None:
    assert len(WRITING) > 200


@pytest.mark.parametrize("room", ROOMS)
def test_every_door_that_writes_has_words(room: str) -> None:
    doors = sorted(name.rpartition(".")[2] for name in WRITING if name.startswith(f"{room}."))
    assert sorted(DEEDS[room]) == doors, f"say in {room}/deeds.py what each deed is called, in all languages"
