"""Tables of webhooks."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kit import db
from kit.audit import Audited
from kit.encryption import EncryptedJson
from webhooks.values import DeliveryState, DisabledBecause, EventType


class WebhookEndpoint(db.WithId, Audited, db.Base):
    """An address of an account's program, told what it chose.

    `secrets`: `current`, and `previous` until `previous_until_at`: both sign. `failing_since_at` is set by a failed
    call and cleared by one that arrived.
    """

    __tablename__ = "webhook_endpoints"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    name: Mapped[str]
    url: Mapped[str]
    event_types: Mapped[list[Any]]
    secrets: Mapped[dict[str, Any]] = mapped_column(EncryptedJson)
    previous_until_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    failing_since_at: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]
    disabled_because: Mapped[DisabledBecause | None] = mapped_column(db.words(DisabledBecause))
    removed_at: Mapped[datetime | None]

    def wants(self, kind: EventType) -> bool:
        """Whether it is to be told."""
        return self.disabled_at is None and self.removed_at is None and kind.value in self.event_types


class WebhookDelivery(db.WithId, db.Base):
    """One message for one endpoint. `message_id` is the same for each try and each replay, so a program can tell.

    `next_at` is when it is tried (again); while it is under way, when others may take it for lost. `tries` keeps each
    one: when, status, error, milliseconds, the begin of the answer.
    """

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        UniqueConstraint("endpoint_id", "message_id"),
        Index("ix_webhook_deliveries_due", "state", "next_at"),
    )

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    endpoint_id: Mapped[UUID] = mapped_column(ForeignKey("webhook_endpoints.id"))
    message_id: Mapped[str]
    event_type: Mapped[EventType] = mapped_column(db.words(EventType))
    payload: Mapped[str] = mapped_column(Text)
    state: Mapped[DeliveryState] = mapped_column(db.words(DeliveryState), default=DeliveryState.PENDING)
    created_at: Mapped[datetime]
    next_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    tries: Mapped[list[Any]] = mapped_column(default=list)
