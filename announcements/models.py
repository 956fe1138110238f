"""Tables of announcements."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from announcements.values import Audience, Severity
from kit import db


class Announcement(db.WithId, db.Base):
    """Words of the platform's staff for operators, by language; shown from `begins_at` to `ends_at`."""

    __tablename__ = "announcements"

    texts: Mapped[dict[str, Any]]
    link: Mapped[str]
    severity: Mapped[Severity] = mapped_column(db.words(Severity))
    audience: Mapped[Audience] = mapped_column(db.words(Audience))
    plan: Mapped[str]
    begins_at: Mapped[datetime]
    ends_at: Mapped[datetime] = mapped_column(index=True)
    written_by: Mapped[str]
    written_at: Mapped[datetime]


class AnnouncementAccount(db.Base):
    """An account that an announcement was chosen for, with all below it."""

    __tablename__ = "announcement_accounts"

    announcement_id: Mapped[UUID] = mapped_column(ForeignKey("announcements.id"), primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), primary_key=True, index=True)


class PutAway(db.Base):
    """A person does not want to see an announcement any more."""

    __tablename__ = "announcements_put_away"

    announcement_id: Mapped[UUID] = mapped_column(ForeignKey("announcements.id"), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)
