"""The gateway on its hub, over real sockets: who is online, which socket counts, what is answered when."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

import ocpp_ws
from accounts.access import SYSTEM
from accounts.models import Account
from charging.models import ChargingSession, DoubtfulFact, MeterValue
from charging.values import Doubt
from kit import bus, clock, db, websocket
from kit.hub import Hub
from ocpp_ws import outbound, renewals, sockets
from ocpp_ws.lease import connected
from ocpp_ws.sockets import Gateway
from ocpp_ws.v16 import handlers
from stations.models import Station, StationCommand
from stations.queries import SocketStation
from stations.use_cases import commands, knock, refuse_station, renew_password, request_command
from stations.values import Action, CommandState, ConnectorStatus, NewConnector, StationId, WaitingId
from tests import make, scene
from tests.talk import iso
from tests.wire import PATIENCE_S, Client, masked, pair

AVAILABLE = {"connectorId": 1, "errorCode": "NoError", "status": "Available"}
pytestmark = pytest.mark.usefixtures("database", "program")


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


def station() -> Station:
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
    found: Station = scene.row(Station, station.id)
    return found


def command(made: StationCommand) -> StationCommand:
    found: StationCommand = scene.row(StationCommand, made.id)
    return found


def ask(station: Station, action: Action = Action.RESET, payload: dict[str, Any] | None = None) -> StationCommand:
    return request_command(SYSTEM, StationId(station.id), action, {"type": "Soft"} if payload is None else payload)


def test_a_station_is_online_while_its_socket_is_open(gateway: Gateway) -> None:
    here = station()
    client = connect(gateway, here)
    until(lambda: row(here).connected_at)
    client.close()
    gone = until(lambda: row(here).connected_at is None and row(here))
    assert gone.disconnected_at is not None
    assert gone.last_seen_at <= gone.disconnected_at


def test_the_newest_socket_wins_and_the_station_stays_online(gateway: Gateway) -> None:
    here = station()
    old = connect(gateway, here)
    assert old.call("1", "Heartbeat", {})[0] == 3
    new = connect(gateway, here)
    assert old.receive() == (websocket.CLOSE, (1008).to_bytes(2, "big"))
    old.close()
    assert (
        new.call("1", "StatusNotification", {"connectorId": 1, "errorCode": "NoError", "status": "Available"})[0] == 3
    )
    assert row(here).connected_at is not None
    assert row(here).disconnected_at is None


def test_a_renewed_password_ends_the_open_socket(gateway: Gateway) -> None:
    here, other = station(), station()
    client, neighbour = connect(gateway, here), connect(gateway, other)
    assert [each.call("1", "Heartbeat", {})[0] for each in (client, neighbour)] == [3, 3]
    renew_password(SYSTEM, StationId(here.id))
    assert client.receive() == (websocket.CLOSE, (1008).to_bytes(2, "big"))
    assert neighbour.call("2", "Heartbeat", {})[0] == 3


@contextmanager
def notes_lost() -> Iterator[None]:
    """Nobody hears what is told meanwhile: it goes to another bus than the one that the gateway listens at."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(bus, "_bus", bus.Bus())
        yield


@pytest.fixture
def looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """The gateway looks for what nobody told it all the time."""
    monkeypatch.setattr(renewals, "LOOK_EVERY_S", 0.05)


def test_a_renewed_password_ends_the_open_socket_even_when_the_note_is_lost(
    looks_often: None, gateway: Gateway
) -> None:
    here, other = station(), station()
    client, neighbour = connect(gateway, here), connect(gateway, other)
    assert [each.call("1", "Heartbeat", {})[0] for each in (client, neighbour)] == [3, 3]
    with notes_lost():
        renew_password(SYSTEM, StationId(here.id))
    assert client.receive() == (websocket.CLOSE, (1008).to_bytes(2, "big"))
    assert neighbour.call("2", "Heartbeat", {})[0] == 3
    late = connect(gateway, here)  # judged by what was remembered from before
    assert late.receive() == (websocket.CLOSE, (1008).to_bytes(2, "big"))
    again = connect(gateway, row(here))  # with the new password
    time.sleep(0.2)
    assert again.call("1", "StatusNotification", AVAILABLE) == [3, "1", {}]


def test_a_charger_that_is_refused_while_it_waits_goes_even_when_the_note_is_lost(
    looks_often: None, gateway: Gateway
) -> None:
    owned = make.account(name="Haus")
    code = scene.row(Account, owned.id).code
    known = knock(SYSTEM, code, "CP1", address="/", peer="::1", password=None)
    assert known is not None
    client = visit(gateway, known)
    assert client.call("1", "Heartbeat", {})[0] == 3
    with notes_lost():
        refuse_station(owned.owner, WaitingId(known.id))
    assert client.receive() == (websocket.CLOSE, (1008).to_bytes(2, "big"))


