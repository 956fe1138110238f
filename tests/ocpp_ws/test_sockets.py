"""One socket: kept alive, replaced, slowed down, closed."""

import json
import threading
import time
from datetime import timedelta

import pytest

from accounts.access import SYSTEM
from kit import clock, db, websocket
from ocpp_ws import outbound
from ocpp_ws.charger import MOST_IN_FLIGHT, MOST_PER_S
from stations.models import StationCommand
from stations.queries import silent
from stations.use_cases import AddedStation, request_command, set_quirks
from stations.values import Action, CommandState, Ending, StationId
from tests import scene
from tests.front_door import FrontDoor
from tests.ocpp_ws.at_the_door import AVAILABLE, BOOT, dial, ended, later, log_of, row, socket_of
from tests.wire import PATIENCE_S, masked, until

pytestmark = pytest.mark.usefixtures("database", "program")


def test_q18_the_interval_of_pings_is_the_stations_own(door: FrontDoor, charger: AddedStation) -> None:
    set_quirks(SYSTEM, StationId(charger.station.id), {"ping_every_s": 300})
    client = dial(door, charger)
    client.call("b", "BootNotification", BOOT)
    later(door, charger, 299)
    later(door, charger, 302)
    assert client.receive() == (websocket.PING, b"")
    client.sock.settimeout(0.2)
    with pytest.raises(TimeoutError):
        client.receive()


def test_q18_a_charger_that_answers_no_ping_is_not_dropped_for_it(door: FrontDoor, charger: AddedStation) -> None:
    client = dial(door, charger)
    client.call("b", "BootNotification", BOOT)
    later(door, charger, 3_600)
    assert client.receive() == (websocket.PING, b"")
    assert client.call("h", "Heartbeat", {})[0] == 3


def test_a_charger_that_answered_pings_and_falls_silent_is_dropped(door: FrontDoor, charger: AddedStation) -> None:
    client = dial(door, charger)
    client.send(b"", websocket.PONG)
    client.call("b", "BootNotification", BOOT)
    later(door, charger, 901)
    ended(charger, Ending.SILENT)


def test_q19_a_socket_that_answers_no_calls_is_closed_though_heartbeats_come(
    door: FrontDoor, charger: AddedStation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbound, "PATIENCE_S", 0.1)
    client = dial(door, charger)
    for number in range(outbound.MOST_UNANSWERED):
        request_command(SYSTEM, StationId(charger.station.id), Action.CLEAR_CACHE, {})
        assert client.next_frame()[2] == "ClearCache"
        assert client.call(str(number), "Heartbeat", {})[0] == 3
    ended_socket = client.next_frame()
    assert ended_socket is None
    client.close()
    ended(charger, Ending.UNANSWERED)


def test_q15_the_newest_socket_wins_and_what_the_old_one_still_brings_is_taken(
    door: FrontDoor, charger: AddedStation
) -> None:
    old = dial(door, charger)
    asked = request_command(SYSTEM, StationId(charger.station.id), Action.RESET, {"type": "Soft"})
    assert old.next_frame()[2] == "Reset"
    new = dial(door, charger)
    until(lambda: scene.row(StationCommand, asked.id).state is CommandState.TIMED_OUT)  # fails fast
    assert old.call("1", "StatusNotification", AVAILABLE)[0] == 3
    assert old.receive() == (websocket.CLOSE, (1008).to_bytes(2, "big"))
    old.close()
    assert new.call("2", "StatusNotification", AVAILABLE)[0] == 3
    until(lambda: [entry.ending for entry in log_of(charger)] == [None, Ending.REPLACED])
    assert (row(charger).connected_at is not None, row(charger).disconnected_at) == (True, None)


def test_q17_a_charger_that_dials_again_after_fourteen_minutes_was_never_out_of_service(
    door: FrontDoor, charger: AddedStation
) -> None:
    client = dial(door, charger)
    until(lambda: row(charger).connected_at)
    client.close()
    until(lambda: row(charger).connected_at is None)
    kept = timedelta(hours=1)
    asked = request_command(SYSTEM, StationId(charger.station.id), Action.CLEAR_CACHE, {}, expires_in=kept)
    with clock.moved_to(clock.now() + timedelta(minutes=14)):
        assert not silent(row(charger), clock.now())
        assert dial(door, charger).next_frame()[2] == "ClearCache"
        until(lambda: scene.row(StationCommand, asked.id).state is CommandState.SENT)


def test_q42_one_heartbeat_a_day_is_enough_while_the_socket_is_open(door: FrontDoor, charger: AddedStation) -> None:
    client = dial(door, charger)
    client.call("b", "BootNotification", BOOT)
    with clock.moved_to(clock.now() + timedelta(hours=20)):
        later(door, charger, 72_000)
        door.gateway.hub.call_soon(door.gateway._note_seen)
        until(lambda: not silent(row(charger), clock.now()))
    assert client.receive() == (websocket.PING, b"")
    assert client.call("h", "Heartbeat", {})[0] == 3


def test_q50_several_heartbeats_a_second_are_answered(door: FrontDoor, charger: AddedStation) -> None:
    client = dial(door, charger)
    client.sock.sendall(b"".join(masked(f'[2,"{number}","Heartbeat",{{}}]'.encode()) for number in range(20)))
    assert [client.next_frame()[1] for _ in range(20)] == [str(number) for number in range(20)]


def test_q22_whoever_sends_far_too_much_is_read_more_slowly_and_loses_nothing(
    door: FrontDoor, charger: AddedStation
) -> None:
    client = dial(door, charger)
    until(lambda: row(charger).connected_at)
    many = 2 * MOST_PER_S + 50
    frames = [masked(f'[2,"{number}","Heartbeat",{{}}]'.encode()) for number in range(many)]
    began = time.monotonic()
    for first in range(0, many, 50):
        client.sock.sendall(b"".join(frames[first : first + 50]))
        answers = [client.next_frame()[1] for _ in range(min(50, many - first))]
        assert answers == [str(number) for number in range(first, min(many, first + 50))]
    assert time.monotonic() - began > 1.0
    assert log_of(charger)[0].ending is None


def test_of_calls_that_are_not_stored_yet_only_so_many_are_read(door: FrontDoor, charger: AddedStation) -> None:
    client, many, largest_read = dial(door, charger), 600, 1 << 18
    until(lambda: row(charger).connected_at)
    told = {"vendorId": "x", "data": "x" * 1_000}
    calls = [masked(json.dumps([2, str(number), "DataTransfer", told]).encode()) for number in range(many)]
    sending = threading.Thread(target=client.sock.sendall, args=(b"".join(calls),))
    with db.transaction(writing=True):  # on SQLite the writer waits for us
        sending.start()
        until(lambda: socket_of(door, charger).in_flight >= MOST_IN_FLIGHT or not db.is_sqlite())
        time.sleep(0.3)
        assert socket_of(door, charger).in_flight <= MOST_IN_FLIGHT + largest_read // len(calls[0]) + 1
    assert [client.next_frame()[1] for _ in calls] == [str(number) for number in range(many)]
    sending.join(PATIENCE_S)


def test_a_message_of_more_than_a_mebibyte_ends_the_socket(door: FrontDoor, charger: AddedStation) -> None:
    client = dial(door, charger)
    size = websocket.LARGEST_MESSAGE + 1
    client.sock.sendall(bytes((0x81, 0xFF)) + size.to_bytes(8, "big") + b"\0\0\0\0")
    assert client.receive()[1][:2] == (1009).to_bytes(2, "big")
    client.close()
    ended(charger, Ending.BROKEN)
