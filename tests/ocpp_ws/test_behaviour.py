"""What the gateway spares chargers that are known to fall over it."""

import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

import ocpp_ws
from accounts.access import SYSTEM
from kit import bus
from kit.hub import Hub
from ocpp_ws import outbound, sockets
from ocpp_ws.sockets import Gateway
from stations.models import Station, StationCommand
from stations.queries import SocketStation, quirks_in_mind
from stations.use_cases import request_command, set_quirks
from stations.values import Action, CommandState, StationId
from tests import scene
from tests.wire import PATIENCE_S, Client, pair, until

pytestmark = pytest.mark.usefixtures("database", "program")
BOOT = {"chargePointVendor": "Somebody", "chargePointModel": "One"}


@pytest.fixture
def gateway(database: str, program: object) -> Iterator[Gateway]:
    bus.connect(None)
    hub = Hub()
    hub.start()
    ocpp_ws.start(hub)
    running = sockets.current()
    assert running is not None
    yield running
    hub.stop()


def test_q38_nothing_is_asked_of_a_charger_that_needs_quiet_after_its_boot(gateway: Gateway) -> None:
    here = scene.station(online=False)
    set_quirks(SYSTEM, StationId(here.id), {"quiet_after_boot_s": 1})
    near, far = pair()
    gateway.adopt(far, b"", SocketStation(here.id, here.account_id, here.identity, ""))
    client = Client(near)
    assert client.call("1", "BootNotification", BOOT)[0] == 3
    booted = time.monotonic()
    request_command(SYSTEM, StationId(here.id), Action.CLEAR_CACHE, {})
    assert client.next_frame()[2] == "ClearCache"
    assert time.monotonic() - booted >= 0.9


def adopted(gateway: Gateway, quiet_s: int) -> tuple[Station, Client]:
    """A charger that needs quiet, for which something was kept."""
    here = scene.station(online=False)
    set_quirks(SYSTEM, StationId(here.id), {"quiet_after_boot_s": quiet_s})
    request_command(SYSTEM, StationId(here.id), Action.CLEAR_CACHE, {})
    near, far = pair()
    gateway.adopt(far, b"", SocketStation(here.id, here.account_id, here.identity, ""))
    return here, Client(near)


def test_q38_what_was_kept_waits_for_the_boot_too(gateway: Gateway) -> None:
    here, client = adopted(gateway, 1)
    until(lambda: scene.row(Station, here.id).connected_at)
    request_command(SYSTEM, StationId(here.id), Action.CLEAR_CACHE, {})
    client.sock.settimeout(0.5)
    with pytest.raises(TimeoutError):
        client.receive()
    client.sock.settimeout(PATIENCE_S)
    assert client.call("1", "BootNotification", BOOT)[:2] == [3, "1"]
    assert client.next_frame()[2] == "ClearCache"


@pytest.mark.parametrize("said", ["Heartbeat", "StatusNotification"])
def test_q38_a_charger_that_comes_back_without_a_boot_is_not_kept_waiting_for_one(gateway: Gateway, said: str) -> None:
    here, client = adopted(gateway, 1)
    until(lambda: here.id in gateway._chargers and gateway._chargers[here.id].quiet)
    status = {"connectorId": 1, "errorCode": "NoError", "status": "Available"}
    assert client.call("1", said, status if said == "StatusNotification" else {})[0] == 3
    assert client.next_frame()[2] == "ClearCache"


def test_q36_a_charger_that_says_no_boot_is_asked_after_a_while(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ocpp_ws.charger.BOOT_AWAITED_S", 0.2)
    _, client = adopted(gateway, 600)
    assert client.next_frame()[2] == "ClearCache"


def test_q38_a_charger_that_boots_while_it_is_to_be_asked_is_asked_later(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached, go_on, marked = threading.Event(), threading.Event(), outbound._marked

    def held_up(*facts: Any) -> Any:
        reached.set()
        go_on.wait(PATIENCE_S)
        return marked(*facts)

    here, client = adopted(gateway, 1)
    monkeypatch.setattr(outbound, "_marked", held_up)
    client.call("1", "BootNotification", BOOT)
    assert reached.wait(PATIENCE_S)
    client.send(json.dumps([2, "2", "BootNotification", BOOT]).encode())
    until(lambda: gateway._chargers[here.id].in_flight)
    go_on.set()
    assert client.next_frame()[:2] == [3, "2"]
    (command,) = scene.rows(StationCommand)
    until(lambda: scene.row(StationCommand, command.id).state is CommandState.PENDING)
    assert scene.row(StationCommand, command.id).tries == 0
    assert client.next_frame()[2] == "ClearCache"
    assert scene.row(StationCommand, command.id).tries == 1


def test_q18_a_charger_that_falls_over_pings_gets_none(gateway: Gateway) -> None:
    here = scene.station(online=False)
    near, far = pair()
    gateway.adopt(far, b"", SocketStation(here.id, here.account_id, here.identity, ""))
    client = Client(near)
    client.call("1", "BootNotification", BOOT)
    (charger,) = gateway._chargers.values()
    assert charger.ping_after_s == 45
    set_quirks(SYSTEM, StationId(here.id), {"ping_every_s": 0})
    client.call("2", "BootNotification", BOOT)
    assert charger.ping_after_s == quirks_in_mind(here.id).ping_every_s == 0
    connection = charger.connection
    assert connection is not None
    gateway.hub.call_soon(connection.sweep, gateway.hub.time() + 60)
    client.sock.settimeout(0.3)
    with pytest.raises(TimeoutError):
        client.receive()
