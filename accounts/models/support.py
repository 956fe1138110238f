"""Tables of support: what the people who run the platform may see of an account, and for how long."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, false
from sqlalchemy.orm import Mapped, mapped_column

from accounts.values import VISIT_WAITS, SupportState
from kit import clock, db
from kit.audit import Audited


class SupportVisit(db.WithId, Audited, db.Base):
    """Somebody of the platform asks to see an account as support does. Nothing counts before somebody there agrees.

    `asked_by` alone comes; `with_import`: and may bring things of another platform along for the account. The `hours`
    begin with the consent, which sets `ends_at`; either side may end it before.
    """

    __tablename__ = "support_visits"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    asked_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"), index=True)
    reason: Mapped[str]
    hours: Mapped[int]
    with_import: Mapped[bool] = mapped_column(default=False, server_default=false())
    asked_at: Mapped[datetime]
    answered_by: Mapped[str | None]
    answered_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]
    ended_at: Mapped[datetime | None]

    @property
    def state(self) -> SupportState:
        """Where it stands now."""
        now = clock.now()
        if self.answered_at is not None and self.ends_at is None:
            return SupportState.DECLINED
        last = self.asked_at + VISIT_WAITS if self.ends_at is None else self.ends_at
        if self.ended_at is not None or last <= now:
            return SupportState.OVER
        return SupportState.WAITING if self.ends_at is None else SupportState.OPEN
