"""Numbers of the message log: made from the instant, so that their order is the order of time."""

import secrets
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
_SHIFT = 12  # bits below the microsecond, drawn by lot; 63 bits last until the year 2091
_MICROSECOND = timedelta(microseconds=1)


def new_message_id(at: datetime) -> int:
    """A number for a row of that instant; two of the same microsecond differ by lot."""
    return first_message_id(at) | secrets.randbits(_SHIFT)


def first_message_id(at: datetime) -> int:
    """The least number that a row of that instant can have: the boundary of an interval of time."""
    return ((at - _EPOCH) // _MICROSECOND) << _SHIFT
