"""Many rows through one statement, without the cost per row that an SQL toolkit usually has.

A plain Core INSERT or UPDATE is compiled once per dialect; the rows are then only their values, converted a column at a
time by the columns' own types, in one `executemany`.

PostgreSQL's driver sends an `executemany` row by row. There a plain INSERT, and an UPDATE that finds its row by a bound
value called `of_...`, go as one statement that reads all rows from JSON.

SQLite's driver lets go of the interpreter's lock for each row, and a thread that computes then keeps it for a turn.
There a plain INSERT has many rows of values at once. It is an INSERT OR FAIL: SQLite would keep a copy of each page
that a statement of many rows touches, to take this statement alone back; here the transaction ends with it anyway.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from operator import attrgetter, itemgetter
from typing import Any

import orjson
from sqlalchemy import JSON, Connection, DateTime, Dialect, Enum, Executable, LargeBinary, Uuid, insert
from sqlalchemy.sql import Insert, Update
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeDecorator, TypeEngine

_FEW = 3
_AT_ONCE = (64, 16, 4)  # rows of one statement; few sizes, as each is prepared once
_OF = "of_"
_SECONDS = len("2026-01-01T00:00:00+00:00")
Row = dict[str, Any]
Convert = Callable[[Sequence[Any]], Sequence[Any]]  # a whole column
Column = tuple[str, str, Convert | None]  # name in the SQL text, key in the row, conversion


@dataclass(frozen=True, slots=True)
class Plan:
    """A statement as the driver takes it. `as_json`: with all rows at once, as one JSON text.

    `of`: what tells an UPDATE its row. `values_of_one`: of an INSERT that may have more than one row of them.
    """

    sql: str
    columns: tuple[Column, ...]
    positional: bool
    as_json: bool = False
    of: str = ""
    values_of_one: str = ""

    def run(self, connection: Connection, rows: Sequence[Row]) -> None:
        """Run it for every row, in order."""
        for some in _apart(rows, self.of) if self.of else (rows,):
            values = self.values(some)
            if self.as_json:
                connection.exec_driver_sql(self.sql, (orjson.dumps(values).decode(),))
            elif self.values_of_one:
                self._run_by_the_dozen(connection, values)
            else:
                connection.exec_driver_sql(self.sql, values)

    def _run_by_the_dozen(self, connection: Connection, values: list[tuple[Any, ...]]) -> None:
        done = 0
        for size in _AT_ONCE:
            sql = f"{self.sql}{f', {self.values_of_one}' * (size - 1)}"
            while len(values) - done >= size:
                connection.exec_driver_sql(sql, tuple(chain.from_iterable(values[done : done + size])))
                done += size
        if done < len(values):
            connection.exec_driver_sql(self.sql, values[done:])

    def values(self, rows: Sequence[Row]) -> list[Any]:
        """The rows as the driver takes them."""
        picked = zip(*map(itemgetter(*(key for _, key, _ in self.columns)), rows), strict=True)
        converted = [
            column if to is None else to(column) for (_, _, to), column in zip(self.columns, picked, strict=True)
        ]
        whole: Iterable[tuple[Any, ...]] = zip(*converted, strict=True)
        if self.positional:
            return list(whole)
        names = [name for name, _, _ in self.columns]
        return [dict(zip(names, row, strict=True)) for row in whole]


_plans: dict[tuple[Executable, str, tuple[str, ...]], Plan | None] = {}


def send(connection: Connection, statement: Executable, rows: Sequence[Row]) -> bool:
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


def _made(connection: Connection, statement: Executable, row: Row) -> Plan | None:
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
        assert not bind.expanding, "a batch takes no IN"
        convert = _conversion(bind.type, dialect, as_json=at_once is not None)
        if name in row:
            columns.append((name, name, convert))
        elif bind.value is None:
            return None
        else:
            value = bind.value if convert is None else convert([bind.value])[0]
            columns.append((str(name), next(iter(row)), _always(value)))
    if len(columns) < 2:
        return None
    if at_once is not None:
        return Plan(at_once, tuple(columns), positional=False, as_json=True, of=of)
    sql = str(compiled)
    if dialect.name == "sqlite" and _is_plain(statement):
        sql = sql.replace("INSERT INTO", "INSERT OR FAIL INTO", 1)
        return Plan(sql, tuple(columns), compiled.positional, values_of_one=sql.partition(" VALUES ")[2])
    return Plan(sql, tuple(columns), compiled.positional)


def _insert_from_json(dialect: Dialect, statement: Insert, compiled: SQLCompiler) -> str | None:
    """The same INSERT, reading its rows from one JSON text; None where it has more to say than values."""
    table = statement.table
    if not _is_plain(statement):
        return None
    computed = len(compiled.binds) <= str(compiled).partition(" VALUES ")[0].count(",")
    given = _given(dialect, compiled)
    if computed or given is None:
        return None
    names = ", ".join(dialect.identifier_preparer.quote(name) for name in compiled.binds)
    into = f"INSERT INTO {dialect.identifier_preparer.format_table(table)} ({names})"
    return f"{into} SELECT {names} FROM {given}"  # noqa: S608  # our own names


def _is_plain(statement: Executable) -> bool:
    return isinstance(statement, Insert) and statement.compare(insert(statement.table))


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


def _apart(rows: Sequence[Row], of: str) -> list[list[Row]]:
    """The rows in groups, each with no more than one row of the same thing, and its earlier rows in earlier groups."""
    groups: list[list[Row]] = []
    seen: dict[Any, int] = {}
    for row in rows:
        turn = seen[row[of]] = seen.get(row[of], -1) + 1
        if turn == len(groups):
            groups.append([])
        groups[turn].append(row)
    return groups


def _conversion(kind: TypeEngine[Any], dialect: Dialect, *, as_json: bool) -> Convert | None:
    """What makes a column's values fit for the driver (or for JSON); None where they are as they should be.

    Ids, instants and enums are in nearly every row: they are converted without a call of Python for each.
    """
    known = kind.dialect_impl(dialect)
    inside = known.impl_instance if isinstance(known, TypeDecorator) else known
    if as_json and isinstance(inside, JSON | Uuid):
        return None
    if as_json and isinstance(inside, DateTime):
        return _aware
    if isinstance(inside, Enum) and inside.enum_class is not None:
        return _words
    if dialect.name == "sqlite" and isinstance(inside, Uuid):
        return _hexes
    if dialect.name == "sqlite" and isinstance(inside, DateTime):
        return _texts
    convert = known.bind_processor(dialect)
    return None if convert is None else lambda column: list(map(convert, column))


def _hexes(column: Sequence[Any]) -> list[str | None]:
    try:
        return list(map("%032x".__mod__, map(attrgetter("int"), column)))
    except AttributeError:  # there is a None among them
        return [None if each is None else each.hex for each in column]


def _words(column: Sequence[Any]) -> list[Any]:
    try:
        return list(map(attrgetter("_value_"), column))
    except AttributeError:
        return [getattr(each, "_value_", each) for each in column]


def _aware(column: Sequence[datetime | None]) -> Sequence[datetime | None]:
    assert all(each is None or each.tzinfo is not None for each in column), "an instant without a zone is a bug"
    return column


def _texts(column: Sequence[datetime | None]) -> list[str | None]:
    """Instants as SQLite has them, to the microsecond; Python itself takes ten times as long to write them."""
    in_utc = [each if each is None or each.tzinfo is UTC else each.astimezone(UTC) for each in _aware(column)]
    written: list[str | None] = orjson.loads(orjson.dumps(in_utc))
    return [
        each and f"{each[:10]} {each[11:-6] if len(each) > _SECONDS else each[11:-6] + '.000000'}" for each in written
    ]


def _always(value: Any) -> Convert:
    return lambda column: [value] * len(column)
