"""The vocabulary of webhooks."""

from datetime import timedelta
from enum import Enum
from typing import NewType
from uuid import UUID

EndpointId = NewType("EndpointId", UUID)
DeliveryId = NewType("DeliveryId", UUID)

LONGEST_URL, LONGEST_NAME, MOST_ENDPOINTS = 500, 120, 20
LONGEST_ANSWER = 2000  # of what an endpoint answered, this much is kept
# after the first try; three days in all
PAUSES = tuple(timedelta(seconds=one) for one in (5, 60, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400))
DISABLED_AFTER = timedelta(days=5)
OLD_SECRET_WORKS = timedelta(hours=24)
KEPT = timedelta(days=30)


class EventType(Enum):
    """What an endpoint can be told."""

    SESSION_STARTED = "session.started"
    SESSION_ENDED = "session.ended"
    COMMAND_FINISHED = "command.finished"
    STATION_ADDED = "station.added"
    STATION_TROUBLED = "station.troubled"
    STATION_WELL = "station.well"
    RECEIPT_ISSUED = "receipt.issued"
    PING = "ping"


CHOICES = tuple(kind for kind in EventType if kind is not EventType.PING)


class DeliveryState(Enum):
    """How far a call is."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"


class DisabledBecause(Enum):
    """Why an endpoint is told nothing."""

    SWITCHED_OFF = "switched_off"
    FAILING = "failing"
