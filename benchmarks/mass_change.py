"""A mass change of 40,000 prices, there and back, by the doors, on PostgreSQL: what people wait for, and how long each
transaction of the work behind it is, since that is how long a writer may wait for it.

The installation is that of `overview`; each of its connectors has a price.
"""

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

import wsgi  # noqa: F401  # all rooms
from accounts.access import SYSTEM, Actor
from accounts.values import AccountId
from benchmarks.overview import fill, statements
from benchmarks.table import Row
from kit import db
from mass_changes.queries import mass_change, preview_mass_change
from mass_changes.use_cases import go_on, start_mass_change, stop_mass_change, undo_mass_change
from mass_changes.values import How, MassChangeId, RowState, Scope, Step, Subject, Wish
from tests import make
from tests.databases import postgresql_cluster

T = TypeVar("T")
PREVIEWS = 5
CONNECTORS = int(os.environ.get("BENCH_CHANGED", "5000"))  # that many are changed, the rest is stopped
DEARER = Wish(Subject.PRICES, {"energy_price": Step(How.SET, Decimal("0.5"))})
EVERYTHING = Scope(everything=True)


@dataclass(frozen=True)
class Took:
    """One deed: how long, and how many statements."""

    ms: float
    statements: int


def run() -> list[Row]:
    """Look at it, ask for it, let it work, stop it, and take it back."""
    with tempfile.TemporaryDirectory() as folder, postgresql_cluster() as cluster:
        make.settings_for(Path(folder), LOG_LEVEL="error")
        db.connect(cluster.create())
        try:
            master = make.account(name="Bench AG")
            fill(master)
            return measured(master.owner, AccountId(master.id))
        finally:
            db.disconnect()


def measured(owner: Actor, account_id: AccountId) -> list[Row]:
    """The figures, in the order of the deeds."""
    looks = [
        _timed(lambda: preview_mass_change(owner, account_id, DEARER, EVERYTHING, limit=51))[1] for _ in range(PREVIEWS)
    ]
    made, started = _timed(lambda: start_mass_change(owner, account_id, DEARER, EVERYTHING))
    change_id = MassChangeId(made.id)
    run_of, page = _timed(lambda: mass_change(owner, change_id))
    placed = _worked(change_id, lambda: not _rows_missing(change_id))
    changed = _worked(change_id, lambda: _in(owner, change_id, RowState.DONE) >= CONNECTORS)
    _, stopped = _timed(lambda: stop_mass_change(owner, change_id))
    _, asked_back = _timed(lambda: undo_mass_change(owner, change_id))
    undone = _worked(change_id, lambda: not _in(owner, change_id, RowState.UNDOING))
    what = f"mass change of {run_of.connectors:,} prices"
    return [
        _row(f"{what}: first page of the preview", looks),
        _row(f"{what}: asked for", [started]),
        _row(f"{what}: page of its progress", [page]),
        _row(f"{what}: 500 rows placed", placed),
        _row(f"{what}: 50 connectors changed", changed),
        _row(f"{what}: stopped", [stopped]),
        _row(f"{what}: asked to be undone", [asked_back]),
        _row(f"{what}: 50 connectors changed back", undone),
    ]


def _worked(change_id: MassChangeId, over: Callable[[], bool]) -> list[Took]:
    took = []
    while not over():
        took.append(_timed(lambda: go_on(SYSTEM, change_id))[1])
    return took


def _rows_missing(change_id: MassChangeId) -> int:
    return mass_change(SYSTEM, change_id).change.unplaced


def _in(owner: Actor, change_id: MassChangeId, state: RowState) -> int:
    return mass_change(owner, change_id).counts[state]


def _timed(deed: Callable[[], T]) -> tuple[T, Took]:
    with statements() as seen:
        started = time.perf_counter()
        result = deed()
        took_ms = (time.perf_counter() - started) * 1_000
    return result, Took(took_ms, len(seen))


def _row(what: str, deeds: list[Took]) -> Row:
    times = [one.ms for one in deeds]
    most = max(one.statements for one in deeds)
    times_said = f"median of {len(times)}, the longest {max(times):.0f} ms; " if len(times) > 1 else ""
    return Row(what, f"{statistics.median(times):.0f} ms", f"{times_said}{most} statements")
