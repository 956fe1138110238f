"""The served program as a set of processes: with Redis a worker beside it, and nobody left behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

from kit.settings import Settings
from server import Background
from tests.databases import free_port

ROOT = Path(__file__).parent.parent
PATIENCE_S = 40.0


@pytest.fixture
def ports() -> tuple[int, int]:
    """For pages and for numbers."""
    return free_port(), free_port()


@pytest.fixture
def server(
    postgresql_url: str, redis_url: str, tmp_path: Path, ports: tuple[int, int]
) -> Iterator["subprocess.Popen[bytes]"]:
    """`wsgi.py serve` on PostgreSQL and Redis, ROLE=all."""
    environ = {"DATABASE_URL": postgresql_url, "REDIS_URL": redis_url, "VAR_DIR": str(tmp_path), "DEMO": "1"}
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "wsgi.py"), "serve"],
        env={"PATH": os.environ["PATH"], "PORT": str(ports[0]), "METRICS_PORT": str(ports[1]), **environ},
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=(tmp_path / "server.log").open("wb"),
    )
    yield process
    for pid in _family(process.pid):
        os.kill(pid, signal.SIGKILL)
    process.wait()


def _family(pid: int) -> list[int]:
    """A process and everything below it, as long as they live."""
    found = [pid] if Path(f"/proc/{pid}/stat").exists() else []
    for child in list(found):
        for task in Path(f"/proc/{child}/task").glob("*/children"):
            for below in task.read_text().split():
                found += _family(int(below))
    return found


def _until(true: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < deadline, what
        time.sleep(0.1)


def _answers(port: int, path: str) -> str:
    try:
        return str(urlopen(f"http://127.0.0.1:{port}{path}", timeout=2).read().decode())
    except OSError:
        return ""


def _has_worker(pid: int) -> bool:
    return any(Path(f"/proc/{one}/cmdline").read_bytes().endswith(b"wsgi.py\0worker\0") for one in _family(pid))


def _alive(pids: list[int]) -> list[int]:
    alive = []
    for pid in pids:
        stat = Path(f"/proc/{pid}/stat")
        if stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z":
            alive.append(pid)
    return alive


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_a_worker_runs_beside_it_and_nobody_outlives_it(
    server: "subprocess.Popen[bytes]", ports: tuple[int, int], how: signal.Signals
) -> None:
    _until(lambda: _answers(ports[0], "/readyz") == "ok\n", "it never got ready")
    _until(lambda: _has_worker(server.pid), "no worker")
    assert "events_waiting 0.0" in _answers(ports[1], "/metrics")
    family = _family(server.pid)
    assert len(family) >= 3
    server.send_signal(how)
    server.wait(timeout=20)
    _until(lambda: not _alive(family), "somebody was left behind")


@pytest.mark.parametrize("stubborn", [False, True])
def test_a_worker_that_does_not_end_holds_up_no_end_of_the_platform(
    database: str, program: Settings, monkeypatch: pytest.MonkeyPatch, stubborn: bool
) -> None:
    monkeypatch.setattr("server.GRACEFUL_S", 2)
    deaf = "signal.signal(signal.SIGTERM, signal.SIG_IGN);" if stubborn else ""
    busy = f"import signal, time; {deaf} print('ready', flush=True); time.sleep(600)"
    consumer = subprocess.Popen([sys.executable, "-c", busy], stdout=subprocess.PIPE)
    assert consumer.stdout is not None
    assert consumer.stdout.readline() == b"ready\n"
    background = Background(program)
    background._consumer = consumer
    background.stop()
    assert consumer.returncode == -(signal.SIGKILL if stubborn else signal.SIGTERM)
    consumer.stdout.close()
