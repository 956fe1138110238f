"""Whether a database has the shape that this version of the program expects."""

from pathlib import Path

import structlog
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import create_engine
from sqlalchemy.exc import OperationalError

from kit import db

log = structlog.get_logger()


def is_behind(url: str) -> bool:
    """Whether a migration is missing, so that nothing may run on it yet.

    A newer shape is let through: where several processes run, the first of the next version migrates. So is a database
    that can't be asked; it may come back.
    """
    if url.startswith("sqlite:///") and not Path(url.removeprefix("sqlite:///")).exists():
        return True
    try:
        revision = revision_of(url)
    except OperationalError as error:
        log.warning("shape.not_asked", error=str(error.orig))
        return False
    if revision is not None and not is_known(revision):
        log.warning("shape.newer", revision=revision)
        return False
    return revision != _revisions().get_current_head()


def revision_of(url: str) -> str | None:
    """The newest migration that a database has seen; None: not one."""
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    finally:
        engine.dispose()


def is_known(revision: str) -> bool:
    """Whether this version has a migration; it lacks those of newer ones."""
    try:
        return _revisions().get_revision(revision) is not None
    except CommandError:
        return False


def _revisions() -> ScriptDirectory:
    return ScriptDirectory.from_config(db.alembic_config(""))
