"""Tables of documents and the ledger. Issued rows never change: correct by adding."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from billing.values import (
    DocumentKind,
    LedgerAccount,
)
from charging.models import ChargingSession
from kit import db


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
