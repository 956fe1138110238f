"""What can ail the connection of a station, and when it counts as well again."""

from datetime import timedelta
from enum import Enum

UNANSWERED_FROM, UNANSWERED_WITHIN = 2, timedelta(hours=6)
GONE_AFTER = timedelta(days=1)
GONE_BEFORE = timedelta(days=3)  # who was away longer when this was first looked for, is no news
CALM_FOR = timedelta(hours=1)  # since it connected too often
GATEWAY_UP_FOR = timedelta(hours=1)  # whoever is away before that, could not come


class Trouble(Enum):
    """What ails it."""

    FLAPPING = "flapping"  # it connects again and again
    HALF_DEAD = "half_dead"  # it is connected, and does not answer
    GONE = "gone"  # it was not heard of for a day
