"""Tables of prices."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from kit import db
from kit.audit import Audited


class Tariff(db.WithId, Audited, db.Base):
    """One immutable version of a price: gross, per kWh, per minute, once. A new price is a new row."""

    __tablename__ = "tariffs"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    currency: Mapped[str]
    energy_price: Mapped[Decimal]
    time_price: Mapped[Decimal]
    session_fee: Mapped[Decimal]
    vat_percent: Mapped[Decimal | None]
    created_at: Mapped[datetime]


class TariffAssignment(db.WithId, Audited, db.Base):
    """From when on a connector sells at a tariff; None: at none any more. The newest row counts."""

    __tablename__ = "tariff_assignments"
    __table_args__ = (Index("ix_tariff_assignments_connector", "connector_id", "valid_from"),)

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    connector_id: Mapped[UUID] = mapped_column(ForeignKey("connectors.id"))
    tariff_id: Mapped[UUID | None] = mapped_column(ForeignKey("tariffs.id"))
    valid_from: Mapped[datetime]