def test_frames_that_came_with_the_handshake_are_answered(gateway: Gateway) -> None:
    client = connect(gateway, station(), early=masked(b'[2,"early","Heartbeat",{}]'))
    assert client.next_frame()[:2] == [3, "early"]


def test_q24_a_malformed_frame_gets_an_error_and_the_socket_stays(gateway: Gateway) -> None:
    client = connect(gateway, station())
    client.send(b'[2,"bad","Heartbeat",{')
    assert client.next_frame()[:3] == [4, "bad", "FormationViolation"]
    client.send(b"no id at all \xff")
    client.send(b"\xff\xfe", websocket.BINARY)
    assert client.call("good", "Heartbeat", {})[:2] == [3, "good"]


def test_a_burst_is_answered_in_order_and_all_of_it_is_stored(gateway: Gateway) -> None:
    here = station()
    client = connect(gateway, here)
    now = iso(clock.now())
    transaction = client.call(
        "s", "StartTransaction", {"connectorId": 1, "idTag": "T", "meterStart": 0, "timestamp": now}
    )
    frames = []
    for number in range(300):
        value = {"timestamp": now, "sampledValue": [{"value": str(number)}]}
        payload = {"connectorId": 1, "transactionId": transaction[2]["transactionId"], "meterValue": [value]}
        frames.append(masked(json.dumps([2, str(number), "MeterValues", payload]).encode()))
    client.sock.sendall(b"".join(frames))
    assert [client.next_frame()[1] for _ in range(300)] == [str(number) for number in range(300)]
    assert [value.energy_wh for value in scene.rows(MeterValue)] == list(range(300))
    assert scene.rows(ChargingSession)[0].last_wh == 299


def test_an_answer_is_sent_only_when_the_fact_is_on_disk(gateway: Gateway) -> None:
    here = station()
    client = connect(gateway, here)
    for number in range(20):
        now = iso(clock.now() - timedelta(seconds=60 - number))
        start = {"connectorId": 1, "idTag": f"T{number}", "meterStart": number, "timestamp": now}
        answer = client.call(str(number), "StartTransaction", start)
        stored = [session.transaction_id for session in scene.rows(ChargingSession)]
        assert answer[2]["transactionId"] in stored


