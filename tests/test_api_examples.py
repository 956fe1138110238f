"""The examples of docs/examples do what they say, against a running server."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import playwright
import pytest

from accounts.use_cases import create_api_token
from accounts.values import AccountId
from kit import settings
from kit.ids import new_id
from tests import make
from tests.databases import free_port
from tests.portal.real_server import RealServer, real_server
from tests.serving import Knocking
from webhooks.queries import Outgoing
from webhooks.sending import send
from webhooks.values import DeliveryId

EXAMPLES = Path(__file__).parents[1] / "docs" / "examples"
NODE = str(Path(playwright.__file__).parent / "driver" / "node")  # new enough to read TypeScript


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealServer]:
    """The program in a process of its own."""
    var_dir = tmp_path_factory.mktemp("examples") / "var"
    var_dir.mkdir()
    with real_server(var_dir) as started:
        yield started


@pytest.fixture
def surroundings(server: RealServer) -> dict[str, str]:
    """What an example finds in its environment."""
    owned = make.owned()
    secret = create_api_token(owned.owner, AccountId(owned.id), name="example").secret
    return {"PATH": os.environ["PATH"], "API_URL": server.url, "API_TOKEN": secret}


def _run(*command: str, env: dict[str, str]) -> str:
    done = subprocess.run(command, env=env, cwd=EXAMPLES, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_python_reads_all_stations(surroundings: dict[str, str]) -> None:
    names = {make.station(name=f"Platz {number}").station.name for number in range(3)}
    lines = _run(sys.executable, "stations.py", env=surroundings).splitlines()
    assert names <= {line.partition(" (")[0] for line in lines}
    wrong = surroundings | {"API_TOKEN": "cp_wrong"}
    assert subprocess.run([sys.executable, "stations.py"], env=wrong, cwd=EXAMPLES, capture_output=True).returncode


def test_curl_adds_a_station_once(surroundings: dict[str, str]) -> None:
    account = str(make.owned().id)
    first, again = (_run("sh", "add_station.sh", account, "Tor", "k-1", env=surroundings) for _ in range(2))
    assert first == again
    assert '"__typename":"StationWithPassword"' in first


def test_typescript_follows_a_station(server: RealServer, surroundings: dict[str, str]) -> None:
    station = make.station(name="Rampe")

    def charge() -> None:
        time.sleep(1)
        client = Knocking(server.port).dial(station.station.identity, station.password)
        client.call("1", "StatusNotification", {"connectorId": 1, "errorCode": "NoError", "status": "Available"})

    threading.Thread(target=charge).start()
    told = _run(NODE, "follow.ts", str(station.id), env=surroundings).splitlines()
    assert (told[0], told[-1]) == ("Rampe UNKNOWN", "Rampe AVAILABLE")


def test_python_receives_webhooks(server: RealServer) -> None:
    port, secret = free_port(), "whsec_" + "c2VjcmV0" * 4
    settings.use(replace(server.settings, webhook_private_addresses=True))
    command = [sys.executable, "receive_webhooks.py", str(port)]
    environ = {"PATH": os.environ["PATH"], "WEBHOOK_SECRET": secret}
    with subprocess.Popen(command, env=environ, cwd=EXAMPLES, stdout=subprocess.PIPE, text=True) as receiver:
        payload = '{"type":"ping","data":{"a":1}}'
        for sealed in (secret, "whsec_" + "d3JvbmdvbmU=" * 3):
            call = Outgoing(DeliveryId(new_id()), f"http://127.0.0.1:{port}/", "msg_1", payload, (sealed,))
            came = send(call)
            while came.status is None:
                came = send(call)
            assert came.status == (204 if sealed == secret else 401)
        assert receiver.stdout is not None
        assert receiver.stdout.readline() == "ping {'a': 1}\n"
        receiver.kill()
