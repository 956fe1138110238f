"""Real servers for the tests: a PostgreSQL cluster and a Redis of our own, gone when the tests end.

They are started on first use, once per test process, and die with it, even when it is killed.
Nobody cuts their power, so neither PostgreSQL nor this process's SQLite waits for the disk; TEST_FSYNC=1 in the
environment makes them. Programs that tests start wait for it as always.
"""

import functools
import os
import pwd
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import redis
from sqlalchemy import Engine, event, make_url

from kit import db

FIRST_ANSWER_S = 30.0


def waits_for_disk() -> bool:
    """Whether what is committed shall be on the disk."""
    return os.environ.get("TEST_FSYNC") == "1"


def free_port() -> int:
    """A TCP port of this machine that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _postgresql_programs() -> Path:
    found = shutil.which("initdb")
    if found:
        return Path(found).parent
    versions = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4].split(".")[0])
    )
    assert versions, "PostgreSQL is not installed; `make test` installs it"
    return versions[-1].parent


def _wait_until(answers: Callable[[], object], process: subprocess.Popen[bytes], refusal: type[Exception]) -> None:
    deadline = time.monotonic() + FIRST_ANSWER_S
    while True:
        try:
            answers()
            return
        except refusal:
            assert process.poll() is None, f"{process.args!r} ended at once"
            assert time.monotonic() < deadline, f"{process.args!r} does not answer"
            time.sleep(0.05)


class PostgreSQL:
    """One cluster, reached over a socket file; hands out databases that are copies of a migrated one."""

    def __init__(self, folder: Path, as_user: list[str]) -> None:
        self.folder = folder
        self._as_user = as_user
        self._server: subprocess.Popen[bytes] | None = None
        self._numbers = count(1)
        self._has_template = False
        self._lent: tuple[str, str] | None = None  # the name and the shape of the database that tests share

    def start(self) -> None:
        """Start the server, and wait until it answers; again, after a `stop`, with what it had committed."""
        durable = "on" if waits_for_disk() else "off"
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.folder),
            "fsync": durable,
            "full_page_writes": durable,
            "jit": "off",  # compiling costs more than any query on a test's few rows
            "max_connections": "300",
        }
        serve: list[str | Path] = [_postgresql_programs() / "postgres", "-D", self.folder / "data"]
        serve += [f"--{name}={value}" for name, value in options.items()]
        with (self.folder / "log").open("ab") as log:
            # pdeathsig INT: "fast shutdown", also when the tests are killed
            self._server = subprocess.Popen(
                ["setpriv", *self._as_user, "--pdeathsig", "INT", "--", *serve], stdout=log, stderr=log, cwd=self.folder
            )
        _wait_until(lambda: self.execute("SELECT 1"), self._server, psycopg.OperationalError)

    def use_up_log(self) -> None:
        """Have it ask the disk for log files (WAL) until it falls: without room for them it ends."""
        with suppress(psycopg.OperationalError):
            while True:
                self.execute("SELECT txid_current(), pg_switch_wal()")

    def has_fallen(self) -> bool:
        """Whether it has ended within some seconds; PostgreSQL tries to start again by itself first."""
        with suppress(subprocess.TimeoutExpired):
            return self._server is not None and self._server.wait(FIRST_ANSWER_S) != 0
        return False

    def stop(self) -> None:
        """Let it fall: an immediate shutdown, everybody's connection is cut."""
        if self._server is not None:
            self._server.send_signal(signal.SIGQUIT)
            self._server.wait(timeout=30)

    def url(self, name: str) -> str:
        """The address of one database, as the program's DATABASE_URL takes it."""
        return f"postgresql+psycopg://postgres@/{name}?host={self.folder}"

    def execute(self, statement: str) -> None:
        """Run one statement outside any transaction, in the maintenance database."""
        with self._connected("postgres") as connection:
            connection.execute(statement.encode())

    def _connected(self, name: str) -> psycopg.Connection[Any]:
        return psycopg.connect(f"host={self.folder} user=postgres dbname={name}", autocommit=True)

    def create(self, *, migrated: bool = True) -> str:
        """A new database of its own; its address."""
        name = f"test_{next(self._numbers)}"
        if migrated and not self._has_template:
            self.execute("CREATE DATABASE migrated")
            db.migrate(self.url("migrated"))
            self._has_template = True
        self.execute(f"CREATE DATABASE {name} TEMPLATE {'migrated' if migrated else 'template0'}")
        return self.url(name)

    def lend(self) -> str:
        """The address of a migrated database without a row, good until the next one is asked for.

        It is the one that was lent before, emptied: that takes a tenth of the time of a new one. Each address differs,
        as some things are kept by address.
        """
        if self._lent is not None and not self._emptied(*self._lent):
            self.execute(f"DROP DATABASE {self._lent[0]} WITH (FORCE)")
            self._lent = None
        if self._lent is None:
            name = str(make_url(self.create()).database)
            with self._connected(name) as connection:
                self._lent = name, self._shape(connection)
        return f"{self.url(self._lent[0])}&application_name=test_{next(self._numbers)}"

    def _emptied(self, name: str, shape: str) -> bool:
        """Whether the rows could be removed; not where a test made another database of it."""
        with self._connected(name) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            if self._shape(connection) != shape:
                return False
            tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
            connection.execute("SET session_replication_role = replica")  # no triggers, so in any order
            connection.execute("; ".join(f'DELETE FROM "{table}"' for (table,) in tables if table != "alembic_version"))
        return True

    @staticmethod
    def _shape(connection: psycopg.Connection[Any]) -> str:
        """A mark of everything that is in a schema but rows; another one when a table was made anew, too."""
        row = connection.execute(
            "SELECT md5(string_agg(concat(c.oid, a.attname, a.atttypid, a.attnotnull), ',' ORDER BY c.oid, a.attnum))"
            " FROM pg_class c LEFT JOIN pg_attribute a ON a.attrelid = c.oid"
            " WHERE c.relnamespace NOT IN (SELECT oid FROM pg_namespace WHERE nspname ~ '^pg_|^information_schema$')"
        ).fetchone()
        assert row is not None
        return str(row[0])

    def drop(self, url: str) -> None:
        """Remove a database, with whatever is still connected to it."""
        name = make_url(url).database
        self.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def postgresql_cluster(within: Path = Path("/tmp")) -> Iterator[PostgreSQL]:
    """Start a cluster in a folder of its own; as user postgres when we are root, who may not run it."""
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir=within))
    as_user: list[str] = []
    if os.geteuid() == 0:
        account = pwd.getpwnam("postgres")
        os.chown(folder, account.pw_uid, account.pw_gid)
        as_user = [f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"]
    options = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
    make: list[str | Path] = [_postgresql_programs() / "initdb", "-D", folder / "data", *options]
    subprocess.run(["setpriv", *as_user, "--", *make], check=True, stdout=subprocess.DEVNULL, cwd=folder)
    cluster = PostgreSQL(folder, as_user)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()
        shutil.rmtree(folder)


@contextmanager
def redis_server() -> Iterator[str]:
    """Start a Redis that keeps nothing; its address."""
    port = free_port()
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", "/tmp"]
    server = subprocess.Popen(
        ["setpriv", "--pdeathsig", "KILL", "--", "redis-server", *options], stdout=subprocess.DEVNULL
    )
    url = f"redis://127.0.0.1:{port}/0"
    try:
        with redis.Redis.from_url(url) as client:
            _wait_until(client.ping, server, redis.ConnectionError)
        yield url
    finally:
        server.terminate()
        server.wait(timeout=30)


@functools.cache
def _migrated_sqlite() -> bytes:
    """A migrated SQLite file with everything in the one file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "migrated.db"
        db.migrate(f"sqlite:///{path}")
        with sqlite3.connect(path) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        return path.read_bytes()


def migrate(url: str) -> None:
    """Bring a database to its newest shape as the program does; where there is no SQLite file yet, by a copy of one."""
    path = Path(url.removeprefix("sqlite:///"))
    if not url.startswith("sqlite:///") or path.exists():
        db.migrate(url)
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_migrated_sqlite())


def leave_writing_to_the_system(engine: Engine) -> None:
    """SQLite's commits don't wait for the disk; a process that is killed loses nothing by that."""
    if engine.name == "sqlite" and not waits_for_disk():
        event.listen(engine, "connect", lambda connection, _record: connection.execute("PRAGMA synchronous=OFF"))
