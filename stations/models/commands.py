"""Tables of commands to stations."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from accounts.values import AccountId
from kit import db
from kit.encryption import EncryptedJson
from kit.ids import new_id
from stations.values import Action, CommandId, CommandState, StationId

db.Base.registry.update_type_annotation_map(dict.fromkeys((AccountId, StationId, CommandId), Uuid()))


class StationCommand(db.WithId, db.Base):
    """A message to a charger and what became of it. Kept until `expires_at` for a charger that is away."""

    __tablename__ = "station_commands"
    __table_args__ = (Index("ix_station_commands_open", "station_id", "state"),)

    id: Mapped[CommandId] = mapped_column(primary_key=True, default=new_id)
    account_id: Mapped[AccountId] = mapped_column(ForeignKey("accounts.id"), index=True)
    station_id: Mapped[StationId] = mapped_column(ForeignKey("stations.id"))
    action: Mapped[Action] = mapped_column(db.words(Action))
    payload: Mapped[dict[str, Any]] = mapped_column(EncryptedJson)  # may carry a password to set
    state: Mapped[CommandState] = mapped_column(db.words(CommandState), default=CommandState.PENDING)
    answer: Mapped[dict[str, Any] | None]
    error: Mapped[str | None]
    requested_by: Mapped[str]
    requested_at: Mapped[datetime] = mapped_column(index=True)
    sent_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]
