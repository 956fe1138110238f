"""The migrations make exactly the tables that the models describe, on both databases."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from kit import db
from tests.house.walk import import_rooms

import_rooms()


@pytest.mark.usefixtures("database")
def test_models_and_migrations_agree() -> None:
    with db.engine().connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        differences = compare_metadata(context, db.Base.metadata)
    assert differences == [], "write a migration: alembic revision --autogenerate"


def test_times_and_rates_are_kept_in_our_own_types() -> None:
    for table in db.Base.metadata.tables.values():
        for column in table.columns:
            kind = type(column.type).__name__
            assert kind not in ("DateTime", "Float", "Numeric"), (
                f"{table.name}.{column.name}: UtcDateTime, Exact or int"
            )
            if column.name.endswith("_at"):
                assert kind == "UtcDateTime", f"{table.name}.{column.name} is an instant"
            if column.name.endswith(("_minor", "_wh", "_w")):
                assert kind == "Integer" or kind == "BigInteger", f"{table.name}.{column.name} is a whole number"
