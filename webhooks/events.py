"""What webhooks announces."""

from dataclasses import dataclass
from uuid import UUID

from kit.events import Event


@dataclass(frozen=True)
class DeliveryDue(Event):
    """A call to an endpoint was written down and can go out."""

    delivery_id: UUID


@dataclass(frozen=True)
class EndpointGivenUp(Event):
    """An endpoint failed for days and is told nothing any more."""

    endpoint_id: UUID
