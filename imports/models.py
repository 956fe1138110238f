"""Tables of imports."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from imports.values import ImportState, Outcome, Source, What
from kit import db
from kit.audit import Audited


class Import(db.WithId, Audited, db.Base):
    """A file that somebody brought, what becomes of it, and what came of it."""

    __tablename__ = "imports"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    what: Mapped[What] = mapped_column(db.words(What))
    source: Mapped[Source] = mapped_column(db.words(Source))
    file_name: Mapped[str]
    state: Mapped[ImportState] = mapped_column(db.words(ImportState), default=ImportState.PREVIEW)
    brought_by: Mapped[str]
    brought_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]


class ImportRow(db.WithId, db.Base):
    """A row of the file. `key` names the thing that it is about: rows with the same key are made together.

    `thing_id` is the station, tag or session that was made; `external_id` what the other platform calls it.
    """

    __tablename__ = "import_rows"
    __table_args__ = (
        Index("ix_import_rows_import_outcome", "import_id", "outcome", "number"),
        Index("ix_import_rows_external_id", "external_id"),
    )

    import_id: Mapped[UUID] = mapped_column(ForeignKey("imports.id"))
    number: Mapped[int]
    what: Mapped[What] = mapped_column(db.words(What))
    facts: Mapped[dict[str, Any]]
    outcome: Mapped[Outcome] = mapped_column(db.words(Outcome))
    key: Mapped[str]
    field: Mapped[str]
    code: Mapped[str]
    external_id: Mapped[str] = mapped_column(default="")
    thing_id: Mapped[UUID | None]


class ImportedSession(db.WithId, db.Base):
    """What another platform knew of a session and this one has no place for: who charged, and what it cost there."""

    __tablename__ = "imported_sessions"

    session_id: Mapped[UUID] = mapped_column(ForeignKey("sessions.id"), unique=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    driver: Mapped[str]
    costs_minor: Mapped[int | None]
    currency: Mapped[str]
