"""What the gateway spares chargers that are known to fall over it."""

import time
from collections.abc import Iterator

import pytest

import ocpp_ws
from accounts.access import SYSTEM
from kit import bus
from kit.hub import Hub
from ocpp_ws import sockets
from ocpp_ws.sockets import Gateway
from stations.queries import SocketStation, quirks_in_mind
from stations.use_cases import request_command, set_quirks
from stations.values import Action, StationId
from tests import scene
from tests.wire import Client, pair

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
