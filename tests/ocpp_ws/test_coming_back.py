"""Chargers that connect again and again, and those that come back without a word."""

import time
from datetime import timedelta
from typing import Any

import pytest

from accounts.access import SYSTEM
from accounts.values import AccountId
from kit import clock
from kit.throttle import Throttle
from ocpp_ws import flapping, handshake
from ocpp_ws.sockets import ASK_AFTER_S
from stations.models import StationCommand
from stations.queries import connection_health
from stations.use_cases import AddedStation, add_station, keep_quiet
from stations.values import CommandState, Ending, NewConnector, StationId
from tests import scene
from tests.front_door import FrontDoor, front_door
from tests.ocpp_ws.at_the_door import AVAILABLE, BOOT, dial, log_of, refused, row, socket_of
from tests.serving import OCPP, basic
from tests.wire import PATIENCE_S, Client, until

pytestmark = pytest.mark.usefixtures("database", "program")


def test_one_address_connects_so_often_in_a_minute_and_others_as_they_like(
    database: str, program: object, charger: AddedStation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handshake, "_connects", Throttle(2, 60.0))
    login = basic(charger.station.identity, charger.password)
    with front_door(trusted_proxies=1) as door:
        here, there = "X-Forwarded-For: 198.51.100.4", "X-Forwarded-For: 198.51.100.5"
        assert [refused(door, charger, login, OCPP, here)[0] for _ in range(3)] == [101, 101, 429]
        assert refused(door, charger, login, OCPP, there)[0] == 101


def test_a_gateway_that_ends_takes_nobody_and_says_when_to_come_again(door: FrontDoor, charger: AddedStation) -> None:
    door.gateway.hub.stop()
    status, headers = refused(door, charger, basic(charger.station.identity, charger.password), OCPP)
    assert status == 503
    assert 5 <= int(headers["retry-after"]) <= 30


def test_q16_a_charger_that_connects_again_and_again_is_told_to_take_its_time(
    door: FrontDoor, charger: AddedStation
) -> None:
    intervals = []
    for number in range(9):
        client = dial(door, charger)
        intervals.append(client.call(str(number), "BootNotification", BOOT)[2]["interval"])
        client.close()
    assert intervals[:7] == [intervals[0]] * 7
    assert intervals[7] == intervals[8] >= 2 * intervals[0]
    until(lambda: connection_health(SYSTEM, StationId(charger.station.id)).recent == 9)
    assert connection_health(SYSTEM, StationId(charger.station.id)).flapping
    with clock.moved_to(clock.now() + timedelta(minutes=11)):
        assert not connection_health(SYSTEM, StationId(charger.station.id)).flapping


def test_q16_one_that_goes_on_has_to_wait_and_is_told_how_long(
    door: FrontDoor, charger: AddedStation, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(flapping.TOO_OFTEN):
        dial(door, charger).sock.close()
    until(lambda: flapping.arrivals.wait_s(charger.station.id))  # the last one is counted after its answer
    login = basic(charger.station.identity, charger.password)
    status, headers = refused(door, charger, login, OCPP)
    assert status == 429
    assert 1 <= int(headers["retry-after"]) <= flapping.LONGEST_WAIT_S
    until(lambda: log_of(charger)[0].ending is Ending.TOO_OFTEN)
    other = add_station(SYSTEM, AccountId(charger.station.account_id), name="Tor", connectors=[NewConnector()])
    dial(door, other)
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + 601)
    dial(door, charger)


def came_back(door: FrontDoor, *chargers: AddedStation) -> None:
    """Let the time pass after which a charger is asked how it is."""
    for one in chargers:
        socket_of(door, one).joined_at -= ASK_AFTER_S
    door.gateway.hub.call_soon(door.gateway._note_seen)


def answered(client: Client) -> Any:
    """Take the next call of the platform, and agree."""
    _, message_id, action, payload = client.next_frame()
    client.send(f'[3,"{message_id}",{{"status":"Accepted"}}]'.encode())
    return action, payload


def test_q36_a_charger_that_never_booted_is_believed_and_asked_for_a_boot_message_once(
    door: FrontDoor, charger: AddedStation
) -> None:
    client = dial(door, charger)
    assert client.call("h", "Heartbeat", {})[0] == 3
    assert client.call("a", "Authorize", {"idTag": "x"})[0] == 3
    came_back(door, charger)
    assert answered(client) == ("TriggerMessage", {"requestedMessage": "BootNotification"})
    assert answered(client) == ("TriggerMessage", {"requestedMessage": "StatusNotification"})
    assert client.call("b", "BootNotification", BOOT)[2]["status"] == "Accepted"
    came_back(door, charger)
    until(lambda: all(one.state is CommandState.ACCEPTED for one in scene.rows(StationCommand)))
    assert len(scene.rows(StationCommand)) == 2


def test_q51_a_charger_that_comes_back_without_a_status_is_asked_for_it(door: FrontDoor, charger: AddedStation) -> None:
    client = dial(door, charger)
    client.call("b", "BootNotification", BOOT)
    client.close()
    until(lambda: row(charger).connected_at is None)
    client = dial(door, charger)
    came_back(door, charger)
    assert answered(client) == ("TriggerMessage", {"requestedMessage": "StatusNotification"})


def test_who_tells_by_itself_or_wants_quiet_is_not_asked(door: FrontDoor, charger: AddedStation) -> None:
    more = [
        add_station(SYSTEM, AccountId(charger.station.account_id), name="Tor", connectors=[NewConnector()])
        for _ in range(2)
    ]
    booting, telling, quiet = charger, *more
    keep_quiet(SYSTEM, StationId(quiet.station.id), quiet=True)
    dial(door, booting).call("b", "BootNotification", BOOT)
    dial(door, telling).call("s", "StatusNotification", AVAILABLE)
    silent_one = dial(door, quiet)
    came_back(door, booting, telling, quiet)
    assert silent_one.call("h", "Heartbeat", {})[0] == 3
    silent_one.sock.settimeout(0.3)
    with pytest.raises(TimeoutError):
        silent_one.receive()
    silent_one.sock.settimeout(PATIENCE_S)
    assert scene.rows(StationCommand) == []
