"""Tables of partners and of companies that could become one."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Date, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from kit import clock, db
from partners.values import Region, TrainingState


class Partner(db.WithId, db.Base):
    """A company that puts stations into service. Its people are those of its account.

    `trained_until` is the last day on which its training counts, set by the platform. `listed`: it wants to be found.
    """

    __tablename__ = "partners"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), unique=True)
    name: Mapped[str]
    email: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(default="")
    website: Mapped[str] = mapped_column(default="")
    street: Mapped[str] = mapped_column(default="")
    postcode: Mapped[str] = mapped_column(default="")
    city: Mapped[str] = mapped_column(default="")
    listed: Mapped[bool] = mapped_column(default=True)
    registered_at: Mapped[datetime]
    trained_until: Mapped[date | None] = mapped_column(Date)
    training_note: Mapped[str] = mapped_column(default="")
    training_noted_by: Mapped[str | None]
    training_noted_at: Mapped[datetime | None]

    @property
    def training(self) -> TrainingState:
        """Whether the training counts today."""
        if self.trained_until is None:
            return TrainingState.WAITING
        return TrainingState.TRAINED if self.trained_until >= clock.now().date() else TrainingState.LAPSED


class PartnerRegion(db.Base):
    """Where a partner works."""

    __tablename__ = "partner_regions"

    partner_id: Mapped[UUID] = mapped_column(ForeignKey("partners.id"), primary_key=True)
    region: Mapped[Region] = mapped_column(db.words(Region), primary_key=True, index=True)


class PartnerLanguage(db.Base):
    """Which language a partner speaks."""

    __tablename__ = "partner_languages"

    partner_id: Mapped[UUID] = mapped_column(ForeignKey("partners.id"), primary_key=True)
    language: Mapped[str] = mapped_column(primary_key=True, index=True)


class InstallerProposal(db.WithId, db.Base):
    """A company that an operator would like to work with, and that is no partner yet. `settled_at`: staff is done."""

    __tablename__ = "installer_proposals"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    name: Mapped[str]
    email: Mapped[str]
    note: Mapped[str] = mapped_column(default="")
    proposed_by: Mapped[str]
    proposed_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
