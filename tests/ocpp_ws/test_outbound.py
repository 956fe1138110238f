"""Calls to a charger over its socket: one at a time, each with an end, whatever the charger does meanwhile."""

import json
import threading
import time
from typing import Any

import pytest

from kit import db
from ocpp_ws import outbound, sockets
from ocpp_ws.lease import connected
from ocpp_ws.sockets import Gateway
from stations.use_cases import commands
from stations.values import Action, CommandState
from tests.ocpp_ws.wiring import ask, command, connect, row, station, until
from tests.wire import PATIENCE_S

AVAILABLE = {"connectorId": 1, "errorCode": "NoError", "status": "Available"}
pytestmark = pytest.mark.usefixtures("database", "program")


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
