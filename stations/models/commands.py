"""Tables of commands to stations."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from accounts.values import AccountId
from kit import db
from kit.encryption import EncryptedJson
from kit.ids import new_id
from kit.spelling import plain
from stations.values import Action, CommandId, CommandState, StationId, WorkOrderId


class WorkOrder(db.WithId, db.Base):
    """One message for many stations, each of which gets a command of its own.

    At most `per_minute` of them are told in a minute, and only such as are connected: a station that sleeps takes no
    turn away, and when many come back at once, they still have their turns one after another. `next_turn_at` is when
    the next ones may be told; None: nobody waits for a turn any more. `selection` says which stations were chosen, and
    makes an order with the same `request_key` the same one; `repeats_id` is the order that this one tries again.
    """

    __tablename__ = "work_orders"
    __table_args__ = (
        UniqueConstraint("requested_by", "request_key"),
        Index("ix_work_orders_newest", "account_id", "id"),
    )

    id: Mapped[WorkOrderId] = mapped_column(primary_key=True, default=new_id)
    account_id: Mapped[AccountId] = mapped_column(ForeignKey("accounts.id"))
    name: Mapped[str]
    action: Mapped[Action] = mapped_column(db.words(Action))
    payload: Mapped[dict[str, Any]] = mapped_column(EncryptedJson)
    unchecked: Mapped[bool]
    selection: Mapped[dict[str, Any]]
    wait_s: Mapped[int]
    tries_allowed: Mapped[int]
    per_minute: Mapped[int]
    next_turn_at: Mapped[datetime | None] = mapped_column(index=True)
    repeats_id: Mapped[WorkOrderId | None] = mapped_column(ForeignKey("work_orders.id"), index=True)
    requested_by: Mapped[str]
    request_key: Mapped[str | None]
    requested_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class StationCommand(db.WithId, db.Base):
    """A message to a charger and what became of it. Kept until `expires_at` for a charger that is away.

    `unchecked`: the payload is sent as somebody wrote it, whatever the standard says. `tries` counts how often it was
    sent, `sent_at` and `gateway_id` are the last time and the process that did; `tries_allowed` is the most, where a
    connection that went took the answer along.
    `late`: its answer came after we had given up. `request_key` is the asker's own name for this wish: asked again by
    it, it is still one command. `waits_turn`: others of its work order are told before.
    """

    __tablename__ = "station_commands"
    __table_args__ = (
        UniqueConstraint("requested_by", "request_key"),
        Index("ix_station_commands_open", "station_id", "state"),
        Index("ix_station_commands_newest", "account_id", "id"),
        Index("ix_station_commands_due", "state", "expires_at"),
        Index("ix_station_commands_of_order", "work_order_id", "state"),
    )

    id: Mapped[CommandId] = mapped_column(primary_key=True, default=new_id)
    account_id: Mapped[AccountId] = mapped_column(ForeignKey("accounts.id"))
    station_id: Mapped[StationId] = mapped_column(ForeignKey("stations.id"))
    work_order_id: Mapped[WorkOrderId | None] = mapped_column(ForeignKey("work_orders.id"))
    waits_turn: Mapped[bool] = mapped_column(default=False, server_default=false())
    action: Mapped[Action] = mapped_column(db.words(Action))
    payload: Mapped[dict[str, Any]] = mapped_column(EncryptedJson)  # may carry a password to set
    unchecked: Mapped[bool] = mapped_column(default=False, server_default=false())
    state: Mapped[CommandState] = mapped_column(db.words(CommandState), default=CommandState.PENDING)
    tries: Mapped[int] = mapped_column(default=0, server_default="0")
    tries_allowed: Mapped[int] = mapped_column(default=1, server_default="1")
    late: Mapped[bool] = mapped_column(default=False, server_default=false())
    answer: Mapped[dict[str, Any] | None]
    error: Mapped[str | None]
    requested_by: Mapped[str]
    request_key: Mapped[str | None]
    requested_at: Mapped[datetime] = mapped_column(index=True)
    sent_at: Mapped[datetime | None]
    gateway_id: Mapped[UUID | None]
    answered_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]

    @property
    def answered_status(self) -> str:
        """The status of the answer, however the charger spells it (`kit.spelling`); empty where there is none."""
        return plain(str((self.answer or {}).get("status", "")))
