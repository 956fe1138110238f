"""How connections of chargers do: logged with how they came and why they ended, kept alive, slowed down, refused."""

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event
from structlog.testing import capture_logs

from accounts.access import SYSTEM, Actor
from accounts.values import AccountId
from kit import clock, db, websocket
from kit.ids import new_id
from kit.throttle import Throttle
from ocpp_ws import flapping, handshake, outbound
from ocpp_ws.charger import MOST_IN_FLIGHT, MOST_PER_S, Charger
from ocpp_ws.sockets import ASK_AFTER_S
from stations.models import Station, StationCommand, StationConnection
from stations.queries import connection_health, connections, silent
from stations.use_cases import (
    AddedStation,
    add_station,
    keep_quiet,
    note_connection,
    prune_connections,
    renew_password,
    request_command,
    set_quirks,
    set_security_profile,
)
from stations.values import (
    Action,
    Arrival,
    CommandState,
    Ending,
    NewConnector,
    Proof,
    SecurityProfile,
    StationId,
    Transport,
)
from tests import scene
from tests.front_door import FrontDoor, front_door
from tests.serving import OCPP, UPGRADE, basic
from tests.wire import PATIENCE_S, Client, masked, until

pytestmark = pytest.mark.usefixtures("database", "program")
BOOT = {"chargePointVendor": "Fabrik", "chargePointModel": "M1"}
AVAILABLE = {"connectorId": 1, "errorCode": "NoError", "status": "Available"}
TLS = ("X-SSL-Version: TLSv1.3", "X-SSL-Cipher: TLS_AES_128_GCM_SHA256", "X-SSL-SNI: ladepark.example")


@pytest.fixture
def door(database: str, program: object) -> Iterator[FrontDoor]:
    with front_door() as running:
        yield running


@pytest.fixture
def charger() -> AddedStation:
    owner = scene.account(name="Haus", parent=scene.account())
    return add_station(SYSTEM, AccountId(owner.id), name="Garage", connectors=[NewConnector()])


def dial(door: FrontDoor, charger: AddedStation, *headers: str, password: str | bytes = "") -> Client:
    identity = charger.station.identity
    login = basic(identity, password or charger.password)
    status, _, client = door.knock(f"/ocpp/{identity}", *UPGRADE, login, OCPP, *headers)
    assert status == 101
    return client


def test_chargers_that_come_all_at_once_take_as_many_statements_as_a_few(door: FrontDoor) -> None:
    owner = scene.account(name="Haus", parent=scene.account())
    counts = []
    for count in (3, 9):
        plugs = [NewConnector()]
        some = [add_station(SYSTEM, AccountId(owner.id), name=f"{n}", connectors=plugs) for n in range(8 * count)]
        comers = [one for one in some if door.gateway.writers.of(one.station.id) is door.gateway.writers.of(None)][
            :count
        ]
        waits = [request_command(SYSTEM, StationId(one.station.id), Action.CLEAR_CACHE, {}) for one in comers]
        sent, clients = _come_at_once(door, comers)
        inserts = Counter(one.partition(" VALUES ")[0] for one in sent if one.startswith("INSERT"))
        assert max(inserts.values()) <= 3, "SQLite takes nine rows as four, four and one"
        counts.append(len(inserts) + sum(not one.startswith("INSERT") for one in sent))
        for client, command in zip(clients, waits, strict=True):
            assert client.next_frame()[:3] == [2, command.id.hex, "ClearCache"], "its own command follows"
            client.close()
    assert counts[0] == counts[1]


def _come_at_once(door: FrontDoor, comers: list[AddedStation]) -> tuple[list[str], list[Client]]:
    """They connect and start while the writer is held up; the statements of its next transaction."""
    held, go_on, written, sent = threading.Event(), threading.Event(), threading.Event(), list[str]()

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if threading.current_thread().name == "writer" and not written.is_set():
            sent.append(statement)

    def end(_connection: object) -> None:
        if sent and threading.current_thread().name == "writer":
            written.set()

    def hold_up() -> None:
        held.set()
        go_on.wait(PATIENCE_S)

    door.gateway.do(hold_up)
    assert held.wait(PATIENCE_S)
    clients = [dial(door, one) for one in comers]
    for client in clients:
        client.send(json.dumps([2, "b", "BootNotification", BOOT]).encode())
    until(lambda: door.gateway.writers.waiting >= 3 * len(comers))
    listeners: list[tuple[str, Any]] = [("before_cursor_execute", note), ("commit", end)]
    for name, listener in listeners:
        event.listen(db.engine(), name, listener)
    go_on.set()
    assert [client.next_frame()[2]["status"] for client in clients] == ["Accepted"] * len(comers)
    for name, listener in listeners:
        event.remove(db.engine(), name, listener)
    return sent, clients


