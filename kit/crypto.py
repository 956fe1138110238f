"""Secrets that must stay readable (a charger's key, a partner's token) are sealed before they reach the database.

The keys are ENCRYPTION_KEYS: the first one seals, all of them open. To rotate: put a new key first, restart, run
`wsgi.py rotate-keys`, then take the old key away.
"""

import functools

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy import Column, Dialect, Table, Text, select, update
from sqlalchemy.types import TypeDecorator

from kit import db, settings


class Unreadable(Exception):
    """A sealed text fits none of the keys: one was taken away too early."""


@functools.lru_cache(maxsize=4)
def _box(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def seal(text: str) -> str:
    """Encrypt with the first key."""
    return _box(settings.current().encryption_keys).encrypt(text.encode()).decode("ascii")


def unseal(sealed: str) -> str:
    """Decrypt with whichever key fits; raises Unreadable when none does."""
    try:
        return _box(settings.current().encryption_keys).decrypt(sealed.encode("ascii")).decode()
    except InvalidToken as error:
        raise Unreadable("no key in ENCRYPTION_KEYS opens this value") from error


class Sealed(TypeDecorator[str]):
    """A text column that is encrypted at rest: `secret: Mapped[str] = mapped_column(Sealed)`."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else seal(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else unseal(value)


def rotate() -> int:
    """Seal every value of every Sealed column anew with the first key; how many. One transaction per table."""
    count = 0
    for table in db.Base.metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, Sealed):
                count += _rotate_column(table, column)
    return count


def _rotate_column(table: Table, column: Column[str]) -> int:
    key = list(table.primary_key.columns)
    with db.transaction(writing=True) as unit:
        rows = unit.session.execute(select(*key, column).where(column.is_not(None)).with_for_update()).all()
        for row in rows:
            here = [part == value for part, value in zip(key, row, strict=False)]
            unit.session.execute(update(table).where(*here).values({column: row[-1]}))
    return len(rows)
