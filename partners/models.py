"""Tables of partners, of their access to stations and their reports; and of companies that could become one."""

import hashlib
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Date, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from kit import clock, db
from kit.audit import Audited
from partners.values import CheckState, Region, TrainingState


class Partner(db.WithId, Audited, db.Base):
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


class InstallerProposal(db.WithId, Audited, db.Base):
    """A company that an operator would like to work with, and that is no partner yet. `settled_at`: staff is done."""

    __tablename__ = "installer_proposals"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    name: Mapped[str]
    email: Mapped[str]
    note: Mapped[str] = mapped_column(default="")
    proposed_by: Mapped[str]
    proposed_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]


class PartnerAssignment(db.WithId, Audited, db.Base):
    """Some stations of one account, given to a partner for a while: the invitation that its people accept, and the
    group of stations on which the role counts. What it gives is decided by the grant alone (`accounts`).
    """

    __tablename__ = "partner_assignments"

    partner_id: Mapped[UUID] = mapped_column(ForeignKey("partners.id"), index=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    invitation_id: Mapped[UUID] = mapped_column(ForeignKey("invitations.id"), unique=True)
    group_id: Mapped[UUID] = mapped_column(ForeignKey("station_groups.id"), unique=True)
    note: Mapped[str] = mapped_column(default="")
    invited_by: Mapped[str]
    invited_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    dissolved_at: Mapped[datetime | None]


class CommissioningReport(db.WithId, Audited, db.Base):
    """What was checked when a station was put into service, as it was when the partner signed. Never changed: no door
    writes it again, and `sha256` of the snapshot shows if somebody else did.
    """

    __tablename__ = "commissioning_reports"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    station_id: Mapped[UUID] = mapped_column(ForeignKey("stations.id"), index=True)
    partner_id: Mapped[UUID] = mapped_column(ForeignKey("partners.id"), index=True)
    signed_by: Mapped[str]
    signed_at: Mapped[datetime]
    snapshot: Mapped[dict[str, Any]]
    sha256: Mapped[str]

    @property
    def passed(self) -> bool:
        """Whether every check was passed when it was signed."""
        return all(one["state"] == CheckState.PASSED.value for one in self.snapshot["checks"])

    @property
    def intact(self) -> bool:
        """Whether the snapshot is still what was signed."""
        return digest(self.snapshot) == self.sha256


def digest(snapshot: dict[str, Any]) -> str:
    """The mark of a snapshot, whatever the order in which a database keeps its keys."""
    return hashlib.sha256(orjson.dumps(snapshot, option=orjson.OPT_SORT_KEYS)).hexdigest()
