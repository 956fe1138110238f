"""Tables of stations and their connectors."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from accounts.values import AccountId
from kit import db
from kit.audit import Audited
from kit.ids import new_id
from stations.kinds import StationKind
from stations.values import CommandId, ConnectorId, ConnectorStatus, PlugType, SecurityProfile, StationId


class Station(db.WithId, Audited, db.Base):
    """A charger of an account.

    `identity` is the last part of its OCPP address, unique in the account; `generated` marks the ones we made, which
    are unique on the platform and the only ones served at the short address. `password_hash` is a fast keyed hash of
    the raw bytes (empty: it has no password); `next_password_hash` of one that is being sent to the charger, valid
    beside the old one until the charger connects with it or refuses it. `security_profile` is what it has to prove when
    it connects; `next_security_profile` a higher one that it was told to take, which opens as well until it first comes
    with it; `raise_command_id` the message of a raise that we lead: when it is taken, the charger is restarted.
    `login_renewed_at`: who was let in before it, by whatever proof, has to come again.
    `quiet_after_boot`: nothing is sent to it that nobody asked for, not even after its start.
    `password_due` marks one that came by itself and is to be sent a password when it next starts.
    `connected_at` is set while a socket of it is open, `connection_id` is the newest one; `last_seen_at` is the last
    frame or pong (written in batches).
    `quirk_overrides` are the settings of `stations.quirks` that the operator set for this one. `clock_skew_s` is how
    far its clock was ahead of ours when that was last measured (None: never). `opening_hours` count where a connector
    has none of its own; None: always open.
    """

    __tablename__ = "stations"
    __table_args__ = (
        UniqueConstraint("account_id", "identity"),
        Index("ix_stations_identity", "identity"),
        Index("ix_stations_login_renewed_at", "login_renewed_at"),
    )

    id: Mapped[StationId] = mapped_column(primary_key=True, default=new_id)
    account_id: Mapped[AccountId] = mapped_column(ForeignKey("accounts.id"), index=True)
    identity: Mapped[str]
    generated: Mapped[bool] = mapped_column(default=True)
    password_hash: Mapped[str]
    next_password_hash: Mapped[str | None]
    security_profile: Mapped[SecurityProfile] = mapped_column(
        db.words(SecurityProfile), default=SecurityProfile.PASSWORD, server_default=SecurityProfile.PASSWORD.value
    )
    next_security_profile: Mapped[SecurityProfile | None] = mapped_column(db.words(SecurityProfile))
    raise_command_id: Mapped[CommandId | None]
    login_renewed_at: Mapped[datetime | None]
    quiet_after_boot: Mapped[bool] = mapped_column(default=False, server_default=false())
    password_due: Mapped[bool] = mapped_column(default=False, server_default=false())
    kind: Mapped[StationKind] = mapped_column(
        db.words(StationKind), default=StationKind.OCPP, server_default=StationKind.OCPP.value
    )
    name: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    street: Mapped[str] = mapped_column(default="")
    postcode: Mapped[str] = mapped_column(default="")
    city: Mapped[str] = mapped_column(default="")
    country: Mapped[str] = mapped_column(default="CH")
    latitude_e6: Mapped[int | None]
    longitude_e6: Mapped[int | None]
    vendor: Mapped[str] = mapped_column(default="")
    model: Mapped[str] = mapped_column(default="")
    firmware: Mapped[str] = mapped_column(default="")
    serial: Mapped[str] = mapped_column(default="")
    boot_at: Mapped[datetime | None]
    connected_at: Mapped[datetime | None]
    connection_id: Mapped[UUID | None]
    disconnected_at: Mapped[datetime | None]
    last_seen_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    quirk_overrides: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    clock_skew_s: Mapped[int | None] = mapped_column(BigInteger)
    clock_measured_at: Mapped[datetime | None]
    opening_hours: Mapped[dict[str, Any] | None]

    @classmethod
    def station_scope(cls) -> Any:
        """For the gate: a grant on this station covers the row."""
        return cls.id


class Connector(db.WithId, Audited, db.Base):
    """One plug of a station, with the number that its label shows. `number` 0 is the station itself and has no label.

    `code` is the typed or scanned number, unique on the platform.
    `opening_hours` None: those of the station.
    """

    __tablename__ = "connectors"
    __table_args__ = (UniqueConstraint("station_id", "number"),)

    id: Mapped[ConnectorId] = mapped_column(primary_key=True, default=new_id)
    account_id: Mapped[AccountId] = mapped_column(ForeignKey("accounts.id"), index=True)
    station_id: Mapped[StationId] = mapped_column(ForeignKey("stations.id"), index=True)
    number: Mapped[int]
    code: Mapped[str | None] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(default="")
    plug: Mapped[PlugType] = mapped_column(db.words(PlugType), default=PlugType.TYPE_2)
    max_power_w: Mapped[int] = mapped_column(default=11_000)
    status: Mapped[ConnectorStatus] = mapped_column(db.words(ConnectorStatus), default=ConnectorStatus.UNKNOWN)
    status_text: Mapped[str] = mapped_column(default="")
    error_code: Mapped[str] = mapped_column(default="")
    vendor_error: Mapped[str] = mapped_column(default="")
    status_at: Mapped[datetime | None]
    wanted_available: Mapped[bool] = mapped_column(default=True)
    opening_hours: Mapped[dict[str, Any] | None]
