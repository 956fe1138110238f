"""Loose files: kept, but belonging to no row yet or any more. Noted first, so that nothing is ever kept unnoticed."""

from datetime import datetime, timedelta

import structlog
from sqlalchemy import delete, select
from sqlalchemy.orm import Mapped, mapped_column

from kit import clock, db
from kit.errors import Unavailable
from kit.files.stores import FileGone, store

log = structlog.get_logger()
TIME_TO_TAKE = timedelta(days=1)
MOST_AT_ONCE = 500


class LooseFile(db.Base):
    """A file that is removed at `due_at` unless a row takes it."""

    __tablename__ = "loose_files"

    key: Mapped[str] = mapped_column(primary_key=True)
    due_at: Mapped[datetime] = mapped_column(index=True)


def note(key: str) -> None:
    """A file is about to be kept under this key. Opens a transaction of its own."""
    with db.transaction(writing=True) as unit:
        unit.session.add(LooseFile(key=key, due_at=clock.now() + TIME_TO_TAKE))


def take(key: str) -> None:
    """Within a door: the file belongs to a row from now on. Raises FileGone where it was removed meanwhile."""
    found = db.session().get(LooseFile, key, with_for_update=True)
    if found is None or found.due_at <= clock.now():
        raise FileGone()
    db.session().delete(found)


def let_go(key: str) -> None:
    """Within a door: the file belongs to no row any more."""
    db.session().add(LooseFile(key=key, due_at=clock.now()))


def drop(key: str) -> None:
    """Remove a file that was received and that no door took. Opens a transaction of its own."""
    store().remove(key)
    _forget(key)


def remove_loose() -> int:
    """Remove every file whose time has come; how many there were. A store out of reach is asked again next time."""
    due = select(LooseFile.key).where(LooseFile.due_at <= clock.now()).order_by(LooseFile.due_at).limit(MOST_AT_ONCE)
    with db.transaction(writing=False) as unit:
        keys = unit.session.scalars(due).all()
    for done, key in enumerate(keys):
        try:
            drop(key)
        except Unavailable:
            log.warning("files.not_removed", left=len(keys) - done)
            return done
    return len(keys)


def _forget(key: str) -> None:
    with db.transaction(writing=True) as unit:
        unit.session.execute(delete(LooseFile).where(LooseFile.key == key))
