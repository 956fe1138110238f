"""The connections of this process to its database, as each of the two is to be used."""

import threading
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Engine, create_engine, event

WRITERS_BY_KEY = 2  # more of them are opened when needed
# Pages that thousands of chargers write to over and over stay in memory, and go from the log into the file now and then
# instead of several times a second: as SQLite comes (2 MB, 4 MB), a message took half as much again.
_PRAGMAS = (
    "journal_mode=WAL",
    "foreign_keys=ON",
    "synchronous=FULL",
    "busy_timeout=30000",
    f"cache_size=-{64 * 1024}",  # kB at most, of each connection
    "wal_autocheckpoint=10000",  # pages
)
# PostgreSQL plans a statement when it first comes, and keeps the plan until it looks at the table again, a minute later
# or more: a table that was empty would be read from end to end for every batch of messages (ADR 0017).
_NOT_BY_KEY = ("seqscan", "hashjoin", "mergejoin", "material")
_this_thread = threading.local()


@dataclass(frozen=True)
class Engines:
    """`writing` has the connections of `usual`, marked so that SQLite takes its write lock at once; `by_key` is for
    transactions whose statements all find their rows by an index. On SQLite it is the same as `writing`.
    """

    usual: Engine
    writing: Engine
    by_key: Engine

    @property
    def apart(self) -> set[Engine]:
        """Those with connections of their own."""
        return {self.usual} if self.by_key is self.writing else {self.usual, self.by_key}

    def dispose(self) -> None:
        """Close every connection."""
        for engine in self.apart:
            engine.dispose()


def open_engines(url: str, pool_size: int) -> Engines:
    """Nothing is connected yet."""
    # values stay out of error texts: they end in logs
    options: dict[str, Any] = {"json_serializer": _json, "hide_parameters": True}
    found = _of_sqlite(url, pool_size, options) if url.startswith("sqlite") else _of_postgresql(url, pool_size, options)
    for engine in found.apart:
        event.listen(engine, "checkout", _refuse_on_hub_thread)
    return found


def forbid_on_this_thread() -> None:
    """Make every use of the database on the calling thread a mistake (the hub's loop must never wait for a disk)."""
    _this_thread.forbidden = True


def _of_sqlite(url: str, pool_size: int, options: dict[str, Any]) -> Engines:
    quiet = {"timeout": 30, "check_same_thread": False}
    usual = create_engine(url, connect_args=quiet, pool_size=pool_size, **options)
    event.listen(usual, "connect", _prepare_sqlite)
    event.listen(usual, "begin", _begin_sqlite)
    writing = usual.execution_options(writing=True)
    return Engines(usual, writing, writing)


def _of_postgresql(url: str, pool_size: int, options: dict[str, Any]) -> Engines:
    options |= {
        "max_overflow": 10,
        "pool_use_lifo": True,
    }  # who was used last knows the statements best
    usual = create_engine(url, pool_size=pool_size, pool_pre_ping=True, **options)
    by_key = create_engine(url, pool_size=WRITERS_BY_KEY, **options)
    event.listen(by_key, "connect", _find_rows_by_key)
    return Engines(usual, usual.execution_options(writing=True), by_key)


def _find_rows_by_key(connection: Any, _record: object) -> None:
    connection.autocommit = True  # a rollback would undo it
    for way in _NOT_BY_KEY:
        connection.execute(f"SET enable_{way} = off")
    connection.execute("SET jit = off")  # what has no other way costs so much by that, that it would be compiled first
    connection.autocommit = False


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Any) -> None:
    writing = connection.get_execution_options().get("writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _refuse_on_hub_thread(*_: object) -> None:
    assert not getattr(_this_thread, "forbidden", False), "no database work on this thread"


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()
