"""Alembic's entry: the same revisions for SQLite and PostgreSQL."""

from alembic import context
from sqlalchemy import JSON, Enum, create_engine

import accounts.models
import billing.models
import charging.models
import kit.audit
import kit.events
import stations.models  # noqa: F401  # the imports fill the metadata
from kit import db


def as_written(kind: str, value: object, _context: object) -> str | bool:
    """How a column type stands in a revision: by our own names, enums as plain text."""
    if kind != "type":
        return False
    if isinstance(value, Enum):
        return f"sa.String({value.length})"
    if isinstance(value, JSON):
        return "kit.db.Json"
    return {"UtcDateTime": "kit.db.UtcDateTime()", "Exact": "kit.db.Exact()"}.get(type(value).__name__, False)


url = context.config.get_main_option("sqlalchemy.url")
assert url


def run() -> None:
    """Apply revisions in one transaction each, over a connection of our own."""
    engine = create_engine(url)
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=db.Base.metadata,
            render_as_batch=connection.dialect.name == "sqlite",
            compare_type=True,
            render_item=as_written,
        )
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


run()
