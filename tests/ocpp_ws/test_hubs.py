"""Several processes on one database and one Redis: chargers move between hubs, and the pages restart behind them."""

import json
import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import select, text, update

from accounts.rights import Role
from accounts.use_cases import create_api_token
from kit import clock, db, websocket
from stations import jobs
from stations.models import Connector, GatewayRun, Station, StationCommand, StationConnection
from stations.queries.gateways import GONE_AFTER
from stations.use_cases import AddedStation, add_station
from stations.values import CommandState, Ending, NewConnector
from tests import make, scene
from tests.conformance.harness import SEND_COMMAND
from tests.databases import PostgreSQL
from tests.made import Owned
from tests.serving import START_S, Serving, serving, settled
from tests.wire import PATIENCE_S, Client, until

AVAILABLE = {"connectorId": 1, "errorCode": "NoError", "status": "Available"}


@dataclass
class Platform:
    """Hubs and pages of one installation, which all tests here share; each test has chargers of its own."""

    folder: Path
    shared: dict[str, str]
    running: ExitStack
    owner: Owned
    token: str
    living: dict[str, list[Serving]]

    def start(self, role: str, **environ: str) -> Serving:
        """One more process, which has started when it answers."""
        made = self.running.enter_context(serving(self.folder, ROLE=role, **self.shared, **environ))
        assert requests.get(f"http://127.0.0.1:{made.port}/healthz", timeout=START_S).ok
        self.living[role].append(made)
        return made

    def some(self, role: str, count: int) -> list[Serving]:
        """So many running processes."""
        self.living[role] = [each for each in self.living[role] if each.process.poll() is None]
        while len(self.living[role]) < count:
            self.start(role)
        return self.living[role][:count]

    def chargers(self) -> list[AddedStation]:
        """Two new ones."""
        owned = self.owner
        return [add_station(owned.owner, owned.id, name=name, connectors=[NewConnector()]) for name in ("A", "B")]

    def command(self, pages: Serving, charger: AddedStation) -> None:
        """Somebody asks for a reset by GraphQL; the command."""
        wish = {"station": str(charger.station.id), "action": "RESET", "payload": {"type": "Soft"}}
        answer = requests.post(
            f"http://127.0.0.1:{pages.port}/graphql",
            json={"query": SEND_COMMAND, "variables": wish},
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=START_S,
        ).json()
        assert "id" in answer["data"]["sendCommand"], answer


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory, postgresql: PostgreSQL, _redis: str) -> Iterator[Platform]:
    """Nothing runs yet."""
    folder = tmp_path_factory.mktemp("hubs")
    shared = {"DATABASE_URL": postgresql.create(), "REDIS_URL": _redis}
    settled(folder, **shared)
    owned = make.account(name="Haus")
    secret = create_api_token(owned.owner, owned.id, name="test", role=Role.API_CLIENT).secret
    with ExitStack() as running:
        yield Platform(folder, shared, running, owned, secret, {"hub": [], "web": []})
    db.disconnect()


def dial(hub: Serving, charger: AddedStation) -> Client:
    """The charger connects, and has said that it is available."""
    client = hub.dial(charger.station.identity, charger.password)
    assert client.call("s", "StatusNotification", AVAILABLE) == [3, "s", {}]
    return client


def asked(client: Client) -> Any:
    """The next call of the platform, which the charger agrees to."""
    _, message_id, action, _ = client.next_frame()
    client.send(f'[3,"{message_id}",{{"status":"Accepted"}}]'.encode())
    return action


def row(charger: AddedStation) -> Station:
    found: Station = scene.row(Station, charger.station.id)
    return found


def commands_of(charger: AddedStation) -> list[CommandState]:
    """How far its commands got."""
    return [each.state for each in scene.rows(StationCommand, StationCommand.station_id == charger.station.id)]


def log_of(charger: AddedStation) -> list[Ending | None]:
    """How its connections ended, the oldest first."""
    mine = StationConnection.station_id == charger.station.id
    return [connection.ending for connection in scene.rows(StationConnection, mine)]


