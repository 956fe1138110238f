"""The front door, and a charger that may come in."""

from collections.abc import Iterator

import pytest

from accounts.access import SYSTEM
from accounts.values import AccountId
from stations.use_cases import AddedStation, add_station
from stations.values import NewConnector
from tests import scene
from tests.front_door import FrontDoor, front_door


@pytest.fixture
def door(database: str, program: object) -> Iterator[FrontDoor]:
    with front_door() as running:
        yield running


@pytest.fixture
def charger() -> AddedStation:
    owner = scene.account(name="Haus", parent=scene.account())
    return add_station(SYSTEM, AccountId(owner.id), name="Garage", connectors=[NewConnector()])
