"""Instants as a charger stamps them, and what they are by our clock. For the doors of this room."""

from datetime import datetime

from charging.metering import settled_instant
from stations.queries.sockets import StationFacts
from stations.use_cases.sockets import told_instant


def settle(facts: StationFacts, at: datetime | None, arrived: datetime) -> tuple[datetime, bool]:
    """When it was by our clock, with what is known of the charger's; and whether the stamp can't be true.

    Then the arrival stands for it.
    """
    return settled_instant(told_instant(facts, at, arrived), arrived)


def is_corrected(facts: StationFacts) -> bool:
    """Whether this charger's clock is wrong by so much that its stamps are put right."""
    return bool(facts.clock.correction)
