"""How the program ends: what was answered is stored, stations are told, and nothing stays behind."""

import json
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from accounts.access import SYSTEM
from accounts.values import AccountId
from charging.models import MeterValue
from kit import clock, db, websocket
from stations.models import Station
from stations.use_cases import AddedStation, add_station
from stations.values import NewConnector
from tests import scene
from tests.serving import OCPP, UPGRADE, basic, serving, settled
from tests.talk import iso
from tests.wire import Client

SOME = 6


@pytest.fixture(autouse=True)
def _own_connection() -> Iterator[None]:
    yield
    db.disconnect()


def added() -> AddedStation:
    account = scene.account(name="Haus", parent=scene.account())
    return add_station(SYSTEM, AccountId(account.id), name="Garage", connectors=[NewConnector()])


def talk_until_the_end(client: Client, pid: int, how: signal.Signals) -> tuple[int, int]:
    """Send meter values until the connection ends, which is soon after the first answers, as the process is told to
    end: how many were answered, and the code of the goodbye.
    """
    answered = 0
    while True:
        value = {"timestamp": iso(clock.now()), "sampledValue": [{"value": str(answered)}]}
        text = json.dumps([2, str(answered), "MeterValues", {"connectorId": 1, "meterValue": [value]}])
        try:
            client.send(text.encode())
        except OSError:
            return answered, 0
        opcode, payload = client.receive()
        if opcode == websocket.TEXT:
            answered += 1
            if answered == SOME:
                threading.Timer(0.2, os.kill, (pid, how)).start()
        elif opcode == websocket.CLOSE:
            return answered, int.from_bytes(payload[:2], "big")
        elif opcode == 0:
            return answered, 0


def test_a_server_told_to_stop_has_stored_all_it_answered_and_leaves_nothing_behind(tmp_path: Path) -> None:
    settled(tmp_path)
    mine = added()
    with serving(tmp_path) as running:
        client = running.dial(mine.station.identity, mine.password)
        children = _children(running.process.pid)
        client.call("1", "Heartbeat", {})
        answered, code = talk_until_the_end(client, running.process.pid, signal.SIGTERM)
        client.close()
        running.process.wait(timeout=20)
    stored = scene.rows(MeterValue)
    assert code == 1012
    assert answered >= SOME
    assert answered <= len(stored) <= answered + 1  # the last may be stored and its answer lost
    assert scene.row(Station, mine.station.id).connected_at is None
    assert not [pid for pid in children if Path(f"/proc/{pid}").exists()]


def test_a_server_that_was_killed_has_stored_all_it_answered(tmp_path: Path) -> None:
    settled(tmp_path)
    mine = added()
    with serving(tmp_path) as running:
        client = running.dial(mine.station.identity, mine.password)
        (worker,) = _children(running.process.pid)
        answered, _ = talk_until_the_end(client, worker, signal.SIGKILL)
        assert answered >= SOME
        assert answered <= len(scene.rows(MeterValue)) <= answered + 1
    assert not Path(f"/proc/{worker}").exists()


def test_a_gateway_in_a_process_of_its_own_serves_chargers_on_postgresql_and_redis(
    tmp_path: Path, postgresql_url: str, redis_url: str
) -> None:
    shared = {"DATABASE_URL": postgresql_url, "REDIS_URL": redis_url}
    settled(tmp_path, **shared)
    mine = added()
    identity = mine.station.identity
    with serving(tmp_path, ROLE="hub", **shared) as running, serving(tmp_path, ROLE="web", **shared) as pages:
        client = running.dial(identity, mine.password)
        status = {"connectorId": 1, "errorCode": "NoError", "status": "Available"}
        assert client.call("1", "StatusNotification", status) == [3, "1", {}]
        assert scene.row(Station, mine.station.id).connected_at is not None
        assert pages.knock(f"/ocpp/{identity}", *UPGRADE, basic(identity, mine.password), OCPP)[0] == 503


def _children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in found]
