"""Rows that a transaction locked ahead, many in one statement."""

from collections.abc import Collection
from typing import Any, TypeVar, cast
from uuid import UUID

from sqlalchemy import select

from kit import db

T = TypeVar("T")
_KEY = "held_rows"


def hold(model: type[T], ids: Collection[UUID]) -> dict[UUID, T]:
    """Lock these rows until the commit, in the order of their ids; `row` gives them out without a statement.

    Others may refer to them meanwhile: a charger's session can begin at a connector that is held.
    """
    key: Any = model
    wanted = select(model).where(key.id.in_(ids)).order_by(key.id).with_for_update(key_share=True)
    found: Any = db.session().scalars(wanted.execution_options(populate_existing=True))
    rows = {one.id: one for one in found}
    db.session().info.setdefault(_KEY, {}).update({(model, id_): one for id_, one in rows.items()})
    return rows


def row(model: type[T], row_id: UUID, *, lock: bool = False) -> T | None:
    """A row by its id, locked `FOR UPDATE` where asked for (SQLite's writers are one after another anyway)."""
    known = db.session().info.get(_KEY, {}).get((model, row_id))
    return cast("T", known) if known is not None else db.session().get(model, row_id, with_for_update=lock or None)
