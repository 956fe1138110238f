"""Instants as a charger stamps them, and what they are by our clock. For the doors of this room."""

from datetime import datetime

from charging.metering import settled_instant
from stations.queries.sockets import StationFacts
from stations.station_clock import NO_ZONE
from stations.use_cases.sockets import told_instant


def settle(facts: StationFacts, at: datetime | None, arrived: datetime) -> tuple[datetime, bool]:
    """When it was by our clock, with what is known of the charger's; and whether the stamp can't be true.

    Then the arrival stands for it.
    """
    return settled_instant(told_instant(facts, at, arrived), arrived)


def clock_doubt(facts: StationFacts, at: datetime | None, *, impossible: bool) -> str:
    """What is to be said of a stamp that was not taken as it came, as the code of a doubt; empty: nothing.

    `impossible`: something else stands for it.
    """
    if facts.clock.correction and at is not None:
        return "clock_corrected"
    if impossible:
        return "clock_impossible"
    guessed = at is not None and at.tzinfo is NO_ZONE and not (facts.quirks.local_time or facts.clock.right)
    return "clock_without_zone" if guessed else ""
