"""Where stations stood before: each move from one account to another."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from accounts.values import AccountId
from kit import db
from stations.values import StationId


class StationMove(db.WithId, db.Base):
    """A station left `account_id` for another account. What happened until then stays there.

    Its charger goes on dialling the address of the account that it left, so `identity` there stays its own.
    """

    __tablename__ = "station_moves"
    __table_args__ = (Index("ix_station_moves_address", "account_id", "identity"),)

    account_id: Mapped[AccountId] = mapped_column(ForeignKey("accounts.id"))
    to_account_id: Mapped[AccountId] = mapped_column(ForeignKey("accounts.id"))
    station_id: Mapped[StationId] = mapped_column(ForeignKey("stations.id"), index=True)
    identity: Mapped[str]
    moved_by: Mapped[str]
    moved_at: Mapped[datetime] = mapped_column(index=True)
