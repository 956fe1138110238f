"""The table of security events: what stations reported about their own safety."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from accounts.values import AccountId
from kit import db
from kit.ids import new_id
from stations.values import SecurityEventId, StationId


class SecurityEvent(db.WithId, db.Base):
    """One SecurityEventNotification. `kind` is the station's word (in the standard's spelling where it has one).

    `station_at` is the station's clock, None where it could not be read; `at` is the arrival. Ids are in its order.
    """

    __tablename__ = "security_events"
    __table_args__ = (
        Index("ix_security_events_account", "account_id", "id"),
        Index("ix_security_events_station", "station_id", "id"),
        Index("ix_security_events_at", "at"),
    )

    id: Mapped[SecurityEventId] = mapped_column(primary_key=True, default=new_id)
    account_id: Mapped[AccountId] = mapped_column(ForeignKey("accounts.id"))
    station_id: Mapped[StationId] = mapped_column(ForeignKey("stations.id"))
    kind: Mapped[str]
    tech_info: Mapped[str]
    station_at: Mapped[datetime | None]
    at: Mapped[datetime]
