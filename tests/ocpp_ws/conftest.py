"""The front door, a charger that may come in, and the gateway behind it."""

from collections.abc import Iterator

import pytest

import ocpp_ws
import wsgi
from accounts.access import SYSTEM
from accounts.values import AccountId
from kit import bus, worker
from kit.hub import Hub
from ocpp_ws import sockets
from ocpp_ws.sockets import Gateway
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


@pytest.fixture
def reacting() -> Iterator[None]:
    """What happened has its consequences, once `worker.drain` is called."""
    worker.bind(wsgi.REACTIONS, wsgi.JOBS)
    yield
    worker.bind([], [])


@pytest.fixture
def gateway(database: str, program: object) -> Iterator[Gateway]:
    """It runs on a hub of its own."""
    bus.connect(None)
    hub = Hub()
    hub.start()
    ocpp_ws.start(hub)
    running = sockets.current()
    assert running is not None
    yield running
    hub.stop()
