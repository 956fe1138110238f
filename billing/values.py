"""The vocabulary of billing."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import NewType
from uuid import UUID

TariffId = NewType("TariffId", UUID)
PaymentId = NewType("PaymentId", UUID)
DocumentId = NewType("DocumentId", UUID)

SMALLEST_CAPTURE_MINOR = 50
HOLD_MARGIN = timedelta(seconds=30)


@dataclass(frozen=True)
class Terms:
    """The conditions of a session, frozen when the driver agreed. Prices are gross (VAT included), major units.

    `energy_price` is per kWh, `time_price` per minute from plug-in to the end, `session_fee` once. `vat_percent` is
    None where the operator is not registered for VAT.
    """

    tariff_id: UUID
    currency: str
    energy_price: Decimal
    time_price: Decimal
    session_fee: Decimal
    vat_percent: Decimal | None
    time_zone: str

    @property
    def free(self) -> bool:
        """Whether nothing is ever due."""
        return not (self.energy_price or self.time_price or self.session_fee)


@dataclass(frozen=True)
class Usage:
    """What a session used, as the pricing sees it."""

    energy_wh: int
    started_at: datetime
    ended_at: datetime


class LineKind(Enum):
    """A part of a price."""

    ENERGY = "energy"
    TIME = "time"
    SESSION = "session"


class PaymentState(Enum):
    """Where a driver's payment stands. HELD: the money is reserved; CAPTURED and RELEASED are final but for refunds."""

    OPENING = "opening"
    WAITING = "waiting"
    HELD = "held"
    CAPTURING = "capturing"
    CAPTURED = "captured"
    RELEASING = "releasing"
    RELEASED = "released"
    DECLINED = "declined"
    ABANDONED = "abandoned"
    FAILED = "failed"


class DocumentKind(Enum):
    """What a document is. Each kind has its own gap-free numbers per operator."""

    RECEIPT = "receipt"
    CREDIT_NOTE = "credit_note"


class LedgerAccount(Enum):
    """The operator's books, as a mirror of the money at the provider. Debits are positive."""

    PROVIDER_SOON = "provider_soon"
    PROVIDER_AVAILABLE = "provider_available"
    REVENUE = "revenue"
    VAT = "vat"
    PLATFORM_FEE = "platform_fee"
