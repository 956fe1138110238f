"""The gateway on its hub, over real sockets: who is online, which socket counts, what is answered when."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from accounts.access import SYSTEM
from accounts.models import Account
from charging.models import ChargingSession, DoubtfulFact, MeterValue
from charging.values import Doubt
from kit import bus, clock, websocket
from kit.hub import Hub
from ocpp_ws import renewals, sockets
from ocpp_ws.sockets import Gateway
from ocpp_ws.v16 import handlers
from stations.use_cases import knock, refuse_station, renew_password
from stations.values import ConnectorStatus, StationId, WaitingId
from tests import make, scene
from tests.ocpp_ws.wiring import connect, row, station, until, visit
from tests.talk import iso
from tests.wire import masked

AVAILABLE = {"connectorId": 1, "errorCode": "NoError", "status": "Available"}
pytestmark = pytest.mark.usefixtures("database", "program")


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
    ("action", "payload"),
    [
        ("StartTransaction", {"connectorId": 1, "idTag": "A", "meterStart": 7, "timestamp": iso(clock.now())}),
        ("StopTransaction", {"transactionId": 1, "meterStop": 70, "timestamp": iso(clock.now())}),
        ("MeterValues", {"connectorId": 1, "meterValue": [{"timestamp": "2026-01-01T00:00:00Z"}] * 99}),
    ],
)
def test_q86_a_record_that_we_can_not_store_is_kept_as_it_came(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch, action: str, payload: dict[str, Any]
) -> None:

    def fail(caller: Any, payload: Any) -> dict[str, Any]:
        raise ValueError("a mistake of ours")

    monkeypatch.setitem(handlers.HANDLERS, action, fail)
    here = station()
    client = connect(gateway, here)
    for _ in range(2):
        assert client.call("x", action, payload)[0] == 3
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


def test_a_status_arrives_while_others_look(gateway: Gateway) -> None:
    here = station()
    topics: list[str] = []
    bus.current().listen(lambda topic, _: topics.append(topic))
    client = connect(gateway, here)
    client.call("1", "StatusNotification", {"connectorId": 1, "errorCode": "NoError", "status": "Faulted"})
    until(lambda: {f"station:{here.id}", f"account:{here.account_id}"} <= set(topics))
    assert scene.connector(here).status is ConnectorStatus.FAULTED
