"""Tables of prices."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from kit import db
from kit.audit import Audited


class Tariff(db.WithId, Audited, db.Base):
    """One immutable version of a price: gross, per kWh, per minute, once. A new price is a new row.

    `person_price_id`: it is the price of a person or a group of tags, and the newest one counts. None: connectors sell
    at it (see `TariffAssignment`).
    """

    __tablename__ = "tariffs"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    currency: Mapped[str]
    energy_price: Mapped[Decimal]
    time_price: Mapped[Decimal]
    session_fee: Mapped[Decimal]
    vat_percent: Mapped[Decimal | None]
    person_price_id: Mapped[UUID | None] = mapped_column(ForeignKey("person_prices.id"), index=True)
    created_at: Mapped[datetime]

    @property
    def free(self) -> bool:
        """Whether nothing is ever due."""
        return not (self.energy_price or self.time_price or self.session_fee)


class TariffAssignment(db.WithId, Audited, db.Base):
    """From when on a connector sells at a tariff; None: at none any more. The newest row counts."""

    __tablename__ = "tariff_assignments"
    __table_args__ = (Index("ix_tariff_assignments_connector", "connector_id", "valid_from"),)

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    connector_id: Mapped[UUID] = mapped_column(ForeignKey("connectors.id"))
    tariff_id: Mapped[UUID | None] = mapped_column(ForeignKey("tariffs.id"))
    valid_from: Mapped[datetime]


class PersonPrice(db.WithId, Audited, db.Base):
    """Somebody charges at a price of his own: who, where, and from when to when. Its tariffs say at which.

    Who: a person, by a proved address (`email`) or a tag (`id_tag`), or all tags of a group (`tag_group`); what is
    empty names nobody. Where: a connector, else a station, else a group of stations; `station_id` is also that of the
    connector. Nothing is deleted: a session that is told late was at the price of its day.
    """

    __tablename__ = "person_prices"
    __table_args__ = (
        Index("ix_person_prices_email", "email"),
        Index("ix_person_prices_id_tag", "id_tag"),
        Index("ix_person_prices_tag_group", "tag_group"),
    )

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    connector_id: Mapped[UUID | None] = mapped_column(ForeignKey("connectors.id"))
    station_id: Mapped[UUID | None] = mapped_column(ForeignKey("stations.id"), index=True)
    group_id: Mapped[UUID | None] = mapped_column(ForeignKey("station_groups.id"))
    name: Mapped[str] = mapped_column(default="")
    email: Mapped[str] = mapped_column(default="")
    id_tag: Mapped[str] = mapped_column(default="")
    tag_group: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    link_wanted_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]

    @classmethod
    def station_scope(cls) -> Any:
        """For the gate: the station where it counts; a group of stations is a thing of the whole account."""
        return cls.station_id


class SessionTerms(db.Base):
    """The conditions of a session by tag, frozen at its start. Those of a paid one stand with its payment."""

    __tablename__ = "session_terms"

    session_id: Mapped[UUID] = mapped_column(ForeignKey("sessions.id"), primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    terms: Mapped[dict[str, Any]]
