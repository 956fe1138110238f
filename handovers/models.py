"""The table of hand-overs."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from handovers.values import HandOverState
from kit import db
from kit.audit import Audited


class HandOver(db.WithId, Audited, db.Base):
    """A property on its way from one owner to another.

    `email` and `name` are those of the new owner, `user_id` is the login that agreed. `due_at`: not before; None: as
    soon as both have agreed. `archive_id` is the account in which the old owner finds his own period. `protocol` is
    what went along and what ended, written down when it happened; the PDF is drawn from it.
    """

    __tablename__ = "hand_overs"
    __table_args__ = (Index("ix_hand_overs_due", "state", "due_at"),)

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    archive_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"), index=True)
    state: Mapped[HandOverState] = mapped_column(db.words(HandOverState), default=HandOverState.REQUESTED)
    email: Mapped[str]
    name: Mapped[str]
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    requested_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    requested_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]
    old_agreed_at: Mapped[datetime | None]
    new_agreed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]
    protocol: Mapped[dict[str, Any] | None]
