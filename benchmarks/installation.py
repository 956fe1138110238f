"""The platform as the benches run it: a database on a real disk, its stations, a server on a core of its own, a load.

The first core belongs to the server that is measured. Everything else (the load, PostgreSQL, Redis) is on the last one.
"""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from accounts.access import SYSTEM
from accounts.values import AccountId
from charging.use_cases import add_tag
from kit import db
from stations.use_cases import add_station
from stations.values import NewConnector
from tests import make
from tests.databases import free_port, postgresql_cluster, redis_server
from tests.made import Owned

ROOT = Path(__file__).parent.parent
SERVER_CORE, OTHER_CORE = 0, (os.cpu_count() or 1) - 1
GATEWAY = [sys.executable, "wsgi.py", "serve"]
SQLITE, POSTGRESQL = "SQLite", "PostgreSQL"
MADE_AT_ONCE = 500
PATIENCE_S = 60.0


@dataclass(frozen=True)
class Installation:
    """A database with an operator and so many stations; the environment that a server of it needs."""

    database: str
    environ: dict[str, str]
    operator: Owned
    stations: list[tuple[str, str]]
    first_id: str


@contextlib.contextmanager
def sqlite(stations: int) -> Iterator[Installation]:
    """The embedded database; every commit waits for the disk (FULL)."""
    with _folder() as folder:
        yield _filled(SQLITE, folder, stations)


@contextlib.contextmanager
def postgresql(stations: int) -> Iterator[Installation]:
    """A PostgreSQL of its own, as it comes: every commit waits for the disk (fsync)."""
    os.environ["TEST_FSYNC"] = "1"
    with _folder() as folder, postgresql_cluster() as cluster:
        yield _filled(POSTGRESQL, folder, stations, DATABASE_URL=cluster.create())


BOTH = {SQLITE: sqlite, POSTGRESQL: postgresql}


@contextlib.contextmanager
def bus() -> Iterator[dict[str, str]]:
    """What a server needs to be one of several processes: it holds the sockets, and others do the rest."""
    with redis_server() as url:
        yield {"ROLE": "hub", "REDIS_URL": url}


@contextlib.contextmanager
def serving(command: Sequence[str], environ: dict[str, str] | None = None) -> Iterator[tuple[int, int]]:
    """A server on its core: its port and process id; ended afterwards."""
    port = free_port()
    if environ is None:
        command = [*command, str(port)]
    everything = {"PATH": os.environ["PATH"], "PORT": str(port), "LOG_LEVEL": "error", **(environ or {})}
    pinned = ["setpriv", "--pdeathsig", "TERM", "taskset", "-c", str(SERVER_CORE), *command]
    server = subprocess.Popen(pinned, cwd=ROOT, env=everything, stdout=subprocess.DEVNULL)
    try:
        _wait_for(port, server)
        yield port, server.pid
    finally:
        server.terminate()
        server.wait(timeout=30)


class Load:
    """The chargers' process, on the other core."""

    def __init__(self, port: int, server: int, stations: list[tuple[str, str]]) -> None:
        pinned = ["setpriv", "--pdeathsig", "KILL", "taskset", "-c", str(OTHER_CORE)]
        command = [*pinned, sys.executable, "-m", "benchmarks.ocpp_load"]
        self._process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._say({"port": port, "server": server, "stations": stations})

    def begin(self, name: str, **options: Any) -> None:
        """Have them do something; `result` waits for it."""
        self._say([name, options])

    def result(self) -> Any:
        """What they report of the last step."""
        assert self._process.stdout is not None, "asked for"
        line = self._process.stdout.readline()
        assert line, "the load broke down"
        return json.loads(line)

    def step(self, name: str, **options: Any) -> Any:
        """Have them do something, and wait for what they report."""
        self.begin(name, **options)
        return self.result()

    def _say(self, words: Any) -> None:
        assert self._process.stdin is not None, "asked for"
        self._process.stdin.write(json.dumps(words).encode() + b"\n")
        self._process.stdin.flush()

    def close(self) -> None:
        """They all leave."""
        self._process.kill()
        self._process.communicate()


@contextlib.contextmanager
def load(port: int, server: int, stations: list[tuple[str, str]]) -> Iterator[Load]:
    """Chargers that are gone at the end of the block."""
    made = Load(port, server, stations)
    try:
        yield made
    finally:
        made.close()


def beside_the_server() -> None:
    """Keep this process, and what it starts, off the server's core."""
    os.sched_setaffinity(0, {OTHER_CORE})


def signed_in(url: str, operator: Owned) -> requests.Session:
    """A browser of the operator."""
    browser = requests.Session()
    form = {"email": operator.login.email, "password": make.PASSWORD}
    sent = browser.post(f"{url}/login", {"csrf_token": csrf(browser, f"{url}/login"), **form}, allow_redirects=False)
    assert sent.status_code == 303, f"the login is right, {sent.status_code}"
    return browser


def csrf(browser: requests.Session, url: str) -> str:
    """The token of the forms on a page."""
    return browser.get(url).text.split('name="csrf_token" value="', 1)[1].split('"', 1)[0]


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="bench-", dir=os.environ.get("BENCH_DIR", "/var/tmp")))  # noqa: S108
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def _filled(database: str, folder: Path, count: int, **environ: str) -> Installation:
    """Migrate, and make an operator with stations and a tag. The bench's own process keeps no connection."""
    made = make.settings_for(folder, **environ)
    db.migrate(made.database_url)
    db.connect(made.database_url)
    try:
        operator = make.account()
        home = AccountId(make.property(master=operator).id)
        add_tag(SYSTEM, home, "BENCH")
        plugs, stations = [NewConnector()], []
        for first in range(0, count, MADE_AT_ONCE):
            with db.transaction(writing=True):
                numbers = range(first, min(first + MADE_AT_ONCE, count))
                stations += [add_station(SYSTEM, home, name=f"Bench {one}", connectors=plugs) for one in numbers]
    finally:
        db.disconnect()
    known = [(one.station.identity, one.password) for one in stations]
    everything = {"DEMO": "1", "VAR_DIR": str(folder), **environ}
    return Installation(database, everything, operator, known, str(stations[0].station.id))


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
            return
        assert server.poll() is None, "the server ended at once"
        time.sleep(0.1)
    raise TimeoutError("the server does not listen")