def test_a_charger_moves_from_hub_to_hub_and_a_third_one_forgets_nobody(platform: Platform) -> None:
    (one, two), (pages,) = platform.some("hub", 2), platform.some("web", 1)
    moves, stays = platform.chargers()
    old, neighbour = dial(one, moves), dial(one, stays)
    new = dial(two, moves)
    assert old.call("1", "StatusNotification", AVAILABLE)[0] == 3  # what is under way on it still arrives
    assert old.receive() == (websocket.CLOSE, (1008).to_bytes(2, "big"))
    old.close()
    until(lambda: log_of(moves) == [Ending.REPLACED, None])
    assert row(moves).connected_at is not None

    platform.command(pages, moves)
    assert asked(new) == "Reset"
    until(lambda: commands_of(moves) == [CommandState.ACCEPTED])

    platform.command(pages, stays)
    assert neighbour.next_frame()[2] == "Reset"
    before = [row(each).connected_at for each in (moves, stays)]
    third = platform.start("hub")
    assert [row(each).connected_at for each in (moves, stays)] == before
    assert commands_of(stays) == [CommandState.SENT]
    assert len(scene.rows(GatewayRun)) == 3

    two.process.terminate()
    assert new.receive()[0] == websocket.CLOSE
    again = dial(third, moves)
    two.process.wait(PATIENCE_S)
    assert row(moves).connected_at is not None
    assert log_of(moves) == [Ending.REPLACED, Ending.RESTART, None]
    assert [each.call("h", "Heartbeat", {})[0] for each in (again, neighbour)] == [3, 3]


def test_a_killed_hub_takes_its_own_chargers_along_and_nobody_elses(platform: Platform) -> None:
    one, two = platform.some("hub", 2)
    first, second = platform.chargers()
    mine, other = dial(one, first), dial(two, second)
    _kill(one)
    assert (row(first).connected_at is None, row(second).connected_at is None) == (False, False)
    assert mine.receive()[0] == 0
    one = platform.start("hub", PORT=str(one.port))  # comes back at once: it knows what it had
    assert (row(first).connected_at is None, row(second).connected_at is None) == (True, False)

    mine = dial(one, first)
    _kill(one)
    silent = clock.now() - GONE_AFTER - timedelta(seconds=1)
    with db.transaction(writing=True) as unit:
        unit.session.execute(update(GatewayRun).where(GatewayRun.name.endswith(f":{one.port}")).values(heard_at=silent))
    jobs.forget_silent()
    assert (row(first).connected_at is None, row(second).connected_at is None) == (True, False)
    assert log_of(first) == [Ending.CRASH, Ending.CRASH]
    assert other.call("h", "Heartbeat", {})[0] == 3


def test_a_hub_that_ends_while_its_writer_waits_leaves_its_place_to_be_forgotten(platform: Platform) -> None:
    charger, _ = platform.chargers()
    ending = platform.start("hub")
    client = dial(ending, charger)
    its_row = GatewayRun.name.endswith(f":{ending.port}")
    with db.transaction(writing=True) as unit:
        unit.session.execute(update(Connector).where(Connector.station_id == charger.station.id).values(name="held"))
        client.send(json.dumps([2, "1", "StatusNotification", AVAILABLE]).encode())
        until(_somebody_waits)
        ending.process.terminate()
        ending.process.wait(timeout=30)
        left = unit.session.scalars(select(GatewayRun).where(its_row)).all()
    assert len(left) == 1, "nothing that could have met what its writer was at"
    assert log_of(charger) == [None]


def test_pages_restart_while_chargers_stay_connected_and_go_on(platform: Platform) -> None:
    (hub,), (pages,) = platform.some("hub", 1), platform.some("web", 1)
    charger, _ = platform.chargers()
    client = dial(hub, charger)
    connected_at = row(charger).connected_at
    pages.process.terminate()
    while pages.process.poll() is None:
        assert client.call("h", "StatusNotification", AVAILABLE)[0] == 3
    pages = platform.start("web", PORT=str(pages.port))
    platform.command(pages, charger)
    assert asked(client) == "Reset"
    assert client.call("s", "StatusNotification", AVAILABLE)[0] == 3
    assert (row(charger).connected_at, log_of(charger)) == (connected_at, [None])


def _somebody_waits() -> bool:
    """Whether a transaction wants what another one holds."""
    with db.engine().connect() as connection:
        return bool(connection.execute(text("SELECT count(*) FROM pg_locks WHERE NOT granted")).scalar())


def _kill(hub: Serving) -> None:
    """All of it at once, as by the kernel that runs out of memory."""
    children = Path(f"/proc/{hub.process.pid}/task/{hub.process.pid}/children").read_text().split()
    for pid in (hub.process.pid, *map(int, children)):
        os.kill(pid, signal.SIGKILL)
    hub.process.wait(PATIENCE_S)
