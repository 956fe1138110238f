"""The vocabulary of closing an account."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import NewType
from uuid import UUID

ClosureId = NewType("ClosureId", UUID)
ExportId = NewType("ExportId", UUID)
HandOutId = NewType("HandOutId", UUID)

GRACE = timedelta(days=30)  # so long it can be undone
KEPT_YEARS = 10  # after the business year: OR 958f, MWSTG 70
EXPORT_KEPT = timedelta(days=7)
EXPORT_LEASE = timedelta(minutes=30)  # an export that says nothing for so long is begun anew
HAND_OUT_GOOD = timedelta(days=7)  # so long its link works
MOST_HANDED_OUT = 20  # documents at once: they are drawn while somebody waits
LONGEST_REASON = 500


class ClosureState(Enum):
    """How far it is. WAITING can be undone."""

    WAITING = "waiting"
    CLOSED = "closed"
    UNDONE = "undone"
    ERASED = "erased"


class ExportState(Enum):
    """How far a copy of an account is. GONE: its time is over, and the file with it."""

    WAITING = "waiting"
    RUNNING = "running"
    READY = "ready"
    FAILED = "failed"
    GONE = "gone"


class Obstacle(Enum):
    """Why an account can't be closed now."""

    SESSIONS = "sessions"
    PAYMENTS = "payments"
    REFUNDS = "refunds"
    MONEY = "money"
    INVOICES = "invoices"
    ACCOUNTS_BELOW = "accounts_below"
    HAND_OVER = "hand_over"
    SUSPENDED = "suspended"


class Kept(Enum):
    """What the law wants to be kept."""

    DOCUMENTS = "documents"
    BOOKINGS = "bookings"
    INVOICES = "invoices"
    ACTIVITY = "activity"


class Ending(Enum):
    """What ends with the account."""

    STATIONS = "stations"
    TAGS = "tags"
    PEOPLE = "people"
    COMPANIES = "companies"
    INVITATIONS = "invitations"
    TOKENS = "tokens"
    API_CLIENTS = "api_clients"
    COMPANY_LOGIN = "company_login"
    WEBHOOKS = "webhooks"
    LICENCES = "licences"
    SMART_ME = "smart_me"
    PARTNER = "partner"
    PAYOUT = "payout"


@dataclass(frozen=True)
class Count:
    """So many of something, with the names of some of them."""

    what: Obstacle | Kept | Ending
    count: int
    names: Sequence[str] = ()


@dataclass(frozen=True)
class Preview:
    """What closing would do now, and what stands against it."""

    obstacles: Sequence[Count]
    ends: Sequence[Count]
    stays: Sequence[Count]
