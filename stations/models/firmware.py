"""Tables of firmware: what there is, and campaigns that bring it to many stations."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from accounts.values import AccountId
from kit import db
from kit.audit import Audited
from kit.ids import new_id
from stations.values import (
    CampaignId,
    CampaignState,
    CampaignStationId,
    CampaignStationState,
    FileJobId,
    FirmwareId,
    StationId,
)


class Firmware(db.WithId, Audited, db.Base):
    """A firmware of an account, for its stations and those below: a file of ours, or an address elsewhere (`url`).

    `vendor` and `model` empty: for any station. `sha256` is in hex, empty where nobody said it of a file elsewhere.
    `signature` (base64) and `certificate` (PEM) are the manufacturer's, and were checked against each other and the
    file's SHA-256 when they were entered.
    """

    __tablename__ = "firmwares"
    __table_args__ = (Index("ix_firmwares_account", "account_id", "id"),)

    id: Mapped[FirmwareId] = mapped_column(primary_key=True, default=new_id)
    account_id: Mapped[AccountId] = mapped_column(ForeignKey("accounts.id"))
    version: Mapped[str]
    vendor: Mapped[str]
    model: Mapped[str]
    notes: Mapped[str]
    url: Mapped[str | None]
    file_key: Mapped[str | None]
    file_name: Mapped[str]
    file_size: Mapped[int | None]
    sha256: Mapped[str]
    signature: Mapped[str]
    certificate: Mapped[str]
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]

    @property
    def signed(self) -> bool:
        """Whether a station can check whose it is."""
        return bool(self.signature)


class Campaign(db.WithId, Audited, db.Base):
    """One firmware for many stations, wave by wave.

    The first wave has `first_wave` stations, each later one `wave_size`; between two waves lie `pause_minutes`.
    Stations start only between `window_from` and `window_until`, minutes of the day in the station's own time zone
    (both None: at any time; from later than until: over midnight). `failures_allowed`:
    one failed station more stops it.
    """

    __tablename__ = "campaigns"
    __table_args__ = (Index("ix_campaigns_account", "account_id", "id"),)

    id: Mapped[CampaignId] = mapped_column(primary_key=True, default=new_id)
    account_id: Mapped[AccountId] = mapped_column(ForeignKey("accounts.id"))
    firmware_id: Mapped[FirmwareId] = mapped_column(ForeignKey("firmwares.id"), index=True)
    name: Mapped[str]
    state: Mapped[CampaignState] = mapped_column(db.words(CampaignState), default=CampaignState.DRAFT, index=True)
    first_wave: Mapped[int]
    wave_size: Mapped[int]
    pause_minutes: Mapped[int]
    window_from: Mapped[int | None]
    window_until: Mapped[int | None]
    failures_allowed: Mapped[int]
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class CampaignStation(db.WithId, db.Base):
    """One station of a campaign, in its wave (from 1)."""

    __tablename__ = "campaign_stations"
    __table_args__ = (UniqueConstraint("campaign_id", "station_id"),)

    id: Mapped[CampaignStationId] = mapped_column(primary_key=True, default=new_id)
    campaign_id: Mapped[CampaignId] = mapped_column(ForeignKey("campaigns.id"))
    account_id: Mapped[AccountId] = mapped_column(ForeignKey("accounts.id"), index=True)
    station_id: Mapped[StationId] = mapped_column(ForeignKey("stations.id"), index=True)
    wave: Mapped[int]
    state: Mapped[CampaignStationState] = mapped_column(
        db.words(CampaignStationState), default=CampaignStationState.WAITING
    )
    job_id: Mapped[FileJobId | None] = mapped_column(ForeignKey("file_jobs.id"), index=True)
    ended_at: Mapped[datetime | None]
