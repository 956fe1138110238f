"""Alembic's entry: the same revisions for SQLite and PostgreSQL."""

from typing import Literal

from alembic import context
from sqlalchemy import JSON, Enum, create_engine

import accounts.models  # noqa: F401  # these imports fill the metadata
import announcements.models  # noqa: F401
import billing.models  # noqa: F401
import charging.models  # noqa: F401
import closures.models  # noqa: F401
import handovers.models  # noqa: F401
import imports.models  # noqa: F401
import kit.audit
import kit.events
import kit.files
import kit.seals  # noqa: F401
import licensing.models  # noqa: F401
import partners.models  # noqa: F401
import smart_me.models  # noqa: F401
import stations.models  # noqa: F401
import webhooks.models  # noqa: F401
from kit import db


def as_written(kind: str, value: object, _context: object) -> str | Literal[False]:
    """How a column type stands in a revision: by our own names, enums as plain text."""
    if kind != "type":
        return False
    if isinstance(value, Enum):
        return f"sa.String({value.length})"
    if isinstance(value, JSON):
        return "kit.db.Json"
    return {"UtcDateTime": "kit.db.UtcDateTime()", "Exact": "kit.db.Exact()", "EncryptedJson": "sa.Text()"}.get(
        type(value).__name__, False
    )


url = context.config.get_main_option("sqlalchemy.url")
assert url, "kit.db.alembic_config() sets the address"


def run(url: str) -> None:
    """Apply the missing revisions over a connection of our own."""
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


run(url)
