"""Many rows through one statement, without the cost per row that an SQL toolkit usually has.

A plain Core INSERT or UPDATE is compiled once per dialect; each row is then only its values, converted by the columns'
own types, in one `executemany`. Under gateway load this is half of the writer's time.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Executable
from sqlalchemy.sql import Insert, Update
from sqlalchemy.sql.compiler import SQLCompiler

_FEW = 3
Convert = Callable[[Any], Any]
Column = tuple[str, str, Convert | None]  # name in the SQL text, key in the row, conversion


@dataclass(frozen=True, slots=True)
class Plan:
    """A statement as the driver takes it."""

    sql: str
    columns: tuple[Column, ...]
    positional: bool

    def values(self, row: dict[str, Any]) -> tuple[Any, ...] | dict[str, Any]:
        """A row as the driver takes it."""
        if self.positional:
            return tuple([row[key] if to is None else to(row[key]) for _, key, to in self.columns])
        return {name: row[key] if to is None else to(row[key]) for name, key, to in self.columns}


_plans: dict[tuple[Executable, str, tuple[str, ...]], Plan | None] = {}


def send(connection: Connection, statement: Executable, rows: Sequence[dict[str, Any]]) -> bool:
    """Run the statement for every row, in order. False: not done, it is not one of the plain kind."""
    if len(rows) < _FEW:
        return False
    key = (statement, connection.dialect.name, tuple(rows[0]))
    if key not in _plans:
        _plans[key] = _made(connection, statement, rows[0])
    plan = _plans[key]
    if plan is None:
        return False
    connection.exec_driver_sql(plan.sql, [plan.values(row) for row in rows])
    return True


def _made(connection: Connection, statement: Executable, row: dict[str, Any]) -> Plan | None:
    """The plan for rows with these keys; None where the toolkit has to look at each row (defaults, ORM classes)."""
    if not isinstance(statement, Insert | Update) or "entity" in statement.entity_description:
        return None
    dialect = connection.dialect
    compiled = statement.compile(dialect=dialect, column_keys=list(row) if isinstance(statement, Insert) else None)
    assert isinstance(compiled, SQLCompiler), "a statement compiles to SQL"
    columns: list[Column] = []
    for name in compiled.positiontup or compiled.binds:
        bind = compiled.binds[name]
        convert: Convert | None = bind.type.dialect_impl(dialect).bind_processor(dialect)
        if name in row:
            columns.append((name, name, convert))
        elif bind.value is None:
            return None
        else:
            columns.append((name, next(iter(row)), _always(bind.value if convert is None else convert(bind.value))))
    return Plan(str(compiled), tuple(columns), compiled.positional)


def _always(value: Any) -> Convert:
    return lambda _: value
