"""Tables of chargers that nobody entered: they dialled the address of an account and wait to be accepted."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from accounts.values import AccountId
from kit import db
from kit.encryption import EncryptedJson
from kit.ids import new_id
from stations.kinds import StationKind
from stations.values import StationId, WaitingId, WaitingState


class WaitingStation(db.WithId, db.Base):
    """A charger at the door of an account. Accepted, it becomes a station with the same id, and this row goes.

    `address` is what it dialled, `peer` where it came from; `password_hash` is of the password it brought first
    (empty: none), `other_password_at` when one came last that brought another, or none. `connectors` has what it said
    of each one, by number: {"1": "Available"}. `held_bytes`: the size of what is held of it; `readings_dropped`: its
    messages of readings that found no room.
    """

    __tablename__ = "waiting_stations"
    __table_args__ = (UniqueConstraint("account_id", "identity"),)

    id: Mapped[WaitingId] = mapped_column(primary_key=True, default=new_id)
    account_id: Mapped[AccountId] = mapped_column(ForeignKey("accounts.id"), index=True)
    identity: Mapped[str]
    state: Mapped[WaitingState] = mapped_column(db.words(WaitingState), default=WaitingState.WAITING)
    address: Mapped[str]
    peer: Mapped[str]
    password_hash: Mapped[str]
    other_password_at: Mapped[datetime | None]
    vendor: Mapped[str] = mapped_column(default="")
    model: Mapped[str] = mapped_column(default="")
    firmware: Mapped[str] = mapped_column(default="")
    serial: Mapped[str] = mapped_column(default="")
    connectors: Mapped[dict[str, Any]]
    held_bytes: Mapped[int] = mapped_column(default=0)
    readings_dropped: Mapped[int] = mapped_column(default=0)
    first_seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    connected_at: Mapped[datetime | None]
    connection_id: Mapped[UUID | None]

    @property
    def kind(self) -> StationKind:
        """Whose station it says it is."""
        return StationKind.PICO if "smart-me" in self.vendor.casefold() else StationKind.OCPP


class HeldMessage(db.WithId, db.Base):
    """What a charger said about a session, word for word, until this can be stored: it waits and is no station yet, or
    something of ours failed. Sealed, since nothing of it may be masked.

    `station_id` is the id of the waiting charger, or of the station that it turned out to be. `transaction_id` is the
    number that a start was answered with; by `said_key` a start is found when it is told again, others by their
    transaction. Ids are in the order of arrival.
    """

    __tablename__ = "held_messages"
    __table_args__ = (Index(None, "station_id", "said_key"),)

    account_id: Mapped[AccountId] = mapped_column(ForeignKey("accounts.id"), index=True)
    station_id: Mapped[StationId]
    action: Mapped[str]
    said_key: Mapped[str] = mapped_column(default="")
    payload: Mapped[dict[str, Any]] = mapped_column(EncryptedJson)
    transaction_id: Mapped[int | None]
    arrived_at: Mapped[datetime]
