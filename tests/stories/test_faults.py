"""Whatever breaks underneath, what chargers had acknowledged is what the database holds: not less, and nothing twice.

A fleet charges all the time; then the program is killed, its database goes away, its disk is full, its clock jumps.
The same faults over half an hour with 2,000 chargers: `python -m benchmarks.soak`.
"""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from kit.hub import CLOSED_PER_S
from tests.databases import PostgreSQL, postgresql_cluster
from tests.faults import Clock, disk_of, locked_database
from tests.fleet import Fleet, Pace
from tests.ledger_of_chargers import equal, stations, told_by_the_program
from tests.stories.program import Program, program

CHARGERS, MANY = 12, 50
AWAY_S = 3.0
QUICK = Pace(readings=4, pause_s=0.05)


@contextmanager
def fleet_at(patient: Program, chargers: int = CHARGERS) -> Iterator[Fleet]:
    """A fleet that is charging; at the end of the block all of them finish, and the books have to be equal."""
    fleet = Fleet(patient.socket_url, stations(chargers), QUICK)
    fleet.wait_for_more(CHARGERS * 2)
    yield fleet
    fleet.wait_for_more(CHARGERS * 2)
    notes = fleet.finish()
    assert equal(notes) == [], fleet.summary()
    assert not notes.refused, "nothing that could be stored was refused"


@pytest.fixture(params=["sqlite", "postgresql"])
def patient(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Program]:
    """A running installation on each database."""
    environ = {}
    if request.param == "postgresql":
        environ["DATABASE_URL"] = request.getfixturevalue("postgresql_url")
    with program(tmp_path / "var", **environ) as running:
        yield running


def test_killed_at_full_work_it_has_kept_what_it_acknowledged(patient: Program) -> None:
    with fleet_at(patient) as fleet:
        for _ in range(3):
            os.killpg(patient.processes["all"].pid, signal.SIGKILL)
            patient.wait_until_dead()
            patient.start()
            fleet.wait_for_more(CHARGERS)


def test_told_to_stop_it_answers_only_what_it_has_stored_and_says_goodbye_to_one_after_another(
    patient: Program,
) -> None:
    with fleet_at(patient, MANY) as fleet:
        patient.stop()
        assert patient.processes["all"].returncode == 0, "it was done in time"
        patient.start()
        fleet.wait_for(lambda notes: len(notes.goodbyes) >= MANY, seconds=30)
    codes, times = zip(*fleet.notebook.goodbyes, strict=True)
    assert set(codes) == {1012}
    assert max(times) - min(times) >= MANY / CLOSED_PER_S / 2


@pytest.fixture(scope="module")
def own_cluster() -> Iterator[PostgreSQL]:
    """A PostgreSQL that may be stopped, for nobody else works in it."""
    with postgresql_cluster() as cluster:
        yield cluster


def test_while_postgresql_is_away_chargers_wait_and_lose_nothing(own_cluster: PostgreSQL, tmp_path: Path) -> None:
    with (
        program(tmp_path / "var", DATABASE_URL=own_cluster.create()) as patient,
        fleet_at(patient) as fleet,
    ):
        own_cluster.stop()
        time.sleep(AWAY_S)
        own_cluster.start()
        fleet.wait_for_more(CHARGERS)


def test_while_somebody_else_holds_sqlite_chargers_wait_and_lose_nothing(tmp_path: Path) -> None:
    with program(tmp_path / "var") as patient, fleet_at(patient) as fleet:
        with locked_database(tmp_path / "var" / "platform.db"):
            time.sleep(AWAY_S)
        fleet.wait_for_more(CHARGERS)


def test_on_a_full_disk_chargers_wait_and_lose_nothing(tmp_path: Path) -> None:
    with disk_of(48 << 20) as disk, program(disk.folder / "var") as patient, fleet_at(patient) as fleet:
        with disk.full():
            time.sleep(AWAY_S)
            stood_at = len(fleet.notebook.readings)
            time.sleep(1.0)
            assert len(fleet.notebook.readings) == stood_at, "nothing is acknowledged that has no place"
        fleet.wait_for_more(CHARGERS)


def test_on_a_full_disk_postgresql_refuses_and_falls_and_chargers_lose_nothing(tmp_path: Path) -> None:
    with (
        disk_of(400 << 20) as disk,
        postgresql_cluster(disk.folder) as cluster,
        program(tmp_path / "var", DATABASE_URL=cluster.create()) as patient,
        fleet_at(patient) as fleet,
    ):
        with disk.full():
            time.sleep(AWAY_S)
            cluster.use_up_log()
            assert cluster.has_fallen(), "first it refused rows, then it could not even start"
            stood_at = len(fleet.notebook.readings)
            time.sleep(1.0)
            assert len(fleet.notebook.readings) == stood_at, "nothing is acknowledged that has no place"
        cluster.start()
        fleet.wait_for_more(CHARGERS)


def test_when_the_clock_jumps_nothing_is_lost_or_billed_twice(tmp_path: Path) -> None:
    clock = Clock(tmp_path / "clock")
    with program(tmp_path / "var", roles=("all",), **clock.environ) as patient, fleet_at(patient) as fleet:
        for hours in (2, -2, 0):
            clock.jump(hours=hours)
            fleet.wait_for(partial(told_by_the_program, timedelta(hours=hours)), seconds=30)
            fleet.wait_for_more(CHARGERS)
