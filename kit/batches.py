"""Many rows through one statement, without the cost per row that an SQL toolkit usually has.

A plain Core INSERT or UPDATE is compiled once per dialect; each row is then only its values, converted by the columns'
own types, in one `executemany`. Under gateway load this is half of the writer's time.

PostgreSQL's driver sends an `executemany` row by row. There a plain INSERT, and an UPDATE that finds its row by a bound
value called `of_...`, go as one statement that reads all rows from JSON.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import JSON, Connection, Dialect, Executable, LargeBinary, Table, insert
from sqlalchemy.sql import Insert, Update
from sqlalchemy.sql.compiler import SQLCompiler

_FEW = 3
_OF = "of_"
Convert = Callable[[Any], Any]
Column = tuple[str, str, Convert | None]  # name in the SQL text, key in the row, conversion


@dataclass(frozen=True, slots=True)
class Plan:
    """A statement as the driver takes it. `as_json`: with all rows at once, as one JSON text.

    `of`: what tells an UPDATE its row.
    """

    sql: str
    columns: tuple[Column, ...]
    positional: bool
    as_json: bool = False
    of: str = ""

    def run(self, connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
        """Run it for every row, in order."""
        for some in _apart(rows, self.of) if self.of else (rows,):
            values = [self.values(row) for row in some]
            connection.exec_driver_sql(self.sql, (orjson.dumps(values).decode(),) if self.as_json else values)

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
    plan.run(connection, rows)
    return True


def _made(connection: Connection, statement: Executable, row: dict[str, Any]) -> Plan | None:
    """The plan for rows with these keys; None where the toolkit has to look at each row (defaults, ORM classes)."""
    if not isinstance(statement, Insert | Update) or "entity" in statement.entity_description:
        return None
    dialect = connection.dialect
    compiled = statement.compile(dialect=dialect, column_keys=list(row) if isinstance(statement, Insert) else None)
    assert isinstance(compiled, SQLCompiler), "a statement compiles to SQL"
    of, at_once = "", None
    if dialect.name == "postgresql" and isinstance(statement, Insert):
        at_once = _insert_from_json(dialect, statement, compiled)
    elif dialect.name == "postgresql" and isinstance(statement, Update):
        of = next((name for name in compiled.binds if name.startswith(_OF)), "")
        at_once = _update_from_json(dialect, compiled)
    columns: list[Column] = []
    for name in compiled.positiontup or compiled.binds:
        bind = compiled.binds[name]
        kind = bind.type.dialect_impl(dialect)
        nested = at_once is not None and isinstance(kind, JSON)
        convert: Convert | None = None if nested else kind.bind_processor(dialect)
        if name in row:
            columns.append((name, name, convert))
        elif bind.value is None:
            return None
        else:
            columns.append(
                (str(name), next(iter(row)), _always(bind.value if convert is None else convert(bind.value)))
            )
    if at_once is not None:
        return Plan(at_once, tuple(columns), positional=False, as_json=True, of=of)
    return Plan(str(compiled), tuple(columns), compiled.positional)


def _insert_from_json(dialect: Dialect, statement: Insert, compiled: SQLCompiler) -> str | None:
    """The same INSERT, reading its rows from one JSON text; None where it has more to say than values."""
    table = statement.table
    if not isinstance(table, Table) or not statement.compare(insert(table)):
        return None
    computed = len(compiled.binds) <= str(compiled).partition(" VALUES ")[0].count(",")
    given = _given(dialect, compiled)
    if computed or given is None:
        return None
    names = ", ".join(dialect.identifier_preparer.quote(name) for name in compiled.binds)
    into = f"INSERT INTO {dialect.identifier_preparer.format_table(table)} ({names})"
    return f"{into} SELECT {names} FROM {given}"  # noqa: S608  # our own names


def _update_from_json(dialect: Dialect, compiled: SQLCompiler) -> str | None:
    """The same UPDATE, reading its rows from one JSON text; None where they can't be told apart."""
    sql, given = str(compiled), _given(dialect, compiled)
    if given is None or sum(name.startswith(_OF) for name in compiled.binds) != 1 or sql.count(" WHERE ") != 1:
        return None
    for name in compiled.binds:
        sql = sql.replace(f"%({name})s", f"given.{dialect.identifier_preparer.quote(name)}")
    return sql.replace(" WHERE ", f" FROM {given} WHERE ")


def _given(dialect: Dialect, compiled: SQLCompiler) -> str | None:
    """The rows as a table; None where JSON can't carry their values."""
    kinds = {name: bind.type for name, bind in compiled.binds.items()}
    if any(isinstance(kind, LargeBinary) for kind in kinds.values()):
        return None
    quote, words = dialect.identifier_preparer.quote, dialect.type_compiler_instance.process
    shape = ", ".join(f"{quote(name)} {words(kind)}" for name, kind in kinds.items())
    return f"json_to_recordset(%s::json) AS given ({shape})"


def _apart(rows: Sequence[dict[str, Any]], of: str) -> list[list[dict[str, Any]]]:
    """The rows in groups, each with no more than one row of the same thing, and its earlier rows in earlier groups."""
    groups: list[list[dict[str, Any]]] = []
    seen: dict[Any, int] = {}
    for row in rows:
        turn = seen[row[of]] = seen.get(row[of], -1) + 1
        if turn == len(groups):
            groups.append([])
        groups[turn].append(row)
    return groups


def _always(value: Any) -> Convert:
    return lambda _: value
