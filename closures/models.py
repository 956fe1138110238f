"""Tables of closures and of the copies that owners take with them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from closures.values import ClosureState, ExportState
from kit import db
from kit.audit import Audited


class Closure(db.WithId, Audited, db.Base):
    """An account on its way to be closed. From `due_at` on a job closes it; until then it can be undone.

    `name` is what the account was called. `people` are the ids of those who had a role in it, who are told.
    `kept_until`: what the law wants is erased then. `delayed_at`: its day had come, and something in it still went on.
    """

    __tablename__ = "account_closures"
    __table_args__ = (Index("ix_account_closures_due", "state", "due_at"),)

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    state: Mapped[ClosureState] = mapped_column(db.words(ClosureState), default=ClosureState.WAITING)
    name: Mapped[str]
    people: Mapped[list[Any]] = mapped_column(default=list)
    requested_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    requested_at: Mapped[datetime]
    due_at: Mapped[datetime]
    delayed_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    kept_until: Mapped[datetime | None]


class Export(db.WithId, Audited, db.Base):
    """A copy of everything in an account, as a ZIP file written by a job: `done` of `parts` so far.

    `touched_at` is when the job last said something. The file goes at `expires_at`.
    """

    __tablename__ = "account_exports"
    __table_args__ = (Index("ix_account_exports_state", "state", "touched_at"),)

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    state: Mapped[ExportState] = mapped_column(db.words(ExportState), default=ExportState.WAITING)
    requested_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    requested_at: Mapped[datetime]
    touched_at: Mapped[datetime]
    done: Mapped[int] = mapped_column(default=0)
    parts: Mapped[int] = mapped_column(default=0)
    file_key: Mapped[str | None]
    size_bytes: Mapped[int | None] = mapped_column(BigInteger)
    sha256: Mapped[str | None]
    ready_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]


class HandOut(db.WithId, Audited, db.Base):
    """Documents of a closed account that staff handed out, and why. Whoever has the link can fetch them until
    `expires_at`, unless it was withdrawn. `documents` are ids of receipts, credit notes and invoices for licences.
    """

    __tablename__ = "account_hand_outs"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    closure_id: Mapped[UUID] = mapped_column(ForeignKey("account_closures.id"), index=True)
    documents: Mapped[list[Any]]
    reason: Mapped[str]
    given_by: Mapped[str]
    given_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