def refused(door: FrontDoor, charger: AddedStation, *headers: str) -> tuple[int, dict[str, str]]:
    return door.knock(f"/ocpp/{charger.station.identity}", *UPGRADE, *headers)[:2]


def log_of(charger: AddedStation) -> list[StationConnection]:
    """The newest first."""
    return connections(SYSTEM, StationId(charger.station.id))


def ended(charger: AddedStation, ending: Ending) -> StationConnection:
    """Wait until the newest connection is over for this reason."""
    row: StationConnection = until(lambda: (rows := log_of(charger)) and rows[0].ending is ending and rows[0])
    assert row.closed_at is not None
    return row


def row(charger: AddedStation) -> Station:
    found: Station = scene.row(Station, charger.station.id)
    return found


def socket_of(door: FrontDoor, charger: AddedStation) -> Charger:
    """The gateway's side of the charger's newest socket."""
    found: Charger = until(lambda: door.gateway._chargers.get(charger.station.id))
    return found


def later(door: FrontDoor, charger: AddedStation, seconds: float) -> None:
    """Have the hub look at the socket as it will so much later."""
    connection = socket_of(door, charger).connection
    assert connection is not None
    door.gateway.hub.call_soon(connection.sweep, door.gateway.hub.time() + seconds)


# ------------------------------------------------------------------------------------------- the log


def test_a_connection_is_logged_with_how_it_came_and_how_it_ended(door: FrontDoor, charger: AddedStation) -> None:
    client = dial(door, charger)
    opened = until(lambda: log_of(charger))[0]
    assert (opened.closed_at, opened.ending, opened.peer, opened.protocol) == (None, None, "127.0.0.1", "ocpp1.6")
    assert (opened.address, opened.proof) == (f"/ocpp/{charger.station.identity}", Proof.PASSWORD)
    assert (opened.tls_version, opened.tls_cipher, opened.tls_name) == ("", "", "")
    assert connection_health(SYSTEM, StationId(charger.station.id)).open
    client.send((1000).to_bytes(2, "big"), websocket.CLOSE)
    assert client.receive()[0] == websocket.CLOSE
    ended(charger, Ending.HUNG_UP)
    assert not connection_health(SYSTEM, StationId(charger.station.id)).open


def test_q14_which_reading_of_the_password_worked_is_kept(door: FrontDoor, charger: AddedStation) -> None:
    dial(door, charger, password=bytes.fromhex(charger.password))
    assert until(lambda: log_of(charger))[0].proof is Proof.PASSWORD_BYTES


def test_every_way_to_end_is_told_apart(door: FrontDoor, charger: AddedStation) -> None:
    client = dial(door, charger)
    client.sock.close()
    ended(charger, Ending.LOST)
    client = dial(door, charger)
    client.sock.sendall(b"\x81\x00")  # not masked
    assert client.receive()[0] == websocket.CLOSE
    client.close()
    ended(charger, Ending.BROKEN)
    client = dial(door, charger)
    until(lambda: log_of(charger)[0].ending is None)
    renew_password(SYSTEM, StationId(charger.station.id))
    ended(charger, Ending.SHUT_OUT)


def test_the_end_of_the_platform_ends_all_of_them(database: str, program: object, charger: AddedStation) -> None:
    with front_door() as door:
        client = dial(door, charger)
        until(lambda: log_of(charger))
        door.visitors.clear()  # it does not hang up by itself
    assert client.receive() == (websocket.CLOSE, (1012).to_bytes(2, "big") + b"restart")
    ended(charger, Ending.RESTART)


def test_what_a_crash_left_open_ends_at_the_next_start(database: str, program: object, charger: AddedStation) -> None:
    note_connection(Actor.station(charger.station.id), charger.station.account_id, new_id(), Arrival())
    assert log_of(charger)[0].closed_at is None
    with front_door():
        ended(charger, Ending.CRASH)


