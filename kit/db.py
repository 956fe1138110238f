"""The database of this process: SQLite by default, PostgreSQL where users outgrow one machine.

One transaction at a time belongs to the running code (a context variable). Doors open it (`kit.use_case`), the hub's
writer opens one for a batch of frames (`kit.group_commit`); nobody else begins or commits.
"""

import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import Enum as PyEnum
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, ClassVar, get_args
from uuid import UUID

import structlog
from alembic import command
from alembic.config import Config
from sqlalchemy import (
    JSON,
    BindParameter,
    DateTime,
    Dialect,
    Engine,
    Enum,
    Executable,
    MetaData,
    String,
    Uuid,
    bindparam,
    inspect,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Bundle, DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.types import TypeDecorator, TypeEngine

from kit import batches as kit_batches
from kit import clock
from kit.engines import Engines, open_engines
from kit.ids import new_id

log = structlog.get_logger()
ROOT = Path(__file__).parent.parent


class Id(Uuid[UUID]):
    """An identifier. SQLite keeps its 32 digits, and those of the same things come again and again."""

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        """Of a text that was met lately, the same object again."""
        if dialect.name == "sqlite":
            return _id_from_text
        return super().result_processor(dialect, coltype)  # type: ignore[no-untyped-call]  # theirs


@lru_cache(maxsize=1 << 16)
def _id_from_text(value: str | None) -> UUID | None:
    return None if value is None else UUID(value)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant, kept in UTC. SQLite has no zones: there the text is UTC by definition."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        assert value.tzinfo is not None, "an instant without a zone is a bug"
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def bind_processor(self, dialect: Dialect) -> Any:
        """SQLite: the text itself. Every reading of every charger comes through here, so there is no step between."""
        return _as_text if dialect.name == "sqlite" else super().bind_processor(dialect)

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        """And back."""
        return _from_text if dialect.name == "sqlite" else super().result_processor(dialect, coltype)


def _as_text(value: datetime | None) -> str | None:
    if value is None:
        return None
    if value.tzinfo is not UTC:
        assert value.tzinfo is not None, "an instant without a zone is a bug"
        value = value.astimezone(UTC)
    return value.isoformat(" ", "microseconds")[:26]


def _from_text(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value + "+00:00")


def present(ago: timedelta = timedelta(0)) -> BindParameter[datetime]:
    """In a statement that is kept: the instant at which it is executed, or so long before."""
    return bindparam("present", callable_=lambda: clock.now() - ago, type_=UtcDateTime(), unique=True)


class Exact(TypeDecorator[Decimal]):
    """A decimal kept as text, so that no driver ever turns a price into a float."""

    impl = String(40)
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value)


Json = JSON().with_variant(JSONB(), "postgresql")


def words(enum: type[PyEnum]) -> TypeEngine[Any]:
    """A column for an enum, stored as its value in plain text so that new members need no migration."""
    return Enum(enum, native_enum=False, length=40, values_callable=lambda members: [m.value for m in members])


class Base(DeclarativeBase):
    """Every table. Relationships are never loaded behind one's back (`lazy="raise"` where there are any)."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        UUID: Id,
        datetime: UtcDateTime,
        Decimal: Exact,
        dict[str, Any]: Json,
        list[Any]: Json,
        str: String,
    }

    def __init_subclass__(cls, **more: Any) -> None:
        """The ids of a kind (`StationId`) are ids, too."""
        for mapped in cls.__annotations__.values():
            for kind in (mapped, *get_args(mapped), *(inner for one in get_args(mapped) for inner in get_args(one))):
                if getattr(kind, "__supertype__", None) is UUID:
                    cls.registry.update_type_annotation_map({kind: Id})
        super().__init_subclass__(**more)


class WithId:
    """A row with a time-ordered identifier."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)


@cache
def facts(model: type[Any], *names: str) -> Any:
    """For a SELECT: rows that read like this model's objects (or have these attributes only), without their weight.

    For long lists that only look: an object that the session watches costs ten times as much.
    """
    wanted = names or [one.key for one in inspect(model).column_attrs]
    return Bundle(model.__name__, *(getattr(model, name) for name in wanted))


def rows(statement: Executable, values: Mapping[str, Any]) -> Iterable[Any]:
    """What a SELECT of columns or `facts` finds, past the ORM's loader (ADR 0016): columns are the rows' attributes."""
    session().flush()
    return session().connection().execute(statement, values)


