"""The databases that tests get are fresh, migrated and apart from each other."""

import redis
from sqlalchemy import Connection, create_engine, inspect, make_url, text

from kit import db
from tests.databases import PostgreSQL


def test_a_test_gets_a_migrated_database_of_its_own(database: str) -> None:
    assert db.answers()
    with db.engine().begin() as connection:
        tables = set(inspect(connection).get_table_names())
        assert {"alembic_version", "accounts", "stations", "sessions", "documents"} <= tables
        connection.execute(text("CREATE TABLE left_behind (a INTEGER)"))


def test_what_another_test_wrote_is_not_there(database: str) -> None:
    assert "left_behind" not in inspect(db.engine()).get_table_names()


def test_sqlite_is_durable_and_knows_its_foreign_keys(sqlite_url: str) -> None:
    db.connect(sqlite_url)
    try:
        with db.engine().connect() as connection:
            found = [connection.execute(text(f"PRAGMA {name}")).scalar() for name in ("journal_mode", "foreign_keys")]
            assert found == ["wal", 1]
            assert connection.execute(text("PRAGMA synchronous")).scalar() == 2  # FULL
    finally:
        db.disconnect()


def test_postgresql_hands_out_empty_databases_too(postgresql: PostgreSQL) -> None:
    url = postgresql.create(migrated=False)
    engine = create_engine(url)
    assert inspect(engine).get_table_names() == []
    engine.dispose()
    postgresql.drop(url)


def test_a_database_that_is_lent_again_holds_nothing_of_before(postgresql: PostgreSQL) -> None:
    def rows(url: str) -> tuple[str, int]:
        engine = create_engine(url)
        with engine.begin() as connection:
            count = connection.execute(text("SELECT count(*) FROM account_lineage")).scalar_one()
            connection.execute(text("SET session_replication_role = replica"))
            connection.execute(text("INSERT INTO account_lineage VALUES (gen_random_uuid(), gen_random_uuid())"))
        held.append(engine.connect())  # somebody who forgot to go
        return str(engine.url.database), count

    held: list[Connection] = []
    first, second = postgresql.lend(), postgresql.lend()
    assert first != second
    assert rows(second) == (make_url(second).database, 0)
    third = postgresql.lend()
    assert rows(third) == (make_url(second).database, 0)
    with create_engine(third).begin() as connection:
        connection.execute(text("ALTER TABLE account_lineage ADD extra INTEGER"))
    name, count = rows(postgresql.lend())
    assert (name != make_url(second).database, count) == (True, 0)


def test_redis_is_real_and_starts_empty(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0
        assert client.set("left_behind", "1")
