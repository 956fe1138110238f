"""The message log: its numbers, made from the instant so that their order is the order of time, and what is kept."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from itertools import count
from random import SystemRandom
from typing import TypedDict
from uuid import UUID

from accounts.values import AccountId
from stations.values import Sender, StationId

LONGEST_TEXT = 65_536  # characters of a payload; the longest harmless one seen is a few thousand
LONGEST_WORD = 255  # of an id or a name that a charger made up
FREQUENT = ("Heartbeat", "MeterValues", "StatusNotification")  # nearly all messages are one of these

_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
_SHIFT = 12  # bits below the microsecond; 63 bits last until the year 2091
_LOWEST = (1 << _SHIFT) - 1
_MICROSECOND = timedelta(microseconds=1)
_turn = count(SystemRandom().randrange(1 << _SHIFT))  # two processes begin at different places


class Fate(Enum):
    """Our own words for an exchange that came to nothing, beside the error codes of the standard."""

    UNREADABLE = "Unreadable"
    NO_SUCH_CALL = "NoSuchCall"
    TIMED_OUT = "TimedOut"
    CONNECTION_LOST = "ConnectionLost"
    NOT_SENT = "NotSent"


class Exchange(TypedDict):
    """A row of the log before it has a number; see `stations.models.Message`. Secrets are masked already."""

    account_id: UUID
    station_id: UUID
    at: datetime
    sender: Sender
    action: str
    message_id: str
    call: str
    answer: str | None
    error: str
    latency_ms: int | None


@dataclass(frozen=True)
class MessageFilter:
    """What is looked for in the message log; what is not given lets everything through.

    `account_id` means the account and all below it. `until` itself is left out. `error` is the code itself;
    `text` is looked for in call, answer and error, whatever its case. `latency_from_ms`: answered so late or later.
    """

    account_id: AccountId | None = None
    station_id: StationId | None = None
    since: datetime | None = None
    until: datetime | None = None
    action: str = ""
    sender: Sender | None = None
    errors: bool = False
    error: str = ""
    message_id: str = ""
    text: str = ""
    latency_from_ms: int | None = None


def new_message_id(at: datetime) -> int:
    """A number for a row of that instant; those of one process differ, also within a microsecond."""
    return first_message_id(at) | (next(_turn) & _LOWEST)


def first_message_id(at: datetime) -> int:
    """The least number that a row of that instant can have: the boundary of an interval of time."""
    return ((at - _EPOCH) // _MICROSECOND) << _SHIFT


def message_instant(number: int) -> datetime:
    """The instant from which a number was made."""
    return _EPOCH + (number >> _SHIFT) * _MICROSECOND


def kept(text: str, most: int = LONGEST_TEXT) -> str:
    """As much of a text as the log keeps; one that was cut says so."""
    return text if len(text) <= most else f"{text[:most]} … cut, {len(text)} characters"