class _FifoLock:
    """A lock that serves in order of arrival, so that a door under gateway load waits for one batch, not for luck."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._held = False
        self._queue: deque[threading.Lock] = deque()

    def acquire(self) -> None:
        with self._guard:
            if not self._held:
                self._held = True
                return
            turn = threading.Lock()
            turn.acquire()
            self._queue.append(turn)
        turn.acquire()

    def release(self) -> None:
        with self._guard:
            if self._queue:
                self._queue.popleft().release()
            else:
                self._held = False


class Transaction:
    """One unit of work: the session, what is to be sent as a batch at its end, and what happens after the commit."""

    def __init__(self, session: Session, writing: bool) -> None:
        self.session = session
        self.writing = writing
        self._batches: dict[Executable, list[dict[str, Any]]] = {}
        self._after: list[Callable[[], None]] = []

    def later(self, statement: Executable, values: dict[str, Any]) -> None:
        """Send this statement with others of its kind in one go, at the latest before the commit."""
        self._batches.setdefault(statement, []).append(values)

    def flush(self) -> None:
        """Send what was collected, statement by statement, in the order of their first use."""
        batches, self._batches = self._batches, {}
        for statement, rows in batches.items():
            if not kit_batches.send(self.session.connection(), statement, rows):
                self.session.execute(statement, rows)
        self.session.flush()

    def after_commit(self, deed: Callable[[], None]) -> None:
        """Do this once the transaction is on disk, in this thread; not at all when it is rolled back."""
        self._after.append(deed)

    def run_after_commit(self) -> None:
        for deed in self._after:
            try:
                deed()
            except Exception:
                log.exception("db.after_commit")  # what is committed is done; nobody may take it for undone


_engines: Engines | None = None
_sqlite_writers = _FifoLock()
_current: ContextVar[Transaction | None] = ContextVar("transaction", default=None)


def connect(url: str, *, pool_size: int = 20) -> Engine:
    """Bind this process to its database. Called once at start (and by tests, after `disconnect`)."""
    global _engines
    assert _engines is None, "already connected"
    _engines = open_engines(url, pool_size)
    return _engines.usual


def disconnect() -> None:
    """Close every connection of this process."""
    global _engines
    if _engines is not None:
        _engines.dispose()
    _engines = None


def engine() -> Engine:
    """The engine of this process."""
    return engines().usual


def engines() -> Engines:
    """All that this process talks to its database by."""
    assert _engines is not None, "kit.db.connect() was not called"
    return _engines


_NOBODYS_FAULT = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_CANTOPEN}


def lost_a_race(error: DBAPIError) -> bool:
    """Whether PostgreSQL ended this transaction in favour of another one; done again, it goes through."""
    return getattr(error.orig, "sqlstate", None) in ("40P01", "40001")  # deadlock, serialisation


def is_away(error: DBAPIError) -> bool:
    """Whether the database can't be reached, or has no room or means left: no statement's fault."""
    if error.connection_invalidated or getattr(error.orig, "sqlstate", "") is None:  # not even a connection
        return True
    code = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF
    return code in _NOBODYS_FAULT or getattr(error.orig, "sqlstate", "").startswith(("08", "53", "57P"))


def current() -> Transaction:
    """The transaction of the running door."""
    transaction = _current.get()
    assert transaction is not None, "no door is open"
    return transaction


def in_transaction() -> bool:
    """Whether a door is open already."""
    return _current.get() is not None


def session() -> Session:
    """The session of the running door; for rooms only."""
    return current().session


def is_sqlite() -> bool:
    """Whether this process runs on the embedded database."""
    return engine().dialect.name == "sqlite"


@contextmanager
def transaction(*, writing: bool, by_key: bool = False) -> Iterator[Transaction]:
    """Open the one transaction of this context: committed at the end of the block, rolled back when it raises.

    `by_key`: it writes, and its statements are many, small, and find their rows by an index.
    """
    assert not in_transaction(), "a transaction is open already"
    bound = (engines().by_key if by_key else engines().writing) if writing else engine()
    locked = writing and is_sqlite()
    if locked:
        _sqlite_writers.acquire()
    try:
        with Session(bound, expire_on_commit=False, autoflush=True) as session:
            unit = Transaction(session, writing)
            token = _current.set(unit)
            try:
                yield unit
                if writing:
                    unit.flush()
                    session.commit()
            finally:
                _current.reset(token)
    finally:
        if locked:
            _sqlite_writers.release()
    unit.run_after_commit()


def alembic_config(url: str) -> Config:
    """Alembic's configuration for this code base and this database."""
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


def migrate(url: str) -> None:
    """Bring the database to the newest shape; creates an SQLite file where there is none."""
    if url.startswith("sqlite:///"):
        Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    command.upgrade(alembic_config(url), "head")


def answers() -> bool:
    """Whether the database answers at all; for readiness checks."""
    with engine().connect() as connection:
        return bool(connection.execute(text("SELECT 1")).scalar() == 1)
