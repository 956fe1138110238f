"""What is encrypted cannot be read in the database, and keys can be changed."""

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import Table, delete, func, insert, select, text, type_coerce
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Text

from kit import db, encryption, settings
from kit.ids import new_id

OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))


class Letter(db.WithId, db.Base):
    """A table of this test only."""

    __tablename__ = "letters_of_a_test"
    content: Mapped[dict[str, object] | None] = mapped_column(encryption.EncryptedJson)


TABLE: Table = Letter.__table__  # type: ignore[assignment]  # it is a Table, whatever the declared type says
# other tests compare all tables of the program with the migrations; this one belongs to nobody else
db.Base.metadata.remove(TABLE)


@pytest.fixture
def use_keys(tmp_path: Path) -> Iterator[None]:
    before = settings._settings
    yield
    settings._settings = before


def keys(tmp_path: Path, *values: str) -> None:
    settings.use(
        settings.Settings.from_environ({"DEMO": "1", "VAR_DIR": str(tmp_path), "ENCRYPTION_KEYS": ",".join(values)})
    )


@pytest.fixture
def letters(database: str, tmp_path: Path, use_keys: None) -> Iterator[list[UUID]]:
    """Three letters, written with the old key; one of them is empty."""
    keys(tmp_path, OLD)
    TABLE.to_metadata(db.Base.metadata)
    TABLE.create(db.engine())
    ids = [new_id() for _ in range(3)]
    with db.transaction(writing=True) as unit:
        unit.session.execute(
            insert(TABLE),
            [
                {"id": ids[0], "content": {"value": "hunter22"}},
                {"id": ids[1], "content": {"value": "Zürich"}},
                {"id": ids[2], "content": None},
            ],
        )
    yield ids
    db.Base.metadata.remove(db.Base.metadata.tables[TABLE.name])


def contents() -> list[object]:
    with db.transaction(writing=False) as unit:
        return list(unit.session.execute(select(TABLE.c.content).order_by(TABLE.c.id)).scalars())


def test_a_value_comes_back_as_it_was_and_is_unreadable_in_the_database(letters: list[UUID]) -> None:
    assert contents() == [{"value": "hunter22"}, {"value": "Zürich"}, None]
    with db.transaction(writing=False) as unit:
        stored = unit.session.execute(select(type_coerce(TABLE.c.content, Text))).scalars().all()
    assert [str(value)[:5] for value in stored] == ["gAAAA", "gAAAA", "None"]
    assert "hunter22" not in str(stored)


def test_after_a_rotation_the_old_key_can_go(letters: list[UUID], tmp_path: Path) -> None:
    keys(tmp_path, NEW, OLD)
    assert contents() == [{"value": "hunter22"}, {"value": "Zürich"}, None]
    assert encryption.rotate() == 2
    keys(tmp_path, NEW)
    assert contents() == [{"value": "hunter22"}, {"value": "Zürich"}, None]


def test_a_missing_key_is_said_with_its_place(letters: list[UUID], tmp_path: Path) -> None:
    keys(tmp_path, NEW)
    with pytest.raises(encryption.UnknownKey):
        contents()
    with pytest.raises(encryption.UnknownKey, match=r"letters_of_a_test\.content"):
        encryption.rotate()
    keys(tmp_path, OLD)
    assert contents() == [{"value": "hunter22"}, {"value": "Zürich"}, None]


def test_many_values_are_rotated_in_batches(letters: list[UUID], tmp_path: Path) -> None:
    with db.transaction(writing=True) as unit:
        unit.session.execute(delete(TABLE))
        unit.session.execute(insert(TABLE), [{"id": new_id(), "content": {"n": n}} for n in range(1100)])
    keys(tmp_path, NEW, OLD)
    assert encryption.rotate() == 1100
    keys(tmp_path, NEW)
    assert [content["n"] for content in contents() if isinstance(content, dict)] == list(range(1100))
    with db.transaction(writing=False) as unit:
        assert unit.session.execute(select(func.count()).select_from(TABLE)).scalar() == 1100
        assert unit.session.execute(text("SELECT count(*) FROM letters_of_a_test")).scalar() == 1100
