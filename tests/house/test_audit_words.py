"""The log of an account says in words what happened: to every audited row, in each of its columns."""

from collections.abc import Iterator
from typing import Any

from kit.audit import Audited
from portal.audit_words import THINGS, UNSHOWN
from portal.labels.columns import COLUMNS
from tests.house.walk import import_rooms

import_rooms()


def audited(kind: Any = Audited) -> Iterator[Any]:
    """Every model whose rows are told before and after."""
    for model in kind.__subclasses__():
        yield from (model, *audited(model))


TABLES = {model.__tablename__: model.__mapper__.columns.keys() for model in audited()}


def test_every_audited_thing_has_a_word() -> None:
    assert len(TABLES) > 40
    assert sorted(set(TABLES) - set(THINGS)) == [], "say in portal/audit_words.py what people call it"


def test_every_audited_column_has_a_word_and_no_word_is_older_than_its_column() -> None:
    shown = {name for names in TABLES.values() for name in names} - set(UNSHOWN)
    assert len(shown) > 200
    assert sorted(shown - set(COLUMNS)) == [], "say in portal/labels/columns.py what people call it"
    assert sorted(set(COLUMNS) - shown) == [], "take it out of portal/labels/columns.py"
