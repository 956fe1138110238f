"""Whose audit lines are after a hand-over."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from kit import db


class AuditPeriod(db.Base):
    """Audit lines of an account after `since` and until `until` are for `reader_id`, the account of whoever owned it
    then, and not for the account itself. They stay in its sealed chain.
    """

    __tablename__ = "audit_periods"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    until: Mapped[datetime] = mapped_column(primary_key=True)
    since: Mapped[datetime]
    reader_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
