"""How connections of chargers are logged: how they came, with which proof, and why they ended."""

import json
import threading
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from accounts.access import SYSTEM, Actor
from accounts.values import AccountId
from kit import clock, db, websocket
from kit.ids import new_id
from stations.queries import connection_health
from stations.use_cases import (
    AddedStation,
    add_station,
    note_connection,
    prune_connections,
    renew_password,
    request_command,
    set_security_profile,
)
from stations.values import (
    Action,
    Arrival,
    Ending,
    NewConnector,
    Proof,
    SecurityProfile,
    StationId,
    Transport,
)
from tests import scene
from tests.front_door import FrontDoor, front_door
from tests.ocpp_ws.at_the_door import BOOT, dial, ended, log_of, refused
from tests.serving import OCPP, UPGRADE, basic
from tests.wire import PATIENCE_S, Client, until

pytestmark = pytest.mark.usefixtures("database", "program")
TLS = ("X-SSL-Version: TLSv1.3", "X-SSL-Cipher: TLS_AES_128_GCM_SHA256", "X-SSL-SNI: ladepark.example")


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
    kinds: list[tuple[str, Any]] = [("before_cursor_execute", note), ("commit", end)]
    listeners = [(engine, *kind) for engine in db.engines().apart for kind in kinds]
    for listener in listeners:
        event.listen(*listener)
    go_on.set()
    assert [client.next_frame()[2]["status"] for client in clients] == ["Accepted"] * len(comers)
    for listener in listeners:
        event.remove(*listener)
    return sent, clients


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
    assert door.knock(path, *UPGRADE, login, OCPP)[0] == 101
    until(lambda: len(log_of(charger)) == 1)
    dial(door, charger)
    until(lambda: len(log_of(charger)) == 2)
    assert sorted(entry.other_user for entry in log_of(charger)) == ["", "admin"]


def test_q13_the_operator_reads_whom_a_refused_one_said_to_be(door: FrontDoor, charger: AddedStation) -> None:
    path = f"/ocpp/{charger.station.identity}"
    assert door.knock(path, *UPGRADE, basic("ro\u00f6t", "a wrong password"), OCPP)[0] == 401
    assert [(one.other_user, one.ending) for one in log_of(charger)] == [("ro\u00f6t", Ending.NO_PASSWORD)]


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
        until(lambda: refused(open_to_all, charger, login, OCPP, *TLS)[0] == 401)
