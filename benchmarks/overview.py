"""The overview of a master with 2,000 properties and 20,000 stations: milliseconds and statements of its first pages.

Every station has two connectors, four sessions in two months, and what they earned; `overview.sql` makes these rows.
Medians of BENCH_RUNS requests of the signed-in owner, whole pages of the portal, on PostgreSQL.
"""

import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import event, text

import wsgi
from benchmarks.table import Row
from kit import db
from tests import make
from tests.databases import postgresql_cluster
from tests.made import Owned
from tests.portal.desk import at_a_desk

PROPERTIES, STATIONS = int(os.environ.get("BENCH_PROPERTIES", "2000")), 10  # stations as in overview.sql
RUNS, WARM_UP = int(os.environ.get("BENCH_RUNS", "20")), 3
PAGES = {
    "by name": "/properties",
    "by stations in trouble": "/properties?sort=trouble",
    "by income": "/properties?sort=income",
    "summed up": "/properties/totals",
    "only with tasks": "/properties?attention=tasks",
}


def run() -> list[Row]:
    """Fill a database, sign in, ask for the pages again and again."""
    with tempfile.TemporaryDirectory() as folder, postgresql_cluster() as cluster:
        made = make.settings_for(Path(folder), LOG_LEVEL="error")
        db.connect(cluster.create())
        try:
            master = make.account(name="Bench AG")
            fill(master)
            client = at_a_desk(wsgi.create_app(made), master.login.email).client
            return [_measured(client, name, path) for name, path in PAGES.items()]
        finally:
            db.disconnect()


def _measured(client: FlaskClient, name: str, path: str) -> Row:
    times, counts = [], set()
    for number in range(WARM_UP + RUNS):
        with statements() as seen:
            started = time.perf_counter()
            assert client.get(path).status_code == 200
            took_ms = (time.perf_counter() - started) * 1_000
        if number >= WARM_UP:
            times.append(took_ms)
            counts.add(len(seen))
    slow = statistics.quantiles(times, n=20)[-1]
    what = f"properties {name}, {PROPERTIES:,} of them, {PROPERTIES * STATIONS:,} stations"
    return Row(
        what, f"{statistics.median(times):.0f} ms", f"median; 95 % below {slow:.0f} ms; {max(counts)} statements"
    )


@contextmanager
def statements() -> Iterator[list[str]]:
    """The statements of a block, as the driver gets them."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    event.listen(db.engine(), "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.engine(), "before_cursor_execute", note)


def fill(master: Owned) -> None:
    """Copies of one property with one station, many times over."""
    home = make.property(master=master, name="Haus 0")
    make.station(property=home, owner=master.owner, connectors=2)
    known = {"home": home.id, "master": master.id, "properties": PROPERTIES}
    with db.transaction(writing=True) as unit:
        for statement in Path(__file__).with_suffix(".sql").read_text(encoding="utf-8").split(";\n"):
            wanted = text(statement)
            unit.session.execute(wanted, {name: known[name] for name in wanted._bindparams})
    with db.engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
