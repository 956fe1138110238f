"""What every test may ask for: a database (SQLite and PostgreSQL in turn), Redis, a browser."""

import gc
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from argon2 import PasswordHasher

from accounts import passwords
from kit import db, settings
from tests.databases import PostgreSQL, leave_writing_to_the_system, migrate, postgresql_cluster, redis_server
from tests.shared import shared

if TYPE_CHECKING:
    from tests.people import People


def pytest_sessionstart() -> None:
    """Look for garbage seldom: a test leaves little, and a look goes through everything there is."""
    gc.set_threshold(100_000, 20, 20)


def pytest_collection_finish() -> None:
    """What was imported and collected stays."""
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def strong_hasher() -> Iterator[PasswordHasher]:
    """Passwords of people are hashed as always, but with little effort: tests sign in thousands of times.

    What the program itself would use is handed out.
    """
    strong = passwords._hasher
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
        yield strong


@pytest.fixture(scope="session", autouse=True)
def _shared() -> Iterator[None]:
    with shared():
        yield


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """The PostgreSQL cluster of this test process."""
    with postgresql_cluster() as cluster:
        yield cluster


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A fresh, migrated SQLite database."""
    url = f"sqlite:///{tmp_path / 'platform.db'}"
    migrate(url)
    return url


@pytest.fixture
def postgresql_url(postgresql: PostgreSQL) -> str:
    """A migrated PostgreSQL database without a row."""
    return postgresql.lend()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh, migrated database; the test runs once on SQLite and once on PostgreSQL."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def database(database_url: str) -> Iterator[str]:
    """This process connected to `database_url` for the time of the test."""
    leave_writing_to_the_system(db.connect(database_url))
    yield database_url
    db.disconnect()


@pytest.fixture
def program(tmp_path: Path) -> settings.Settings:
    """Demo settings of this process, with a `var` folder of their own."""
    made = settings.Settings.from_environ({"DEMO": "1", "VAR_DIR": str(tmp_path / "var")})
    settings.use(made)
    return made


@pytest.fixture
def people(database: str, program: settings.Settings) -> "People":
    """Alice, Bob and Charlie in a fresh database."""
    from tests.people import everybody

    return everybody()


@pytest.fixture(scope="session")
def _redis() -> Iterator[str]:
    with redis_server() as url:
        yield url


@pytest.fixture
def redis_url(_redis: str) -> str:
    """An empty Redis."""
    import redis

    with redis.Redis.from_url(_redis) as client:
        client.flushall()
    return _redis


@pytest.fixture(scope="session")
def chromium_path() -> str | None:
    """The system's browser for Playwright's `executable_path`; None: the one that Playwright brings."""
    found = [shutil.which(name) for name in ("chromium", "google-chrome")]
    # a snap sees no temporary folders
    return next((path for path in found if path and "snap" not in str(Path(path).resolve())), None)
