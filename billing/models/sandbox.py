"""The sandbox provider's own tables."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from billing.values import (
    HoldState,
)
from kit import db


class SandboxAccount(db.Base):
    """The sandbox provider's own table: an operator's account with it."""

    __tablename__ = "sandbox_accounts"

    ref: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    return_url: Mapped[str] = mapped_column(default="")
    charges_enabled: Mapped[bool] = mapped_column(default=False)
    submitted: Mapped[bool] = mapped_column(default=False)
    refused: Mapped[bool] = mapped_column(default=False)
    requirements: Mapped[list[Any]] = mapped_column(default=list)
    bank_end: Mapped[str] = mapped_column(default="")
    payouts_held: Mapped[bool] = mapped_column(default=True)


class SandboxHold(db.WithId, db.Base):
    """The sandbox provider's own table: a checkout and the money reserved through it."""

    __tablename__ = "sandbox_holds"

    checkout_ref: Mapped[str] = mapped_column(unique=True)
    hold_ref: Mapped[str | None] = mapped_column(unique=True)
    payment_id: Mapped[UUID]
    account_ref: Mapped[str]
    amount_minor: Mapped[int]
    currency: Mapped[str]
    description: Mapped[str]
    language: Mapped[str]
    return_url: Mapped[str]
    cancel_url: Mapped[str]
    expires_at: Mapped[datetime]
    state: Mapped[HoldState] = mapped_column(db.words(HoldState), default=HoldState.OPEN)
    card: Mapped[str] = mapped_column(default="")
    trick: Mapped[str] = mapped_column(default="")
    decline: Mapped[str | None]
    ends_at: Mapped[datetime | None]
    captured_minor: Mapped[int] = mapped_column(default=0)
    fee_minor: Mapped[int] = mapped_column(default=0)
    refunded_minor: Mapped[int] = mapped_column(default=0)
    available_at: Mapped[datetime | None]


class SandboxCall(db.Base):
    """The sandbox provider's own table: the answer to a call, given again when its key comes again."""

    __tablename__ = "sandbox_calls"

    key: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[str]
    answer: Mapped[dict[str, Any]]


class SandboxNotice(db.WithId, db.Base):
    """The sandbox provider's own table: a webhook to be delivered, `copies` times, from `due_at` on."""

    __tablename__ = "sandbox_notices"
    __table_args__ = (Index("ix_sandbox_notices_due", "delivered_at", "due_at"),)

    kind: Mapped[str]
    object_ref: Mapped[str]
    payment_id: Mapped[UUID | None]
    account_ref: Mapped[str | None]
    copies: Mapped[int] = mapped_column(default=1)
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    delivered_at: Mapped[datetime | None]
