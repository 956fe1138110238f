"""The vocabulary of licensing."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import NewType
from uuid import UUID

from accounts.functions import Function

SubscriptionId = NewType("SubscriptionId", UUID)
PlaceId = NewType("PlaceId", UUID)
InvoiceId = NewType("InvoiceId", UUID)
GiftId = NewType("GiftId", UUID)
BankBookingId = NewType("BankBookingId", UUID)

WARN_BEFORE = timedelta(days=7)  # an account is told so long before its trial ends


class Interval(Enum):
    """How long a paid period lasts."""

    MONTH = "month"
    YEAR = "year"


class SubscriptionState(Enum):
    """Where a subscription stands. OVERDUE still works (the grace); LOCKED does not, until it is paid."""

    TRIAL = "trial"
    RUNNING = "running"
    OVERDUE = "overdue"
    LOCKED = "locked"
    ENDED = "ended"

    @property
    def works(self) -> bool:
        """Whether its stations have the functions of the plan."""
        return self in (SubscriptionState.TRIAL, SubscriptionState.RUNNING, SubscriptionState.OVERDUE)


class InvoiceKind(Enum):
    """What the platform sends to an operator. Each kind has its own gap-free numbers."""

    LICENCES = "licences"
    FEES = "fees"
    CREDIT = "credit"


class LineKind(Enum):
    """What a line of an invoice is for."""

    PERIOD = "period"
    ADDED = "added"
    UNUSED = "unused"
    FEES = "fees"
    FEES_RETURNED = "fees_returned"
    CREDIT = "credit"


class PaidBy(Enum):
    """How an invoice was settled. DEDUCTED: the platform's fee was kept from the drivers' payments already."""

    CARD = "card"
    BANK = "bank"
    DEDUCTED = "deducted"
    CREDITED = "credited"


class CardState(Enum):
    """Where a payment of an invoice by card stands."""

    OPEN = "open"
    TAKEN = "taken"
    ENDED = "ended"


class StoredCardState(Enum):
    """Where a card stands that invoices are paid with. OPEN: its owner is on the provider's page; ENDED: it is removed,
    and forgotten by the provider as soon as that is told.
    """

    OPEN = "open"
    STORED = "stored"
    ENDED = "ended"


class BankState(Enum):
    """What became of money on the platform's bank account: it settled an invoice, staff has to look, or staff did."""

    SETTLED = "settled"
    DOUBTFUL = "doubtful"
    PUT_AWAY = "put_away"


class BankDoubt(Enum):
    """Why staff has to look at a booking."""

    NO_REFERENCE = "no_reference"
    UNKNOWN_REFERENCE = "unknown_reference"
    OTHER_AMOUNT = "other_amount"
    PAID_ALREADY = "paid_already"
    RETURNED = "returned"


@dataclass(frozen=True)
class Price:
    """What one station costs for one period, in minor units, VAT included."""

    plan: str
    currency: str
    interval: Interval
    gross_minor: int


@dataclass(frozen=True)
class Plan:
    """A set of functions. A plan without prices is everybody's."""

    id: str
    functions: frozenset[Function]
    prices: tuple[Price, ...]


@dataclass(frozen=True)
class Line:
    """A line of an invoice: so many stations at this amount in all, for this time."""

    kind: LineKind
    quantity: int
    amount_minor: int
    begins_at: datetime
    ends_at: datetime
    interval: Interval | None = None
