"""Tables of drivers' payments and what they are for."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, select, text
from sqlalchemy.orm import Mapped, mapped_column

from billing.values import (
    PaymentState,
    RefundState,
)
from charging.models import ChargingSession
from kit import clock, db
from stations.models import Connector

_TO_MOVE = text("moved_at IS NULL AND available_at IS NOT NULL")


class Payment(db.WithId, db.Base):
    """A driver's payment for one session at one connector: from the hold to the capture or the release.

    `terms` are the frozen conditions he saw. `provider_ref` is the provider's id of the hold, `checkout_url` where he
    enters his card. `link_key` is the unguessable part of his permanent link. Amounts in minor units of `currency`:
    `capture_minor` and `fee_minor` are fixed before the provider is asked, `captured_minor` is what it took.
    `moved_at`: when the books showed it as available. `tried_at`: when a step failed last. `attempt` is part of the
    provider's keys, so that a step that was refused is really asked for again.
    """

    __tablename__ = "payments"
    __table_args__ = (
        Index("ix_payments_connector_state", "connector_id", "state"),
        Index("ix_payments_to_move", "available_at", sqlite_where=_TO_MOVE, postgresql_where=_TO_MOVE),
    )

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    connector_id: Mapped[UUID] = mapped_column(ForeignKey("connectors.id"))
    authorisation_id: Mapped[UUID | None] = mapped_column(ForeignKey("authorisations.id"), unique=True)
    session_id: Mapped[UUID | None] = mapped_column(ForeignKey("sessions.id"), unique=True)
    state: Mapped[PaymentState] = mapped_column(db.words(PaymentState), index=True)
    terms: Mapped[dict[str, Any]]
    terms_version: Mapped[str]
    provider: Mapped[str]
    provider_account: Mapped[str]
    provider_ref: Mapped[str | None] = mapped_column(unique=True)
    checkout_ref: Mapped[str | None] = mapped_column(unique=True)
    checkout_url: Mapped[str | None]
    card: Mapped[str] = mapped_column(default="")
    email: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(default="de")
    link_key: Mapped[str] = mapped_column(unique=True)
    currency: Mapped[str]
    hold_minor: Mapped[int]
    capture_minor: Mapped[int | None]
    captured_minor: Mapped[int | None]
    fee_minor: Mapped[int | None]
    refunded_minor: Mapped[int] = mapped_column(default=0)
    fee_returned_minor: Mapped[int] = mapped_column(default=0)
    failure: Mapped[str | None]
    created_at: Mapped[datetime]
    state_at: Mapped[datetime]
    held_at: Mapped[datetime | None]
    hold_ends_at: Mapped[datetime | None]
    stop_asked_at: Mapped[datetime | None]
    stop_failure: Mapped[str | None]
    settled_at: Mapped[datetime | None]
    available_at: Mapped[datetime | None]
    moved_at: Mapped[datetime | None]
    tried_at: Mapped[datetime | None]
    attempt: Mapped[int] = mapped_column(default=1)

    @classmethod
    def station_scope(cls) -> Any:
        """For the gate: the station at which the payment was made."""
        return select(Connector.station_id).where(Connector.id == cls.connector_id).scalar_subquery()

    def become(self, state: PaymentState, failure: str | None = None) -> None:
        """Take the next step; one that contradicts the present state is a mistake in the program."""
        assert state in STEPS[self.state], f"{self.state} can't become {state}"
        self.state = state
        self.state_at, self.tried_at = clock.now(), None
        if failure is not None:
            self.failure = failure


STEPS = {
    PaymentState.OPENING: {
        PaymentState.WAITING,
        PaymentState.HELD,
        PaymentState.RELEASING,
        PaymentState.ABANDONED,
        PaymentState.FAILED,
    },
    PaymentState.WAITING: {
        PaymentState.HELD,
        PaymentState.RELEASING,
        PaymentState.DECLINED,
        PaymentState.ABANDONED,
    },
    PaymentState.HELD: {PaymentState.CAPTURING, PaymentState.RELEASING, PaymentState.FAILED},
    PaymentState.CAPTURING: {PaymentState.CAPTURED, PaymentState.FAILED},
    PaymentState.RELEASING: {PaymentState.RELEASED, PaymentState.FAILED},
    PaymentState.DECLINED: {PaymentState.RELEASING},
    PaymentState.ABANDONED: {PaymentState.RELEASING},
    PaymentState.CAPTURED: set[PaymentState](),
    PaymentState.RELEASED: set[PaymentState](),
    PaymentState.FAILED: {PaymentState.CAPTURING, PaymentState.RELEASING},
}


class Refund(db.WithId, db.Base):
    """Money given back after the capture. `request_key` makes a request that is sent twice happen once."""

    __tablename__ = "refunds"
    __table_args__ = (UniqueConstraint("payment_id", "request_key"),)

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    payment_id: Mapped[UUID] = mapped_column(ForeignKey("payments.id"))
    request_key: Mapped[str]
    state: Mapped[RefundState] = mapped_column(db.words(RefundState), default=RefundState.REQUESTED, index=True)
    amount_minor: Mapped[int]
    fee_returned_minor: Mapped[int | None]
    provider_ref: Mapped[str | None]
    document_id: Mapped[UUID | None] = mapped_column(ForeignKey("documents.id"))
    failure: Mapped[str | None]
    requested_at: Mapped[datetime]
    tried_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]


class SentLetter(db.Base):
    """A mail that went out, so that a reaction which runs again sends it no second time."""

    __tablename__ = "sent_letters"

    business_key: Mapped[str] = mapped_column(primary_key=True)
    sent_at: Mapped[datetime]


class ProviderEvent(db.Base):
    """A webhook that arrived, by the provider's own id: the second copy changes nothing."""

    __tablename__ = "provider_events"

    provider: Mapped[str] = mapped_column(primary_key=True)
    event_ref: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    object_ref: Mapped[str]
    payment_id: Mapped[UUID | None]
    account_ref: Mapped[str | None]
    arrived_at: Mapped[datetime]


class Charge(db.WithId, db.Base):
    """What one session costs, priced once. Lines add up to `gross_minor`; net + VAT = gross."""

    __tablename__ = "charges"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    session_id: Mapped[UUID] = mapped_column(ForeignKey("sessions.id"), unique=True)
    payment_id: Mapped[UUID | None] = mapped_column(ForeignKey("payments.id"), unique=True)
    currency: Mapped[str]
    lines: Mapped[list[Any]]
    net_minor: Mapped[int]
    vat_minor: Mapped[int]
    gross_minor: Mapped[int]
    vat_percent: Mapped[Decimal | None]
    priced_at: Mapped[datetime]

    @classmethod
    def station_scope(cls) -> Any:
        """For the gate: the station at which the session was."""
        return select(ChargingSession.station_id).where(ChargingSession.id == cls.session_id).scalar_subquery()
