"""The table of what ails stations: each trouble from when it was seen until it is over."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from accounts.values import AccountId
from kit import db
from stations.troubles import Trouble
from stations.values import StationId


class StationTrouble(db.WithId, db.Base):
    """One trouble of a station; `over_at` None: it lasts, and its operator was told once."""

    __tablename__ = "station_troubles"
    __table_args__ = (
        Index("ix_station_troubles_account", "account_id", "id"),
        Index("ix_station_troubles_station", "station_id", "id"),
    )

    account_id: Mapped[AccountId] = mapped_column(ForeignKey("accounts.id"))
    station_id: Mapped[StationId] = mapped_column(ForeignKey("stations.id"))
    trouble: Mapped[Trouble] = mapped_column(db.words(Trouble))
    began_at: Mapped[datetime]
    over_at: Mapped[datetime | None]


Index(
    "ix_station_troubles_lasting",
    StationTrouble.station_id,
    StationTrouble.trouble,
    unique=True,
    sqlite_where=StationTrouble.over_at.is_(None),
    postgresql_where=StationTrouble.over_at.is_(None),
)