def test_a_try_that_is_refused_is_logged_once_a_minute_for_each_reason(door: FrontDoor, charger: AddedStation) -> None:
    wrong, right = basic("x", "wrong"), basic(charger.station.identity, charger.password)
    for _ in range(3):
        assert refused(door, charger, wrong, OCPP)[0] == 401
        assert refused(door, charger, right, "Sec-WebSocket-Protocol: ocpp2.0.1")[0] == 400
    assert [entry.ending for entry in log_of(charger)] == [Ending.OTHER_PROTOCOL, Ending.NO_PASSWORD]
    assert all(entry.closed_at == entry.opened_at for entry in log_of(charger))
    health = connection_health(SYSTEM, StationId(charger.station.id))
    assert (health.refused, health.latest, health.recent) == (2, None, 0)


def test_q3_a_charger_that_first_probes_for_another_version_comes_in_with_ours_and_counts_as_no_failure(
    door: FrontDoor, charger: AddedStation
) -> None:
    login = basic(charger.station.identity, charger.password)
    for _ in range(3):
        assert refused(door, charger, login, "Sec-WebSocket-Protocol: ocpp2.0.1")[0] == 400
        status, headers = refused(door, charger, login, "Sec-WebSocket-Protocol: ocpp2.0.1, ocpp1.6")
        assert (status, headers["sec-websocket-protocol"]) == (101, "ocpp1.6")
    until(lambda: log_of(charger)[0].protocol == "ocpp1.6")
    assert not connection_health(SYSTEM, StationId(charger.station.id)).flapping


def test_q13_a_user_who_is_not_the_identity_is_let_in_and_noted(door: FrontDoor, charger: AddedStation) -> None:
    path, login = f"/ocpp/{charger.station.identity}", basic("admin", charger.password)
    with capture_logs() as written:
        assert door.knock(path, *UPGRADE, login, OCPP)[0] == 101
    (noted,) = [line for line in written if line["event"] == "charger.other_user"]
    assert (noted["identity"], noted["user"]) == (charger.station.identity, "admin")


def test_old_entries_go_and_open_ones_stay(door: FrontDoor, charger: AddedStation) -> None:
    dial(door, charger).sock.close()
    ended(charger, Ending.LOST)
    dial(door, charger)
    until(lambda: len(log_of(charger)) == 2)
    with clock.moved_to(clock.now() + timedelta(days=89)):
        assert prune_connections(SYSTEM) == 0
    with clock.moved_to(clock.now() + timedelta(days=91)):
        assert prune_connections(SYSTEM) == 1
    assert [entry.ending for entry in log_of(charger)] == [None]


def test_q20_what_the_proxy_saw_of_tls_is_shown_and_believed_from_it_alone(
    database: str, program: object, charger: AddedStation
) -> None:
    with front_door(trusted_proxies=1) as behind_a_proxy:
        dial(behind_a_proxy, charger, "X-Forwarded-For: 198.51.100.4", *TLS)
        seen = until(lambda: log_of(charger))[0]
        assert (seen.peer, seen.tls_version) == ("198.51.100.4", "TLSv1.3")
        assert (seen.tls_cipher, seen.tls_name) == ("TLS_AES_128_GCM_SHA256", "ladepark.example")
        old = dial(behind_a_proxy, charger, "X-SSL-Version: TLSv1.1")
        old_one = Transport.OUTDATED_TLS
        until(lambda: connection_health(SYSTEM, StationId(charger.station.id)).transport is old_one)
        old.close()
    with front_door() as open_to_all:
        dial(open_to_all, charger, "X-Forwarded-For: 198.51.100.4", *TLS)
        seen = until(lambda: log_of(charger)[0].ending is None and log_of(charger)[0])
        assert (seen.peer, seen.tls_version, seen.tls_cipher) == ("127.0.0.1", "", "")
        set_security_profile(SYSTEM, StationId(charger.station.id), profile=SecurityProfile.PASSWORD_TLS)
        login = basic(charger.station.identity, charger.password)
        assert refused(open_to_all, charger, login, OCPP, *TLS)[0] == 401


# ------------------------------------------------------------------------------------------- alive or not


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


# ------------------------------------------------------------------------------------------- again and again


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


# ------------------------------------------------------------------------------------------- back without a word


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
