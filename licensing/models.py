"""Tables of subscriptions and their places, prices, gifts and the platform's own invoices."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from kit import db
from kit.audit import Audited
from licensing.values import (
    BankDoubt,
    BankState,
    CardState,
    Interval,
    InvoiceKind,
    PaidBy,
    StoredCardState,
    SubscriptionState,
)

_OPEN = text("ended_at IS NULL")
_UNPAID = text("paid_at IS NULL")
_STORED = text("state = 'stored'")


class Subscription(db.WithId, Audited, db.Base):
    """What an account subscribed to: at most one that has not ended. It stays with the account, whoever owns it.

    `price_minor` is what a station costs for one `interval`, VAT included, frozen until the interval changes.
    `next_interval` holds from the next period on. `cancelled_at`: it ends with its period. `anchor_day` is the day of
    the month on which periods begin. `chosen_at`: when it was bought during its trial; without it the trial just ends.
    """

    __tablename__ = "licence_subscriptions"
    __table_args__ = (
        Index("uq_licence_subscriptions_open", "account_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_licence_subscriptions_due", "state", "period_ends_at"),
    )

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    plan: Mapped[str]
    state: Mapped[SubscriptionState] = mapped_column(db.words(SubscriptionState))
    interval: Mapped[Interval] = mapped_column(db.words(Interval))
    next_interval: Mapped[Interval | None] = mapped_column(db.words(Interval))
    currency: Mapped[str]
    price_minor: Mapped[int]
    anchor_day: Mapped[int]
    begun_at: Mapped[datetime]
    period_begins_at: Mapped[datetime]
    period_ends_at: Mapped[datetime]
    warned_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class Place(db.WithId, Audited, db.Base):
    """A licence for one station. It belongs to the subscription: another station can take it over, also a new one.

    `station_id` None: nobody uses it. `leaves_at`: it is not renewed then.
    """

    __tablename__ = "licence_places"
    __table_args__ = (
        Index("uq_licence_places_station", "station_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
    )

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    subscription_id: Mapped[UUID] = mapped_column(ForeignKey("licence_subscriptions.id"), index=True)
    station_id: Mapped[UUID | None]
    added_at: Mapped[datetime]
    leaves_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class PlanPrice(db.WithId, Audited, db.Base):
    """A price that staff set in place of the shipped one, for subscriptions and changes from then on."""

    __tablename__ = "licence_prices"
    __table_args__ = (Index("ix_licence_prices_plan", "plan", "currency", "interval"),)

    plan: Mapped[str]
    currency: Mapped[str]
    interval: Mapped[Interval] = mapped_column(db.words(Interval))
    gross_minor: Mapped[int]
    set_by: Mapped[str]
    set_at: Mapped[datetime]


class Gift(db.WithId, Audited, db.Base):
    """A plan for a whole account with all below it, for nothing, given by the staff of the platform with a reason."""

    __tablename__ = "licence_gifts"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    plan: Mapped[str]
    reason: Mapped[str]
    given_by: Mapped[str]
    given_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class InvoiceSeries(db.Base):
    """The last number given out; the row is locked while the next is taken."""

    __tablename__ = "platform_invoice_series"

    kind: Mapped[InvoiceKind] = mapped_column(db.words(InvoiceKind), primary_key=True)
    last: Mapped[int]


class Invoice(db.WithId, db.Base):
    """What the platform sent to an operator; the snapshot is all that the PDF is made of. Never changed but for how it
    was settled. `business_key` makes it once. `reminders` counts those that went out.
    """

    __tablename__ = "platform_invoices"
    __table_args__ = (
        UniqueConstraint("kind", "number"),
        Index("ix_platform_invoices_unpaid", "due_at", sqlite_where=_UNPAID, postgresql_where=_UNPAID),
    )

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    subscription_id: Mapped[UUID | None] = mapped_column(ForeignKey("licence_subscriptions.id"), index=True)
    corrects_id: Mapped[UUID | None] = mapped_column(ForeignKey("platform_invoices.id"))
    kind: Mapped[InvoiceKind] = mapped_column(db.words(InvoiceKind))
    number: Mapped[int]
    reference: Mapped[str]
    business_key: Mapped[str] = mapped_column(unique=True)
    currency: Mapped[str]
    gross_minor: Mapped[int]
    snapshot: Mapped[dict[str, Any]]
    issued_at: Mapped[datetime]
    due_at: Mapped[datetime]
    paid_at: Mapped[datetime | None]
    paid_by: Mapped[PaidBy | None] = mapped_column(db.words(PaidBy))
    reminders: Mapped[int] = mapped_column(default=0)


class BankBooking(db.WithId, Audited, db.Base):
    """Money on the platform's bank account, as the bank told it; `key` makes it once.

    `invoice_id` is the invoice that its reference names, or that staff settled with it. `note` is what staff said.
    """

    __tablename__ = "platform_bank_bookings"

    key: Mapped[str] = mapped_column(unique=True)
    entry_key: Mapped[str] = mapped_column(index=True)
    in_detail: Mapped[bool]
    account: Mapped[str]
    amount_minor: Mapped[int]
    currency: Mapped[str]
    reference: Mapped[str]
    text: Mapped[str]
    debtor: Mapped[str]
    booked_on: Mapped[date]
    state: Mapped[BankState] = mapped_column(db.words(BankState), index=True)
    doubt: Mapped[BankDoubt | None] = mapped_column(db.words(BankDoubt))
    invoice_id: Mapped[UUID | None] = mapped_column(ForeignKey("platform_invoices.id"))
    read_by: Mapped[str]
    read_at: Mapped[datetime]
    note: Mapped[str] = mapped_column(default="")
    looked_by: Mapped[str] = mapped_column(default="")
    looked_at: Mapped[datetime | None]


class LicenceCard(db.WithId, Audited, db.Base):
    """A card that an account's invoices are paid with by themselves; the provider has its number, we never do.

    `card` is what its owner knows it by. `failure`: why it was refused last, at `failed_at`; empty: it was not.
    `forgotten_at`: when the provider was told to forget it.
    """

    __tablename__ = "licence_cards"
    __table_args__ = (
        Index("uq_licence_cards_stored", "account_id", unique=True, sqlite_where=_STORED, postgresql_where=_STORED),
    )

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    state: Mapped[StoredCardState] = mapped_column(db.words(StoredCardState), index=True)
    provider: Mapped[str]
    checkout_ref: Mapped[str | None]
    customer_ref: Mapped[str] = mapped_column(default="")
    card_ref: Mapped[str] = mapped_column(default="")
    card: Mapped[str] = mapped_column(default="")
    opened_at: Mapped[datetime]
    stored_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    forgotten_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    failure: Mapped[str] = mapped_column(default="")


class CardPayment(db.WithId, db.Base):
    """An invoice being paid by card: on the payment provider's page, or with the stored card `card_id`; then `asked_at`
    is when the provider was first asked for the money.
    """

    __tablename__ = "platform_card_payments"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    invoice_id: Mapped[UUID] = mapped_column(ForeignKey("platform_invoices.id"), index=True)
    state: Mapped[CardState] = mapped_column(db.words(CardState), index=True)
    card_id: Mapped[UUID | None] = mapped_column(ForeignKey("licence_cards.id"))
    provider: Mapped[str]
    checkout_ref: Mapped[str | None]
    hold_ref: Mapped[str | None]
    opened_at: Mapped[datetime]
    asked_at: Mapped[datetime | None]
