"""Columns that a stolen database must not give away, such as the new password on its way to a charger.

The keys come from the setting ENCRYPTION_KEYS: the first encrypts, all decrypt. To change a key: put the new one in
front, restart, run `wsgi.py rotate-keys`, then remove the old one.
"""

import functools
from collections.abc import Sequence
from typing import Any

import orjson
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy import Column, Dialect, Table, Text, and_, select, type_coerce, update
from sqlalchemy.types import TypeDecorator

from kit import db, settings

BATCH = 500


class UnknownKey(Exception):
    """A value in the database was encrypted with a key that is not in ENCRYPTION_KEYS."""


class EncryptedJson(TypeDecorator[dict[str, Any]]):
    """A JSON object, encrypted as a whole; it can't be searched."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: dict[str, Any] | None, dialect: Dialect) -> str | None:
        return None if value is None else _keys().encrypt(orjson.dumps(value)).decode("ascii")

    def process_result_value(self, value: str | None, dialect: Dialect) -> dict[str, Any] | None:
        if value is None:
            return None
        try:
            found: dict[str, Any] = orjson.loads(_keys().decrypt(value))
        except InvalidToken as error:
            raise UnknownKey("ENCRYPTION_KEYS does not contain the key of a stored value") from error
        return found


def rotate() -> int:
    """Encrypt every such value anew with the first key; the number of values. May run while the program does.

    Raises UnknownKey with the place when a value can't be read with any of the keys; what was done until then stays.
    """
    return sum(
        _rotate_column(table, column)
        for table in db.Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, EncryptedJson)
    )


def _keys() -> MultiFernet:
    return _multi_fernet(settings.current().encryption_keys)


@functools.lru_cache(maxsize=4)
def _multi_fernet(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def _rotate_column(table: Table, column: Column[Any]) -> int:
    key = list(table.primary_key.columns)
    with db.transaction(writing=False) as unit:
        rows = unit.session.execute(select(*key).where(column.is_not(None)).order_by(*key)).all()
    for start in range(0, len(rows), BATCH):
        with db.transaction(writing=True) as unit:
            for row in rows[start : start + BATCH]:
                _rotate_value(unit, table, column, row)
    return len(rows)


def _rotate_value(unit: db.Transaction, table: Table, column: Column[Any], row: Sequence[Any]) -> None:
    here = and_(*(part == value for part, value in zip(table.primary_key.columns, row, strict=True)))
    written = type_coerce(column, Text)
    old = unit.session.execute(select(written).where(here).with_for_update()).scalar()
    if old is None:  # deleted or emptied meanwhile
        return
    try:
        new = _keys().rotate(old).decode("ascii")
    except InvalidToken as error:
        raise UnknownKey(f"{table.name}.{column.name}: ENCRYPTION_KEYS does not contain the key") from error
    unit.session.execute(update(table).where(here).values({column: type_coerce(new, Text)}))