def test_q86_one_bad_record_stops_no_answers_and_does_not_touch_others(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:

    def fail(caller: Any, payload: Any) -> dict[str, Any]:
        raise ValueError("a mistake of ours")

    monkeypatch.setitem(handlers.HANDLERS, "DataTransfer", fail)
    bad, good = connect(gateway, station()), connect(gateway, station())
    for number in range(20):
        bad.send(json.dumps([2, f"b{number}", "DataTransfer", {"vendorId": "x"}]).encode())
        good.send(json.dumps([2, f"g{number}", "FirmwareStatusNotification", {"status": "Idle"}]).encode())
    assert {tuple(bad.next_frame()[2:3]) for _ in range(20)} == {("InternalError",)}
    assert [good.next_frame()[0] for _ in range(20)] == [3] * 20


@pytest.mark.parametrize(
    ("action", "payload", "answered"),
    [
        ("StartTransaction", {"connectorId": 1, "idTag": "A", "meterStart": 7, "timestamp": iso(clock.now())}, 4),
        ("StopTransaction", {"transactionId": 1, "meterStop": 70, "timestamp": iso(clock.now())}, 3),
        ("MeterValues", {"connectorId": 1, "meterValue": [{"timestamp": "2026-01-01T00:00:00Z"}] * 99}, 3),
    ],
)
def test_q86_a_record_that_we_can_not_store_is_kept_as_it_came(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch, action: str, payload: dict[str, Any], answered: int
) -> None:

    def fail(caller: Any, payload: Any) -> dict[str, Any]:
        raise ValueError("a mistake of ours")

    monkeypatch.setitem(handlers.HANDLERS, action, fail)
    here = station()
    client = connect(gateway, here)
    for _ in range(2):
        assert client.call("x", action, payload)[0] == answered
    (kept,) = scene.rows(DoubtfulFact, DoubtfulFact.doubt == Doubt.UNSTORED)
    assert (kept.action, json.loads(kept.detail)) == (action, [2, "x", action, payload])
    assert client.call("y", "Heartbeat", {})[0] == 3


def test_who_was_heard_is_written_down_for_many_at_once(gateway: Gateway) -> None:
    here = station()
    client = connect(gateway, here)
    until(lambda: row(here).connected_at)
    before = clock.now() + timedelta(minutes=4)
    with clock.moved_to(clock.now() + timedelta(minutes=5)):
        client.call("1", "Heartbeat", {})
        gateway.hub.call_soon(gateway._note_seen)
        until(lambda: (row(here).last_seen_at or before) > before)


def test_stopping_marks_everybody_as_gone(database: str, program: object) -> None:
    hub = Hub()
    hub.start()
    running = sockets.start(hub)
    here = station()
    client = connect(running, here)
    until(lambda: row(here).connected_at)
    hub.stop()
    assert client.receive()[0] == websocket.CLOSE
    assert row(here).connected_at is None
    assert sockets.current() is None


def test_what_an_earlier_process_left_open_is_closed_at_the_start(database: str, program: object) -> None:
    here = scene.station()  # online, says the database
    hub = Hub()
    hub.start()
    sockets.start(hub)
    assert row(here).connected_at is None
    hub.stop()


# ------------------------------------------------------------------------------------------- commands


def test_a_command_reaches_the_charger_at_once_and_its_answer_the_database(gateway: Gateway) -> None:
    here = station()
    client = connect(gateway, here)
    until(lambda: row(here).connected_at)
    made = ask(here)
    kind, message_id, action, payload = client.next_frame()
    assert (kind, action, payload) == (2, "Reset", {"type": "Soft"})
    assert until(lambda: command(made).state is CommandState.SENT)
    client.send(json.dumps([3, message_id, {"status": "Accepted"}]).encode())
    until(lambda: command(made).state is CommandState.ACCEPTED)
    assert command(made).answer == {"status": "Accepted"}


@pytest.mark.parametrize(
    ("action", "payload", "answer", "state"),
    [
        (Action.RESET, {"type": "Hard"}, '{"status":"Rejected"}', CommandState.REFUSED),
        (Action.UNLOCK, {"connectorId": 1}, '{"status":"Unlocked"}', CommandState.ACCEPTED),
        (Action.UNLOCK, {"connectorId": 1}, '{"status":"NotSupported"}', CommandState.REFUSED),
        (
            Action.CHANGE_AVAILABILITY,
            {"connectorId": 0, "type": "Inoperative"},
            '{"status":"Scheduled"}',
            CommandState.ACCEPTED,
        ),
        (Action.CHANGE_CONFIGURATION, {"key": "a", "value": "b"}, '{"status":"RebootRequired"}', CommandState.ACCEPTED),
        (Action.GET_CONFIGURATION, {}, '{"configurationKey":[{"key":"a","readonly":true}]}', CommandState.ACCEPTED),
        (Action.GET_CONFIGURATION, {}, "{}", CommandState.ACCEPTED),
        (
            Action.TRIGGER_MESSAGE,
            {"requestedMessage": "Heartbeat"},
            '{"status":"NotImplemented"}',
            CommandState.REFUSED,
        ),
        (Action.CLEAR_CACHE, {}, '{"status":"Accepted"}', CommandState.ACCEPTED),
        (Action.DATA_TRANSFER, {"vendorId": "v"}, '{"status":"UnknownVendorId"}', CommandState.REFUSED),
        (Action.CLEAR_CACHE, {}, "null", CommandState.FAILED),
        (Action.CLEAR_CACHE, {}, '["?"]', CommandState.FAILED),
    ],
)
def test_every_answer_has_a_meaning(
    gateway: Gateway, action: Action, payload: dict[str, Any], answer: str, state: CommandState
) -> None:
    here = station()
    client = connect(gateway, here)
    made = ask(here, action, payload)
    frame = client.next_frame()
    assert frame[2:] == [action.value, payload]
    client.send(f'[3,"{frame[1]}",{answer}]'.encode())
    until(lambda: command(made).state is state)


def test_a_charger_that_refuses_with_an_error_is_quoted(gateway: Gateway) -> None:
    here = station()
    client = connect(gateway, here)
    made = ask(here)
    client.send(f'[4,"{client.next_frame()[1]}","NotSupported","no reset here",{{}}]'.encode())
    until(lambda: command(made).state is CommandState.FAILED)
    assert command(made).error == "NotSupported: no reset here"


def test_commands_for_a_charger_that_is_away_wait_until_it_connects(gateway: Gateway) -> None:
    here = station()
    made = [ask(here), ask(here, Action.CLEAR_CACHE, {})]
    client = connect(gateway, here)
    for expected in ("Reset", "ClearCache"):
        frame = client.next_frame()
        assert frame[2] == expected
        client.send(f'[3,"{frame[1]}",{{"status":"Accepted"}}]'.encode())
    until(lambda: all(command(one).state is CommandState.ACCEPTED for one in made))


def test_q106_there_is_one_call_at_a_time(gateway: Gateway) -> None:
    here = station()
    client = connect(gateway, here)
    ask(here)
    second = ask(here, Action.CLEAR_CACHE, {})
    first_frame = client.next_frame()
    client.sock.settimeout(0.3)
    with pytest.raises(TimeoutError):
        client.receive()
    client.sock.settimeout(PATIENCE_S)
    assert command(second).state is CommandState.PENDING
    client.send(f'[3,"{first_frame[1]}",{{"status":"Accepted"}}]'.encode())
    assert client.next_frame()[2] == "ClearCache"


def test_q106_no_call_is_sent_into_a_call_of_the_charger(gateway: Gateway) -> None:
    here = station()
    client = connect(gateway, here)
    until(lambda: row(here).connected_at)
    with db.transaction(writing=True):  # the writer waits for us
        client.send(b'[2,"own","StatusNotification",{"connectorId":1,"errorCode":"NoError","status":"Available"}]')
        time.sleep(0.1)
        ask(here)
    assert client.next_frame()[:2] == [3, "own"]
    assert client.next_frame()[2] == "Reset"


def test_q106_a_call_that_comes_while_ours_is_written_down_is_answered_first(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached, go_on, marked = threading.Event(), threading.Event(), outbound._marked

    def held_up(*facts: Any) -> Any:
        reached.set()
        go_on.wait(PATIENCE_S)
        return marked(*facts)

    monkeypatch.setattr(outbound, "_marked", held_up)
    here = station()
    client = connect(gateway, here)
    ask(here)
    assert reached.wait(PATIENCE_S)
    client.send(json.dumps([2, "own", "StatusNotification", AVAILABLE]).encode())
    until(lambda: gateway._chargers[here.id].in_flight)
    go_on.set()
    assert client.next_frame()[:2] == [3, "own"]
    assert client.next_frame()[2] == "Reset"


def test_a_command_whose_note_was_lost_is_found(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    here = station()
    client = connect(gateway, here)
    until(lambda: row(here).connected_at)
    monkeypatch.setattr(commands, "tell", lambda *_note, **_data: None)
    made = ask(here)
    gateway.hub.call_soon(gateway._look_for_commands)
    frame = client.next_frame()
    assert (frame[1], frame[2]) == (made.id.hex, "Reset")


def test_a_station_whose_arrival_could_not_be_written_down_is_told_again(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "AGAIN_AFTER_S", 0.1)
    fails = iter([True, True])  # in its group, and alone

    def fail_at_first(*facts: Any) -> None:
        if next(fails, False):
            raise ValueError("a mistake of ours")
        connected(*facts)

    monkeypatch.setattr("ocpp_ws.sockets.connected", fail_at_first)
    here = station()
    ask(here)
    client = connect(gateway, here)
    assert client.next_frame()[2] == "Reset"
    until(lambda: row(here).connected_at)
    assert list(fails) == []


def test_q35_no_answer_in_time_ends_the_command_and_a_late_one_still_counts(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbound, "PATIENCE_S", 0.2)
    here = station()
    client = connect(gateway, here)
    made, following = ask(here), ask(here, Action.CLEAR_CACHE, {})
    frame = client.next_frame()
    until(lambda: command(made).state is CommandState.TIMED_OUT)
    assert client.next_frame()[2] == "ClearCache"
    assert command(following).state is CommandState.SENT
    client.send(f'[3,"{frame[1]}",{{"status":"Accepted"}}]'.encode())
    until(lambda: command(made).state is CommandState.ACCEPTED)


def test_a_charger_that_answers_nothing_is_disconnected(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbound, "PATIENCE_S", 0.1)
    here = station()
    client = connect(gateway, here)
    for _ in range(3):
        ask(here)
        assert client.next_frame()[2] == "Reset"
    assert client.next_frame() is None


def test_a_lost_connection_ends_what_was_asked_on_it(gateway: Gateway) -> None:
    here = station()
    client = connect(gateway, here)
    made = ask(here)
    client.next_frame()
    client.close()
    until(lambda: command(made).state is CommandState.TIMED_OUT)
    assert command(made).error == "connection lost"


def test_nobody_answers_for_another_charger(gateway: Gateway) -> None:
    here, there = station(), station()
    client, stranger = connect(gateway, here), connect(gateway, there)
    made = ask(here)
    frame = client.next_frame()
    stranger.send(f'[3,"{frame[1]}",{{"status":"Accepted"}}]'.encode())
    assert stranger.call("h", "Heartbeat", {})[0] == 3
    assert command(made).state is CommandState.SENT


def test_a_status_arrives_while_others_look(gateway: Gateway) -> None:
    here = station()
    topics: list[str] = []
    bus.current().listen(lambda topic, _: topics.append(topic))
    client = connect(gateway, here)
    client.call("1", "StatusNotification", {"connectorId": 1, "errorCode": "NoError", "status": "Faulted"})
    until(lambda: {f"station:{here.id}", f"account:{here.account_id}"} <= set(topics))
    assert scene.connector(here).status is ConnectorStatus.FAULTED
