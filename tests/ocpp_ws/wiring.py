"""A station and its end of a socket, wired to the gateway of this process; and what it is asked."""

import time
from collections.abc import Callable
from typing import Any

from accounts.access import SYSTEM
from ocpp_ws.sockets import Gateway
from stations.models import Station, StationCommand
from stations.queries import SocketStation
from stations.use_cases import request_command
from stations.values import Action, NewConnector, StationId
from tests import scene
from tests.wire import PATIENCE_S, Client, pair


def station() -> Station:
    """Added, and never seen."""
    return scene.station(connectors=[NewConnector()] * 2, online=False)


def connect(gateway: Gateway, station: Station, early: bytes = b"") -> Client:
    """What is left of a handshake: the socket in the hub's hands."""
    renewed_at = station.login_renewed_at
    known = SocketStation(station.id, station.account_id, station.identity, "", login_renewed_at=renewed_at)
    return visit(gateway, known, early)


def visit(gateway: Gateway, known: SocketStation, early: bytes = b"") -> Client:
    """The same for whatever the handshake found."""
    near, far = pair()
    gateway.adopt(far, early, known)
    return Client(near)


def until(what: Callable[[], Any]) -> Any:
    """Wait for something to become true; it is returned."""
    deadline = time.monotonic() + PATIENCE_S
    while not (found := what()):
        assert time.monotonic() < deadline, "did not happen"
        time.sleep(0.01)
    return found


def row(station: Station) -> Station:
    """As it stands in the database now."""
    found: Station = scene.row(Station, station.id)
    return found


def command(made: StationCommand) -> StationCommand:
    """What became of it."""
    found: StationCommand = scene.row(StationCommand, made.id)
    return found


def ask(station: Station, action: Action = Action.RESET, payload: dict[str, Any] | None = None) -> StationCommand:
    """Want something of it."""
    return request_command(SYSTEM, StationId(station.id), action, {"type": "Soft"} if payload is None else payload)
