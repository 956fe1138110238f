"""INSERT that knows what to do when the row is there already, in the dialect of this process's database."""

from typing import Any

from sqlalchemy.dialects import postgresql, sqlite

from kit import db


def insert(table: Any) -> postgresql.Insert | sqlite.Insert:
    """An INSERT with `on_conflict_do_nothing()` and `on_conflict_do_update()`."""
    return sqlite.insert(table) if db.is_sqlite() else postgresql.insert(table)
