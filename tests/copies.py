"""Many rows where there was one: every row of the database is copied, whatever table it is in.

A copy hangs on the same rows as its original, so that every list gets longer, at every level of a tree. Where a key
allows only one such row, the copy differs in a number or a word, or hangs on a copy itself.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Enum, Table, UniqueConstraint, insert, select

from kit import db
from kit.ids import new_id

Row = dict[str, Any]


def copy_rows(times: int, *, alone: Iterable[str], follows: Mapping[str, str]) -> None:
    """So many copies of each row. `alone`: tables that stay as they are; `follows`: of a table, the column in which
    every other copy hangs on a copy.
    """
    tables = [table for table in db.Base.metadata.sorted_tables if table.name not in set(alone)]
    with db.transaction(writing=True) as unit:
        connection = unit.session.connection()
        originals = {
            table.name: [dict(row) for row in connection.execute(select(table)).mappings()] for table in tables
        }
        for number in range(1, times + 1):
            twins: dict[Any, Any] = {}
            for table in tables:
                column = follows.get(table.name) if number % 2 else None
                _copy(connection, table, originals[table.name], _Copying(number, twins, column))


class _Copying:
    """The copy with this number: which row became which, and what a row that must be the only one becomes."""

    def __init__(self, number: int, twins: dict[Any, Any], follows: str | None) -> None:
        self.number, self.twins, self.follows = number, twins, follows

    def copy(self, table: Table, row: Row) -> Row | None:
        """Another row like this one; None where there can be no other."""
        new = dict(row)
        if self.follows is not None:
            new[self.follows] = self.twins.get(row[self.follows], row[self.follows])
        for key in _keys(table):
            taken = all(new[name] is not None and new[name] == row[name] for name in key)
            if taken and not self._differs(table, key, new):
                return None
        return new

    def _differs(self, table: Table, key: tuple[str, ...], new: Row) -> bool:
        for name in sorted(key, key=lambda name: (not table.c[name].foreign_keys, name), reverse=True):
            changed = self._other(new[name], table, name)
            if changed != new[name]:
                new[name] = changed
                return True
        return False

    def _other(self, value: Any, table: Table, name: str) -> Any:
        column = table.c[name]
        if isinstance(value, UUID):
            return new_id() if name == "id" else self.twins.get(value, value)
        if isinstance(column.type, Enum) or isinstance(value, bool):
            return value
        if isinstance(value, int):
            return value + self.number * 1000
        if isinstance(value, datetime):
            return value + timedelta(seconds=self.number)
        return f"{value}-{self.number}" if isinstance(value, str) else value


def _copy(connection: Connection, table: Table, rows: list[Row], copying: _Copying) -> None:
    for row in rows:
        new = copying.copy(table, row)
        if new is not None:
            connection.execute(insert(table).values(new))
            if "id" in row:
                copying.twins[row["id"]] = new["id"]


def _keys(table: Table) -> list[tuple[str, ...]]:
    """What may be there once only, the primary key first."""
    together = [one.columns.keys() for one in table.constraints if isinstance(one, UniqueConstraint)]
    alone = [index.columns.keys() for index in table.indexes if index.unique]
    return [tuple(key) for key in (table.primary_key.columns.keys(), *together, *alone)]
