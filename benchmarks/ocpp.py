"""The gateway against the `ocpp` package's own central system: messages a second and p99, each pinned to one core.

The gateway runs as a process of its own (ROLE=hub; Redis carries its notes) and commits to disk (SQLite, FULL) before
each answer; the package's central system stores nothing. The load runs on another core. Processor time per message is
printed as well: it says the same on a machine that is busy with other things.
"""

import contextlib
import importlib.metadata
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from accounts.access import SYSTEM
from accounts.values import AccountId, AccountKind
from benchmarks.table import Row
from charging.use_cases import add_tag
from kit import clock, db, settings
from stations.use_cases import add_station
from stations.values import NewConnector
from tests.databases import redis_server

ROOT = Path(__file__).parent.parent
SOCKETS = int(os.environ.get("BENCH_SOCKETS", "1000"))
SECONDS = float(os.environ.get("BENCH_SECONDS", "5"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
WARM_UP_S = 2.0
MIX = ["MeterValues", "Heartbeat", "StatusNotification"]
SERVER_CORE, LOAD_CORE = 0, (os.cpu_count() or 1) - 1
Stations = list[tuple[str, str]]


def run() -> list[Row]:
    """Measure both, in turn, several times; the median counts."""
    with _gateway_database() as (environ, stations):
        mix = {"gateway": [], "lib": []}  # type: dict[str, list[dict[str, Any]]]
        sessions = {"gateway": [], "lib": []}  # type: dict[str, list[dict[str, Any]]]
        for _ in range(ROUNDS):
            for results, messages in ((mix, MIX), (sessions, ["Session"])):
                with _server([sys.executable, "-m", "benchmarks.ocpp_lib"], {}) as (port, pid):
                    results["lib"].append(_load(port, pid, stations, messages))
                with _server([sys.executable, "wsgi.py", "serve"], environ) as (port, pid):
                    results["gateway"].append(_load(port, pid, stations, messages))
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in ("ocpp", "websockets", "uvloop"))
    return [*_rows("mix", mix, versions), *_rows("whole sessions", sessions, "13 messages each")]


def _rows(what: str, results: dict[str, list[dict[str, Any]]], remark: str) -> list[Row]:
    rate = {who: statistics.median(one["per_second"] for one in found) for who, found in results.items()}
    p99 = {who: statistics.median(one["p99_ms"] for one in found) for who, found in results.items()}
    cpu = {who: statistics.median(one["cpu_us"] for one in found) for who, found in results.items()}
    refused = sum(one["refused"] for one in results["gateway"])
    return [
        Row(f"OCPP {what}: gateway, stored", f"{rate['gateway']:,.0f} msg/s", f"{SOCKETS} sockets, {refused} refused"),
        Row(f"OCPP {what}: ocpp package, not stored", f"{rate['lib']:,.0f} msg/s", remark),
        Row(f"OCPP {what}: gateway / package", f"{rate['gateway'] / rate['lib']:.1f} x", "one core each"),
        Row(f"OCPP {what}: processor time", f"{cpu['gateway']:.0f} µs/msg", f"package {cpu['lib']:.0f} µs"),
        Row(f"OCPP {what}: p99 at full load", f"{p99['gateway']:.0f} ms", f"package {p99['lib']:.0f} ms"),
    ]


@contextlib.contextmanager
def _gateway_database() -> Iterator[tuple[dict[str, str], Stations]]:
    """A fresh embedded database on a real disk, with one station per socket."""
    var = Path(tempfile.mkdtemp(prefix="bench-", dir=os.environ.get("BENCH_DIR", "/var/tmp")))  # noqa: S108
    with redis_server() as redis_url:
        environ = {"DEMO": "1", "VAR_DIR": str(var), "LOG_LEVEL": "warning", "ROLE": "hub", "REDIS_URL": redis_url}
        made = settings.Settings.from_environ(environ)
        settings.use(made)
        db.migrate(made.database_url)
        db.connect(made.database_url)
        try:
            yield environ, _stations()
        finally:
            db.disconnect()
            shutil.rmtree(var)


def _stations() -> Stations:
    from accounts.models import Account, AccountLineage

    with db.transaction(writing=True) as unit:
        account = Account(kind=AccountKind.PROPERTY, name="Bench", created_at=clock.now())
        unit.session.add(account)
        unit.session.flush()
        unit.session.add(AccountLineage(account_id=account.id, ancestor_id=account.id))
        add_tag(SYSTEM, AccountId(account.id), "BENCH")
        made = [
            add_station(SYSTEM, AccountId(account.id), name=f"Bench {number}", connectors=[NewConnector()])
            for number in range(SOCKETS)
        ]
    return [(one.station.identity, one.password) for one in made]


@contextlib.contextmanager
def _server(command: list[str], environ: dict[str, str]) -> Iterator[tuple[int, int]]:
    """A server pinned to one core: its port and process id; ended afterwards."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    if "wsgi.py" not in command:
        command = [*command, str(port)]
    everything = {"PATH": os.environ["PATH"], "PORT": str(port), **environ}
    pinned = ["taskset", "-c", str(SERVER_CORE), *command]
    server = subprocess.Popen(pinned, cwd=ROOT, env=everything, stdout=subprocess.DEVNULL)
    try:
        _wait_for(port, server)
        yield port, server.pid
    finally:
        server.terminate()
        server.wait(timeout=20)


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    for _ in range(200):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
            return
        assert server.poll() is None, "the server ended at once"
        time.sleep(0.1)
    raise TimeoutError("the server does not listen")


def _load(port: int, server: int, stations: Stations, mix: list[str]) -> dict[str, Any]:
    plan = {"port": port, "stations": stations, "seconds": SECONDS, "warm_up_s": WARM_UP_S, "mix": mix}
    command = ["taskset", "-c", str(LOAD_CORE), sys.executable, "-m", "benchmarks.ocpp_load"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as load:
        assert load.stdin is not None, "asked for"
        assert load.stdout is not None, "asked for"
        load.stdin.write(json.dumps(plan).encode())
        load.stdin.close()
        assert load.stdout.readline() == b"measuring\n", "the load could not connect"
        before = _processor_s(server)
        found: dict[str, Any] = json.loads(load.stdout.readline())
        found["cpu_us"] = (_processor_s(server) - before) / found["answered"] * 1e6
    return found


def _processor_s(pid: int) -> float:
    """Processor seconds of a process and its children so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    own = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return own + sum(_processor_s(int(child)) for child in children)
