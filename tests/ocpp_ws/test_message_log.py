"""The message log: every frame of both directions, as it came, secrets masked, with what became of it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

import ocpp_ws
from charging.models import ChargingSession
from kit import bus, clock, db
from kit.hub import Hub
from ocpp_ws import dispatch, outbound, sockets
from ocpp_ws.sockets import Gateway
from ocpp_ws.v16 import handlers
from stations.messages import LONGEST_TEXT, first_message_id, new_message_id
from stations.models import Message
from stations.values import Action, Sender
from tests import scene
from tests.ocpp_ws.wiring import ask, connect, station, until
from tests.talk import Talk, iso

STATUS = '{"connectorId":1, "errorCode":"NoError",  "status":"Available"}'
pytestmark = pytest.mark.usefixtures("database", "program")


def log() -> list[Message]:
    found: list[Message] = sorted(scene.rows(Message), key=lambda message: message.id)
    return found


def only() -> Message:
    (found,) = log()
    return found


@pytest.fixture
def gateway(database: str, program: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gateway]:
    monkeypatch.setattr(sockets, "LOG_EVERY_S", 0.05)
    bus.connect(None)
    hub = Hub()
    hub.start()
    ocpp_ws.start(hub)
    running = sockets.current()
    assert running is not None
    yield running
    hub.stop()


# ------------------------------------------------------------------ what is kept of a frame


def test_a_call_and_its_answer_are_one_row_with_the_payload_as_it_came() -> None:
    charger = Talk(scene.station())
    before = clock.now()
    charger.say(f'[2,"a-1","StatusNotification",{STATUS}]')
    row = only()
    assert (row.account_id, row.station_id) == (charger.station.account_id, charger.station.id)
    assert (row.sender, row.action, row.message_id) == (Sender.STATION, "StatusNotification", "a-1")
    assert (row.call, row.answer, row.error) == (STATUS, "{}", "")
    assert before <= row.at <= clock.now()
    assert row.latency_ms is not None
    assert first_message_id(before) <= row.id


def test_the_same_call_repeated_is_in_the_log_twice_with_the_same_answer() -> None:
    charger = Talk(scene.station())
    start = {"connectorId": 1, "idTag": "T", "meterStart": 0, "timestamp": iso(clock.now())}
    for _ in range(2):
        charger.call("StartTransaction", start, message_id="again")
    first, second = log()
    assert (first.call, first.answer, first.message_id) == (second.call, second.answer, second.message_id)
    assert json.loads(first.answer or "")["transactionId"] == scene.rows(ChargingSession)[0].transaction_id


def test_an_action_nobody_knows_is_kept_with_the_refusal() -> None:
    Talk(scene.station()).say('[2,"1","Sing",{"song":"{"}]')
    row = only()
    assert (row.action, row.call, row.error) == ("Sing", '{"song":"{"}', "NotImplemented")
    assert row.answer == '{"errorDescription":"this action is not known here"}'


@pytest.mark.parametrize(
    ("raw", "message_id", "error", "kept"),
    [
        (b'[2,"bad","Heartbeat",{', "bad", "FormationViolation", '[2,"bad","Heartbeat",{'),
        (b"\x00hello \xff", "", "Unreadable", "hello \ufffd"),
        (b'[2,"7","Heartbeat"', "7", "FormationViolation", '[2,"7","Heartbeat"'),
    ],
)
def test_a_frame_that_cannot_be_read_is_kept_whole(raw: bytes, message_id: str, error: str, kept: str) -> None:
    Talk(scene.station()).say(raw)
    row = only()
    assert (row.action, row.call, row.message_id, row.error) == ("", kept, message_id, error)


@pytest.mark.parametrize(
    ("raw", "call"),
    [
        ('[2,"1","Sing",' + '{"a":' * 400 + "1" + "}" * 400 + "]", '{"a":' * 400 + "1" + "}" * 400),
        ('[2,"1","Sing",' + '{"a":' * 900 + "1" + "}" * 900 + ",0]", '{"a": ' * 39 + '"..."' + "}" * 39),
        ('[2,"{1}","Heartbeat",{}]', "{}"),
        ('[2,"1","Sing",{"a":1},{"b":2}]', '{"a": 1}'),
        ('[2,"1","Sing"]', "{}"),
        ('[2,"1","Sing",{"a":"\\u0000"}]', '{"a":"\\u0000"}'),
        ('\ufeff[2,"1","Sing",{"a":"line\nbreak"}]\x00', '{"a":"line\nbreak"}'),
    ],
)
def test_of_an_odd_frame_the_payload_is_kept(raw: str, call: str) -> None:
    Talk(scene.station()).say(raw)
    assert only().call == call


def test_a_very_long_payload_is_cut_and_says_so() -> None:
    data = "x" * (LONGEST_TEXT + 100)
    Talk(scene.station()).say(f'[2,"1","DataTransfer",{{"vendorId":"v","data":"{data}"}}]')
    call = only().call
    assert call.startswith('{"vendorId":"v","data":"xxx')
    assert call.endswith(f" … cut, {len(data) + 26} characters")
    assert len(call) < LONGEST_TEXT + 50


@pytest.mark.parametrize(
    "raw",
    [
        '[2,"1","DataTransfer",{"vendorId":"v","data":"{\\"password\\":\\"hidden-word\\"}"}]',
        '[2,"1","BootNotification",{"chargePointVendor":"v","chargePointModel":"m","password":"hidden-word"}]',
        '[2,"1","DataTransfer",{"vendorId":"v","data":"password=hidden-word',
        '[2,"1","SecurityEventNotification",{"type":"X","timestamp":"2026-01-01","techInfo":"token: hidden-word"}]',
    ],
)
def test_a_secret_in_a_chargers_frame_is_masked(raw: str) -> None:
    Talk(scene.station()).say(raw)
    assert "hidden-word" not in only().call
    assert "***" in only().call


# ------------------------------------------------------------------ over sockets


def test_what_is_answered_from_memory_follows_in_a_later_batch(gateway: Gateway) -> None:
    client = connect(gateway, station())
    assert client.call("h", "Heartbeat", {})[0] == 3
    (row,) = until(log)
    assert (row.action, row.call, row.error) == ("Heartbeat", "{}", "")
    assert json.loads(row.answer)["currentTime"].endswith("Z")


def test_what_waits_to_be_logged_is_written_before_the_program_ends(gateway: Gateway) -> None:
    client = connect(gateway, station())
    for number in range(5):
        client.call(f"h{number}", "Heartbeat", {})
    gateway.hub.stop()
    assert [row.message_id for row in log()] == [f"h{number}" for number in range(5)]


def test_a_call_that_could_not_be_stored_is_logged_with_its_refusal(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> dict[str, Any]:
        raise ValueError("broken")

    monkeypatch.setitem(handlers.HANDLERS, "Authorize", broken)
    client = connect(gateway, station())
    assert client.call("1", "Authorize", {"idTag": "T"})[2] == "InternalError"
    (row,) = until(log)
    assert (row.action, row.call, row.error) == ("Authorize", '{"idTag": "T"}', "InternalError")
    assert row.answer == '{"errorDescription":"could not be stored, please try again later"}'


def test_a_message_and_its_effect_are_in_the_same_commit(gateway: Gateway) -> None:
    client = connect(gateway, station())
    for number in range(10):
        start = {"connectorId": 1, "idTag": f"T{number}", "meterStart": number, "timestamp": iso(clock.now())}
        client.call(str(number), "StartTransaction", start)
        assert [row.message_id for row in log()] == [str(told) for told in range(number + 1)]


def test_our_call_is_logged_when_it_goes_out_and_completed_by_the_answer(gateway: Gateway) -> None:
    here = station()
    client = connect(gateway, here)
    client.call("b", "Heartbeat", {})
    made = ask(here, Action.CHANGE_CONFIGURATION, {"key": "AuthorizationKey", "value": "0123456789abcdef0123"})
    kind, message_id, *_ = client.next_frame()
    assert (kind, message_id) == (2, made.id.hex)
    (asked,) = [row for row in log() if row.sender is Sender.PLATFORM]
    assert (asked.action, asked.call) == ("ChangeConfiguration", '{"key":"AuthorizationKey","value":"***"}')
    assert (asked.answer, asked.error, asked.latency_ms) == (None, "", None)
    client.send(f'[3,"{message_id}",{{ "status":"Accepted" }}]'.encode())
    done = until(lambda: next((row for row in log() if row.id == asked.id and row.answer), None))
    assert (done.answer, done.error) == ('{ "status":"Accepted" }', "")
    assert done.latency_ms is not None


def test_a_refusal_of_our_call_is_logged_with_its_code_description_and_details(gateway: Gateway) -> None:
    here = station()
    client = connect(gateway, here)
    ask(here)
    client.send(
        json.dumps(
            [4, client.next_frame()[1], "NotSupported", "cannot do that", {"line": 7, "password": "pw"}]
        ).encode()
    )
    row = until(lambda: next((row for row in log() if row.error), None))
    assert (row.sender, row.error) == (Sender.PLATFORM, "NotSupported")
    assert row.answer == '{"errorDescription":"cannot do that","errorDetails":{"line":7,"password":"***"}}'


def test_a_missing_answer_is_said_and_a_late_one_replaces_it(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbound, "PATIENCE_S", 0.1)
    here = station()
    client = connect(gateway, here)
    ask(here)
    message_id = client.next_frame()[1]
    row = until(lambda: next((row for row in log() if row.error), None))
    assert (row.error, row.answer) == ("TimedOut", None)
    client.send(json.dumps([3, message_id, {"status": "Accepted"}]).encode())
    late = until(lambda: next((row for row in log() if row.answer), None))
    assert (late.id, late.error, late.answer) == (row.id, "", '{"status": "Accepted"}')
    assert late.latency_ms >= 100


def test_a_call_of_ours_whose_socket_went_is_said_to_be_lost(gateway: Gateway) -> None:
    here = station()
    client = connect(gateway, here)
    ask(here)
    client.next_frame()
    client.close()
    row = until(lambda: next((row for row in log() if row.error), None))
    assert (row.action, row.error, row.answer) == ("Reset", "ConnectionLost", None)


def test_an_answer_to_nothing_is_kept_as_it_came(gateway: Gateway) -> None:
    client = connect(gateway, station())
    client.send(b'[3,"nobody",{"status":"Accepted"}]')
    (row,) = until(log)
    assert (row.sender, row.action, row.message_id) == (Sender.STATION, "", "nobody")
    assert (row.call, row.error) == ('[3,"nobody",{"status":"Accepted"}]', "NoSuchCall")


def test_numbers_of_one_instant_differ_and_follow_time() -> None:
    at = clock.now()
    made = [new_message_id(at) for _ in range(1000)]
    assert len(set(made)) == 1000
    assert all(first_message_id(at) <= number < first_message_id(at) + (1 << 12) for number in made)


def test_a_log_row_is_gone_when_its_batch_is_rolled_back() -> None:
    charger = Talk(scene.station())
    with pytest.raises(RuntimeError), db.transaction(writing=True):
        dispatch.answer(charger.caller, f'[2,"1","StatusNotification",{STATUS}]'.encode())
        raise RuntimeError
    assert log() == []
