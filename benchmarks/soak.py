"""Half an hour with 2,000 chargers and every fault: `python -m benchmarks.soak [sqlite|postgresql]`.

SOAK_MINUTES, SOAK_SOCKETS, SOAK_CALM_SECONDS (between two faults) and SOAK_PAUSE_SECONDS (between two messages of a
charger) make it shorter. The program runs as operators start it; the chargers keep a notebook of what was acknowledged.
In turn, again and again: killed (SIGKILL), told to stop and started, database gone for 20 s (PostgreSQL stopped; SQLite
locked), the database's disk full (PostgreSQL falls over it and is started again), the program's clock five hours ahead,
then five behind, then right. In the end the notebook and the tables must be equal.
"""

import itertools
import os
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from functools import partial
from pathlib import Path

from benchmarks.table import Row, printed
from tests.databases import PostgreSQL, postgresql_cluster
from tests.faults import Clock, Disk, disk_of, locked_database
from tests.fleet import Fleet, Pace
from tests.ledger_of_chargers import equal, stations, told_by_the_program
from tests.stories.program import Program, program

MINUTES = float(os.environ.get("SOAK_MINUTES", "30"))
SOCKETS = int(os.environ.get("SOAK_SOCKETS", "2000"))
AWAY_S, CALM_S = 20.0, float(os.environ.get("SOAK_CALM_SECONDS", "60"))
JUMPS_HOURS = (5, -5, 0)
DISK_BYTES = 4 << 30
PACE = Pace(readings=10, pause_s=float(os.environ.get("SOAK_PAUSE_SECONDS", "10")))
Fault = tuple[str, Callable[[], None]]


def main(kind: str) -> bool:
    """Run it and print what was seen; False when acknowledged and stored differ."""
    with ExitStack() as stack:
        cluster: PostgreSQL | None = None
        disk = stack.enter_context(disk_of(DISK_BYTES))
        clock = Clock(disk.folder / "clock")
        environ = {"LOG_LEVEL": "error", **clock.environ}
        if kind == "postgresql":
            os.environ["TEST_FSYNC"] = "1"
            cluster = stack.enter_context(postgresql_cluster(disk.folder))
            environ["DATABASE_URL"] = cluster.create()
        folder = Path(tempfile.mkdtemp(prefix="soak-")) if cluster else disk.folder / "var"
        patient = stack.enter_context(program(folder, roles=("all",), **environ))
        fleet = Fleet(patient.socket_url, stations(SOCKETS), PACE)
        faults: list[Fault] = [*_faults(patient, cluster, disk), ("clock jumped", partial(_jumps, clock, fleet))]
        seen = list(_soak(fleet, patient, faults))
        notes = fleet.finish(seconds=600)
        differences = equal(notes)
        rows = [
            Row(f"soak on {kind}, {SOCKETS} sockets", f"{MINUTES:g} min", f"{len(seen)} faults: {', '.join(seen)}"),
            Row("acknowledged", f"{len(notes.starts) + len(notes.readings) + len(notes.stops):,}", fleet.summary()),
            Row("stored", "equal" if not differences else "DIFFERENT", "; ".join(differences)),
            Row("answer, median", f"{statistics.median(notes.latencies) * 1000:.0f} ms", "faults included"),
            Row("memory at the end", f"{_resident_mb(patient)} MB", "the program's process"),
        ]
        print(printed(rows))
        return not differences


def _soak(fleet: Fleet, patient: Program, faults: list[Fault]) -> Iterator[str]:
    ends = time.monotonic() + MINUTES * 60
    for name, break_it in itertools.cycle(faults):
        fleet.wait_for_more(SOCKETS // 10, seconds=300)
        time.sleep(max(0.0, min(CALM_S, ends - time.monotonic())))
        if time.monotonic() >= ends:
            return
        print(f"{time.strftime('%H:%M:%S')} {fleet.summary()}; {_resident_mb(patient)} MB; now {name}", flush=True)
        break_it()
        yield name


def _faults(patient: Program, cluster: PostgreSQL | None, disk: Disk) -> list[Fault]:
    def killed() -> None:
        os.killpg(patient.processes["all"].pid, signal.SIGKILL)
        patient.wait_until_dead()
        patient.start()

    def restarted() -> None:
        patient.stop()
        patient.start()

    def away() -> None:
        if cluster is None:
            with locked_database(patient.var_dir / "platform.db"):
                time.sleep(AWAY_S)
        else:
            cluster.stop()
            time.sleep(AWAY_S)
            cluster.start()

    def full() -> None:
        with disk.full():
            time.sleep(AWAY_S)
            if cluster is not None:
                cluster.use_up_log()
                assert cluster.has_fallen(), "there was no room"
        if cluster is not None:
            cluster.start()

    return [("killed", killed), ("restarted", restarted), ("database away", away), ("disk full", full)]


def _jumps(clock: Clock, fleet: Fleet) -> None:
    for hours in JUMPS_HOURS:
        clock.jump(hours=hours)
        fleet.wait_for(partial(told_by_the_program, timedelta(hours=hours)), seconds=120)
        time.sleep(AWAY_S / len(JUMPS_HOURS))


def _resident_mb(patient: Program) -> int:
    """Of the biggest process of the installation."""
    children = Path(f"/proc/{patient.processes['all'].pid}/task").glob("*/children")
    pids = [pid for file in children for pid in file.read_text(encoding="ascii").split()]
    pages = [int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) for pid in pids]
    return max(pages, default=0) * os.sysconf("SC_PAGE_SIZE") >> 20


if __name__ == "__main__":
    sys.exit(not main(sys.argv[1] if len(sys.argv) > 1 else "sqlite"))
