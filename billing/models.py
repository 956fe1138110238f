"""Tables of tariffs, payments, charges, documents and the ledger. Issued rows never change: correct by adding."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, select, text
from sqlalchemy.orm import Mapped, mapped_column

from billing.values import DocumentKind, HoldState, LedgerAccount, PaymentState, RefundState
from charging.models import ChargingSession
from kit import clock, db
from stations.models import Connector


class Tariff(db.WithId, db.Base):
    """One immutable version of a price: gross, per kWh, per minute, once. A new price is a new row."""

    __tablename__ = "tariffs"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    currency: Mapped[str]
    energy_price: Mapped[Decimal]
    time_price: Mapped[Decimal]
    session_fee: Mapped[Decimal]
    vat_percent: Mapped[Decimal | None]
    created_at: Mapped[datetime]


class TariffAssignment(db.WithId, db.Base):
    """From when on a connector sells at a tariff. The newest row counts; earlier ones are history."""

    __tablename__ = "tariff_assignments"
    __table_args__ = (Index("ix_tariff_assignments_connector", "connector_id", "valid_from"),)

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    connector_id: Mapped[UUID] = mapped_column(ForeignKey("connectors.id"))
    tariff_id: Mapped[UUID] = mapped_column(ForeignKey("tariffs.id"))
    valid_from: Mapped[datetime]


class PayoutProfile(db.Base):
    """An operator's account at the payment provider, where the drivers' money goes. Without it no paid start.

    `hold_minor` is what is reserved on a driver's card before a session.
    """

    __tablename__ = "payout_profiles"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    provider: Mapped[str]
    provider_account: Mapped[str | None]
    charges_enabled: Mapped[bool] = mapped_column(default=False)
    hold_minor: Mapped[int] = mapped_column(default=6000)


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


class NumberSeries(db.Base):
    """The last number given out per operator and kind of document; the row is locked while the next is taken."""

    __tablename__ = "number_series"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    kind: Mapped[DocumentKind] = mapped_column(db.words(DocumentKind), primary_key=True)
    last: Mapped[int]


class Document(db.WithId, db.Base):
    """An issued receipt or credit note: the snapshot is all that the PDF is made of.

    `series_account_id` counted its number: the account itself, or the one above that is the same legal person.
    `seller_name` is who it was issued by. `sha256` and `versions` are those of the first rendering, set once.
    """

    __tablename__ = "documents"
    __table_args__ = (
        UniqueConstraint("series_account_id", "kind", "number"),
        UniqueConstraint("payment_id", "kind", "business_key"),
        Index("ix_documents_account_issued", "account_id", "issued_at"),
        Index("ix_documents_seller_number", "seller_name", "kind", "number"),
    )

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    series_account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    seller_name: Mapped[str]
    kind: Mapped[DocumentKind] = mapped_column(db.words(DocumentKind))
    number: Mapped[int]
    business_key: Mapped[str]
    session_id: Mapped[UUID | None] = mapped_column(ForeignKey("sessions.id"), index=True)
    payment_id: Mapped[UUID | None] = mapped_column(ForeignKey("payments.id"))
    corrects_id: Mapped[UUID | None] = mapped_column(ForeignKey("documents.id"))
    language: Mapped[str]
    currency: Mapped[str]
    gross_minor: Mapped[int]
    snapshot: Mapped[dict[str, Any]]
    issued_at: Mapped[datetime]
    sha256: Mapped[str | None]
    versions: Mapped[dict[str, Any] | None]

    @classmethod
    def station_scope(cls) -> Any:
        """For the gate: the station at which the session was."""
        return select(ChargingSession.station_id).where(ChargingSession.id == cls.session_id).scalar_subquery()


class LedgerEntry(db.WithId, db.Base):
    """One booking in an operator's books; its postings add up to zero. `business_key` makes it happen once."""

    __tablename__ = "ledger_entries"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    business_key: Mapped[str] = mapped_column(unique=True)
    currency: Mapped[str]
    booked_at: Mapped[datetime]
    payment_id: Mapped[UUID | None] = mapped_column(ForeignKey("payments.id"), index=True)


class LedgerPosting(db.WithId, db.Base):
    """One side of a booking: debit positive, credit negative, minor units."""

    __tablename__ = "ledger_postings"
    __table_args__ = (Index("ix_ledger_postings_sum", "account_id", "ledger_account", "currency"),)

    entry_id: Mapped[UUID] = mapped_column(ForeignKey("ledger_entries.id"), index=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    ledger_account: Mapped[LedgerAccount] = mapped_column(db.words(LedgerAccount))
    currency: Mapped[str]
    amount_minor: Mapped[int]


class SandboxAccount(db.Base):
    """The sandbox provider's own table: an operator's account with it."""

    __tablename__ = "sandbox_accounts"

    ref: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    return_url: Mapped[str] = mapped_column(default="")
    charges_enabled: Mapped[bool] = mapped_column(default=False)


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
