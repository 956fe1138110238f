"""Numbers of the message log: made from the instant, so that their order is the order of time."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from accounts.values import AccountId
from stations.values import Sender, StationId

FREQUENT = ("Heartbeat", "MeterValues", "StatusNotification")  # nearly all messages are one of these

_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
_SHIFT = 12  # bits below the microsecond, drawn by lot; 63 bits last until the year 2091
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class MessageFilter:
    """What is looked for in the message log; what is not given lets everything through.

    `account_id` means the account and all below it. `until` itself is left out. `text` is looked for in call and
    answer, whatever its case.
    """

    account_id: AccountId | None = None
    station_id: StationId | None = None
    since: datetime | None = None
    until: datetime | None = None
    action: str = ""
    sender: Sender | None = None
    errors: bool = False
    message_id: str = ""
    text: str = ""


def new_message_id(at: datetime) -> int:
    """A number for a row of that instant; two of the same microsecond differ by lot."""
    return first_message_id(at) | secrets.randbits(_SHIFT)


def first_message_id(at: datetime) -> int:
    """The least number that a row of that instant can have: the boundary of an interval of time."""
    return ((at - _EPOCH) // _MICROSECOND) << _SHIFT


def message_instant(number: int) -> datetime:
    """The instant from which a number was made."""
    return _EPOCH + (number >> _SHIFT) * _MICROSECOND
