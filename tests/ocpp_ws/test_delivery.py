"""Commands on their way over real sockets: sent again where that does no harm, and never as nonsense."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

import ocpp_ws
from accounts.access import SYSTEM
from kit import bus, db
from kit.hub import Hub
from ocpp_ws import sockets
from ocpp_ws.sockets import Gateway
from stations.models import Station, StationCommand
from stations.queries import SocketStation
from stations.use_cases import cancel_command, mark_command_sent, request_command
from stations.values import Action, CommandId, CommandState, StationId
from tests import scene
from tests.wire import PATIENCE_S, Client, pair

pytestmark = pytest.mark.usefixtures("database", "program")


@pytest.fixture
def hub(database: str, program: object) -> Iterator[Hub]:
    """A hub that runs, without a gateway yet."""
    bus.connect(None)
    running = Hub()
    running.start()
    yield running
    running.stop()


@pytest.fixture
def here(database: str, program: object) -> Station:
    """A station that is not connected yet."""
    return scene.station(online=False)


def started(hub: Hub) -> Gateway:
    """The gateway of this process."""
    ocpp_ws.start(hub)
    gateway = sockets.current()
    assert gateway is not None
    return gateway


def connect(gateway: Gateway, station: Station) -> Client:
    """What is left of a handshake: the socket in the hub's hands."""
    near, far = pair()
    gateway.adopt(far, b"", SocketStation(station.id, station.account_id, station.identity, ""))
    return Client(near)


def until(what: Callable[[], Any]) -> Any:
    """Wait for something to become true; it is returned."""
    deadline = time.monotonic() + PATIENCE_S
    while not (found := what()):
        assert time.monotonic() < deadline, "did not happen"
        time.sleep(0.01)
    return found


def ask(station: Station, action: Action = Action.CLEAR_CACHE, payload: Any = None, **how: Any) -> StationCommand:
    """A command of somebody."""
    return request_command(SYSTEM, StationId(station.id), action, payload or {}, **how)


def now(command: StationCommand) -> StationCommand:
    """The command as it stands."""
    found: StationCommand = scene.row(StationCommand, command.id)
    return found


def yes(client: Client, frame: Any) -> None:
    """The charger agrees."""
    client.send(f'[3,"{frame[1]}",{{"status":"Accepted"}}]'.encode())


def test_what_was_lost_with_the_connection_is_sent_again_on_the_next_one(hub: Hub, here: Station) -> None:
    gateway = started(hub)
    made = ask(here)
    client = connect(gateway, here)
    assert client.next_frame()[2] == "ClearCache"
    client.close()
    until(lambda: now(made).state is CommandState.PENDING)
    client = connect(gateway, here)
    frame = client.next_frame()
    assert frame[2] == "ClearCache"
    yes(client, frame)
    until(lambda: now(made).state is CommandState.ACCEPTED)
    assert (now(made).tries, now(made).tries_allowed, now(made).late) == (2, 3, False)


def test_tries_come_to_an_end(hub: Hub, here: Station) -> None:
    gateway = started(hub)
    made = ask(here, tries=2)
    for state in (CommandState.PENDING, CommandState.TIMED_OUT):
        client = connect(gateway, here)
        assert client.next_frame()[2] == "ClearCache"
        client.close()
        until(lambda: now(made).state is state)  # noqa: B023  # used at once
    assert (now(made).tries, now(made).error) == (2, "connection lost")


def test_a_remote_start_is_told_again_and_at_last_left_to_what_the_charger_does(hub: Hub, here: Station) -> None:
    gateway = started(hub)
    made = ask(here, Action.REMOTE_START, {"connectorId": 1, "idTag": "AB"}, tries=2)
    for tries in (1, 2):
        client = connect(gateway, here)
        assert client.next_frame()[2] == "RemoteStartTransaction"
        client.close()
        until(lambda: scene.row(Station, here.id).connected_at is None)
        assert now(made).tries == tries
    assert now(made).state is CommandState.SENT


def test_a_killed_gateway_finds_what_it_had_marked_as_sent(hub: Hub, here: Station) -> None:
    again, once = ask(here), ask(here, Action.RESET, {"type": "Soft"})
    for made in (again, once):
        assert mark_command_sent(SYSTEM, CommandId(made.id))  # and then the lights went out
    client = connect(started(hub), here)
    frame = client.next_frame()
    assert (frame[1], frame[2]) == (again.id.hex, "ClearCache")
    yes(client, frame)
    until(lambda: now(again).state is CommandState.ACCEPTED)
    assert (now(once).state, now(once).error) == (CommandState.TIMED_OUT, "connection lost")


def test_a_cancelled_command_is_not_sent_though_the_gateway_has_it(hub: Hub, here: Station) -> None:
    gateway = started(hub)
    first, second, third = ask(here), ask(here, Action.RESET, {"type": "Soft"}), ask(here, Action.GET_CONFIGURATION)
    client = connect(gateway, here)
    frame = client.next_frame()
    cancel_command(SYSTEM, CommandId(second.id))
    yes(client, frame)
    assert client.next_frame()[2] == "GetConfiguration"
    assert [now(made).state for made in (first, second, third)] == [
        CommandState.ACCEPTED,
        CommandState.CANCELLED,
        CommandState.SENT,
    ]


def test_nonsense_is_not_sent_and_says_what_is_wrong(hub: Hub, here: Station) -> None:
    made, following = ask(here, Action.RESET, {"type": "Soft"}), ask(here)
    with db.transaction(writing=True) as unit:
        unit.session.get_one(StationCommand, made.id).payload = {"type": "Gentle"}
    client = connect(started(hub), here)
    assert client.next_frame()[2] == "ClearCache"
    found = now(made)
    assert (found.state, found.tries, found.sent_at, found.answered_at) == (CommandState.FAILED, 0, None, None)
    assert found.error == 'type: "Gentle" is not one of "Hard" or "Soft"'
    assert now(following).state is CommandState.SENT


def test_whoever_wants_nonsense_gets_it(hub: Hub, here: Station) -> None:
    made = ask(here, Action.RESET, {"type": "Gentle", "colour": "red"}, unchecked=True)
    client = connect(started(hub), here)
    frame = client.next_frame()
    assert frame[2:] == ["Reset", {"type": "Gentle", "colour": "red"}]
    client.send(f'[4,"{frame[1]}","FormationViolation","type?",{{}}]'.encode())
    until(lambda: now(made).state is CommandState.FAILED)
    assert now(made).error == "FormationViolation: type?"


def test_a_station_that_sleeps_for_weeks_gets_it_when_it_wakes(hub: Hub, here: Station) -> None:
    made = ask(here, expires_in=timedelta(days=30))
    assert now(made).expires_at - now(made).requested_at == timedelta(days=30)
    client = connect(started(hub), here)
    assert client.next_frame()[2] == "ClearCache"
