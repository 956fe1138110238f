"""The worker as a process of its own: events recorded here are carried there."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from accounts import use_cases
from accounts.access import ANYONE
from kit import db, mail, metrics
from kit.queue import Queue
from tests import make

ROOT = Path(__file__).parents[2]


@pytest.fixture
def worker_process(postgresql_url: str, redis_url: str, tmp_path: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """`wsgi.py worker` on our database and Redis; this process records events."""
    environ = {"DATABASE_URL": postgresql_url, "REDIS_URL": redis_url, "VAR_DIR": str(tmp_path), "DEMO": "1"}
    make.settings_for(tmp_path, **{name: environ[name] for name in ("DATABASE_URL", "REDIS_URL")})
    db.connect(postgresql_url)
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "wsgi.py"), "worker"],
        env={"PATH": os.environ["PATH"], **environ},
        cwd=ROOT,
        stderr=(tmp_path / "worker.log").open("wb"),
    )
    yield process
    process.kill()
    process.wait()
    db.disconnect()


def _register(email: str) -> None:
    use_cases.register(ANYONE, email=email, password="a long enough word", name="Nina", account_name="Nina AG")


def _letter_after(email: str, patience_s: float) -> None:
    deadline = time.monotonic() + patience_s
    while not any(letter.to == email for letter in mail.letters()):
        assert time.monotonic() < deadline, "no letter"
        time.sleep(0.01)


def test_an_event_reaches_its_reaction_in_the_other_process(
    worker_process: "subprocess.Popen[bytes]", redis_url: str
) -> None:
    Queue(redis_url).ring_after_commits()
    _register("first@example.org")
    _letter_after("first@example.org", 30)  # the process starts meanwhile
    _register("second@example.org")
    _letter_after("second@example.org", 10)
    deadline = time.monotonic() + 5
    while metrics.backlog()[0]:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert metrics.backlog() == (0, 0, 0.0)
    worker_process.send_signal(signal.SIGTERM)
    assert worker_process.wait(timeout=15) == 0


def test_an_event_that_nobody_rang_for_is_found_anyway(worker_process: "subprocess.Popen[bytes]") -> None:
    _register("quiet@example.org")
    _letter_after("quiet@example.org", 30)


def test_redis_out_of_reach_does_not_stop_a_deed(postgresql_url: str, tmp_path: Path) -> None:
    make.settings_for(tmp_path, DATABASE_URL=postgresql_url)
    db.connect(postgresql_url)
    Queue("redis://127.0.0.1:1/0").ring_after_commits()
    _register("alone@example.org")
    assert metrics.backlog()[0] == 1
    db.disconnect()
