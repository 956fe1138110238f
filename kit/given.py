"""Rows that a SELECT is given beside its tables: what a whole batch asks for is read at once, whatever their number."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import JSON, FromClause, String, bindparam, cast, column, func, select
from sqlalchemy.types import TypeEngine


def given(dialect: str, kinds: Mapping[str, TypeEngine[Any]]) -> FromClause:
    """A table with these columns of the rows in the bound value `rows` (see `as_rows`), as this dialect has it."""
    rows = bindparam("rows", type_=String())
    if dialect == "sqlite":
        each = func.json_each(rows).table_valued("value")
        told = (func.json_extract(each.c.value, f"$.{name}", type_=kind).label(name) for name, kind in kinds.items())
        return select(*told).subquery("given")
    columns = (column(name, kind) for name, kind in kinds.items())
    return func.json_to_recordset(cast(rows, JSON)).table_valued(*columns, name="given").render_derived(with_types=True)


def as_rows(rows: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The bound value of such a statement."""
    told = [{name: value.hex if isinstance(value, UUID) else value for name, value in row.items()} for row in rows]
    return {"rows": orjson.dumps(told).decode()}
