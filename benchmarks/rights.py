"""What it costs to ask for a right once the account is known: for its own people, and for those of its master."""

import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from sqlalchemy import event, select

from accounts.access import allowed, can, visible
from accounts.rights import Right
from benchmarks.table import Row
from kit import db
from stations.models import Station
from tests import make

TIMES, STATIONS = 20_000, 50


def run() -> list[Row]:
    """Ask many times within one transaction, and count what the database was asked meanwhile."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'rights.db'}"
        db.migrate(url)
        db.connect(url)
        try:
            make.settings_for(Path(folder))
            return _measured()
        finally:
            db.disconnect()


def _measured() -> list[Row]:
    master = make.owned()
    home = make.property(master=master)
    local = make.login(account=home).actor
    ids = [make.station(property=home, owner=master.owner).id for _ in range(STATIONS)]
    rows, asked = [], list[str]()
    with db.transaction(writing=False) as unit:
        kept = list(unit.session.scalars(select(Station)))  # a session holds its rows only while somebody does
        for actor in (local, master.owner):
            allowed(actor, Right.MANAGE_STATIONS, Station, ids[0])
        event.listen(unit.session.connection(), "before_cursor_execute", partial(_note, asked))
        for who, actor in (("own person", local), ("person of the master", master.owner)):
            a_list = select(Station.id)
            rows += [
                _row(f"can, {who}", partial(can, actor, Right.MANAGE_STATIONS, home.id)),
                _row(f"allowed, {who}", partial(allowed, actor, Right.VIEW_STATIONS, Station, ids[1])),
                _row(f"visible, {who}", partial(visible, actor, Right.VIEW_STATIONS, a_list, Station)),
            ]
        assert len(kept) == STATIONS
    return [*rows, Row("rights, SQL statements", str(len(asked)), f"while asking {len(rows) * TIMES} times")]


def _note(asked: list[str], _connection: object, _cursor: object, statement: str, *_: object) -> None:
    asked.append(statement)


def _row(what: str, ask: Callable[[], object]) -> Row:
    begun = time.perf_counter()
    for _ in range(TIMES):
        ask()
    each = (time.perf_counter() - begun) / TIMES * 1e6
    remark = "to build, once for a whole list" if what.startswith("visible") else "warm; must be at most 50 µs"
    return Row(f"rights, {what}", f"{each:.1f} µs", remark)
