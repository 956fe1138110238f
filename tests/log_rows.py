"""Rows of the message log to test with, as the gateway writes them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert

from kit import clock, db
from stations.messages import new_message_id
from stations.models import Message
from stations.values import Sender
from tests.made import MadeStation


def said(
    station: MadeStation,
    *,
    at: datetime | None = None,
    action: str = "Heartbeat",
    sender: Sender = Sender.STATION,
    account_id: UUID | None = None,
    message_id: str = "1",
    call: str = "{}",
    answer: str | None = "{}",
    error: str = "",
    latency_ms: int | None = 12,
) -> dict[str, Any]:
    """An exchange of this station, now or at another instant; to be written down by `log`."""
    at = at or clock.now()
    return {
        "id": new_message_id(at),
        "account_id": account_id or station.station.account_id,
        "station_id": station.id,
        "at": at,
        "sender": sender,
        "action": action,
        "message_id": message_id,
        "call": call,
        "answer": answer,
        "error": error,
        "latency_ms": latency_ms,
    }


def log(*rows: dict[str, Any]) -> list[int]:
    """Write rows down; their numbers."""
    with db.transaction(writing=True) as unit:
        unit.session.execute(insert(Message), list(rows))
    return [row["id"] for row in rows]
