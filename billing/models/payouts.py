"""Tables of operators who are paid: their account at the provider, how far they are verified."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from billing.values import (
    LegalChangeState,
    LegalKind,
)
from kit import db
from kit.audit import Audited
from kit.encryption import EncryptedJson


class PayoutProfile(Audited, db.Base):
    """An operator's account at the payment provider, where the drivers' money goes, and how far he is verified.

    `charges_enabled` and the fields down to `bank_end` are what the provider said last. `connected_at`: when an
    account was first opened there; from then on this one is paid for itself, never through an account above. `due_at`:
    until when the operator has time for what is missing; `restricted_at`: since when that is over, or the provider
    refuses.
    `payouts_held_at`: since when the provider keeps the income on our word (`billing.payout_brake`), None: it pays out;
    `payout_schedule`: when it does, in its own words.
    `attempt`: how often the verification began; part of the provider's key. `bank_account` holds the IBAN.
    `hold_minor` is what is reserved on a driver's card before a session.
    """

    __tablename__ = "payout_profiles"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    provider: Mapped[str]
    provider_account: Mapped[str | None]
    charges_enabled: Mapped[bool] = mapped_column(default=False)
    payouts_enabled: Mapped[bool] = mapped_column(default=False)
    submitted: Mapped[bool] = mapped_column(default=False)
    requirements: Mapped[list[Any]] = mapped_column(default=list)
    bank_end: Mapped[str] = mapped_column(default="")
    legal_kind: Mapped[LegalKind | None] = mapped_column(db.words(LegalKind))
    bank_account: Mapped[dict[str, Any] | None] = mapped_column(EncryptedJson)
    connected_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None] = mapped_column(index=True)
    restricted_at: Mapped[datetime | None]
    payouts_held_at: Mapped[datetime | None]
    payout_schedule: Mapped[dict[str, Any]] = mapped_column(default=dict)
    attempt: Mapped[int] = mapped_column(default=1)
    hold_minor: Mapped[int] = mapped_column(default=6000)

    def begin_again(self, provider: str) -> None:
        """Forget what a provider knew and said of the operator; the next account there is a new one."""
        self.provider, self.provider_account = provider, None
        self.charges_enabled = self.payouts_enabled = self.submitted = False
        self.requirements, self.bank_end, self.bank_account = [], "", None
        self.payouts_held_at, self.payout_schedule = None, {}
        self.restricted_at, self.attempt = None, self.attempt + 1


class FormerPayee(db.WithId, db.Base):
    """An account at the provider that an operator left while his payouts were held there: he closed his account here,
    handed it over, or is verified anew. Nothing is held of it any more; what is, is let go.

    `ready`: the provider would pay him. `released_at`, `released_by`: when staff let it go all the same, and who.
    """

    __tablename__ = "former_payees"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    provider: Mapped[str]
    provider_account: Mapped[str] = mapped_column(index=True)
    ready: Mapped[bool]
    payouts_held_at: Mapped[datetime | None]
    payout_schedule: Mapped[dict[str, Any]]
    left_at: Mapped[datetime]
    released_at: Mapped[datetime | None]
    released_by: Mapped[str] = mapped_column(default="")


class LegalChange(db.WithId, Audited, db.Base):
    """An operator's wish to be a company instead of a private person, or the other way round; staff decide.

    `before` and `wanted` are the legal data by field. `asked_by` and `decided_by` are references of actors.
    """

    __tablename__ = "legal_changes"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    state: Mapped[LegalChangeState] = mapped_column(db.words(LegalChangeState), index=True)
    legal_kind: Mapped[LegalKind] = mapped_column(db.words(LegalKind))
    before: Mapped[dict[str, Any]]
    wanted: Mapped[dict[str, Any]]
    reason: Mapped[str]
    asked_by: Mapped[str]
    asked_at: Mapped[datetime]
    answer: Mapped[str] = mapped_column(default="")
    decided_by: Mapped[str] = mapped_column(default="")
    decided_at: Mapped[datetime | None]
