"""The database keeps what it was given, and writers of the embedded one take turns."""

import threading
from datetime import datetime, timedelta, timezone
from decimal import Decimal

import pytest
from sqlalchemy import select, text

from accounts.models import Account
from accounts.values import AccountKind
from kit import clock, db, engines


@pytest.mark.usefixtures("database")
def test_instants_come_back_in_utc_and_decimals_exact() -> None:
    zurich = datetime(2026, 7, 1, 12, 0, tzinfo=timezone(timedelta(hours=2)))
    with db.transaction(writing=True) as unit:
        unit.session.add(
            Account(kind=AccountKind.PROPERTY, name="x", created_at=zurich, platform_fee_percent=Decimal("8.10"))
        )
    with db.transaction(writing=False) as unit:
        row = unit.session.scalars(select(Account)).one()
    assert row.created_at.isoformat() == "2026-07-01T10:00:00+00:00"
    assert str(row.platform_fee_percent) == "8.10"


@pytest.mark.usefixtures("database")
def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(Exception, match="without a zone"), db.transaction(writing=True) as unit:
        unit.session.add(Account(kind=AccountKind.MASTER, name="x", created_at=datetime(2026, 1, 1)))  # noqa: DTZ001
        unit.session.flush()


def test_sqlite_is_durable_and_strict(sqlite_url: str) -> None:
    db.connect(sqlite_url)
    try:
        with db.transaction(writing=False) as unit:
            pragma = {
                name: unit.session.execute(text(f"PRAGMA {name}")).scalar()
                for name in ("journal_mode", "synchronous", "foreign_keys")
            }
        assert pragma == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    finally:
        db.disconnect()


@pytest.mark.usefixtures("database")
def test_sixteen_writers_lose_nothing() -> None:
    def write() -> None:
        for number in range(10):
            with db.transaction(writing=True) as unit:
                unit.session.add(Account(kind=AccountKind.MASTER, name=str(number), created_at=clock.now()))

    threads = [threading.Thread(target=write) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with db.transaction(writing=False) as unit:
        assert len(unit.session.scalars(select(Account.id)).all()) == 160


@pytest.mark.usefixtures("database")
def test_a_thread_that_must_not_wait_for_a_disk_can_not_use_the_database() -> None:
    errors: list[BaseException] = []

    def misuse() -> None:
        engines.forbid_on_this_thread()
        try:
            db.answers()
        except AssertionError as error:
            errors.append(error)

    thread = threading.Thread(target=misuse)
    thread.start()
    thread.join()
    assert "no database work" in str(errors[0])


def test_a_database_of_an_earlier_shape_is_brought_up_to_date(sqlite_url: str) -> None:
    db.migrate(sqlite_url)
    db.connect(sqlite_url)
    try:
        assert db.answers()
    finally:
        db.disconnect()


@pytest.mark.usefixtures("database")
def test_a_writer_finds_rows_by_key_in_a_table_that_was_empty_when_its_statement_first_came() -> None:
    if db.is_sqlite():
        pytest.skip("SQLite plans anew")
    asked = text(
        "SELECT sessions.id FROM json_to_recordset(CAST(:rows AS json)) AS given(station_id uuid)"
        " JOIN sessions ON sessions.station_id = given.station_id AND sessions.state = 'active'"
    )
    explained = text(f"EXPLAIN {asked}")
    with db.transaction(writing=True, by_key=True) as unit:
        plan = "\n".join(unit.session.execute(explained, {"rows": "[]"}).scalars())
    assert "Index Scan" in plan
    assert "Seq Scan" not in plan
    with db.transaction(writing=True) as unit:
        assert unit.session.execute(text("SHOW enable_seqscan")).scalar() == "on", "others read as they like"
