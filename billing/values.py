"""The vocabulary of billing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, NewType, Self
from uuid import UUID

TariffId = NewType("TariffId", UUID)
PersonPriceId = NewType("PersonPriceId", UUID)
PaymentId = NewType("PaymentId", UUID)
DocumentId = NewType("DocumentId", UUID)
RefundId = NewType("RefundId", UUID)
LegalChangeId = NewType("LegalChangeId", UUID)
FormerPayeeId = NewType("FormerPayeeId", UUID)

SMALLEST_CAPTURE_MINOR = 50
SMALLEST_HOLD_MINOR, LARGEST_HOLD_MINOR = 500, 50_000
HOLD_MARGIN = timedelta(seconds=30)
CHECKOUT_BLOCKS = timedelta(minutes=2)  # so long an unpaid checkout keeps strangers from a connector
CHECKOUT_ENDS = timedelta(minutes=30)


@dataclass(frozen=True)
class Terms:
    """The conditions of a session, frozen when the driver agreed. Prices are gross (VAT included), major units.

    `energy_price` is per kWh, `time_price` per minute from plug-in to the end, `session_fee` once. `vat_percent` is
    None where the operator is not registered for VAT. `personal`: it is the driver's own price and not everybody's.
    """

    tariff_id: UUID
    currency: str
    energy_price: Decimal
    time_price: Decimal
    session_fee: Decimal
    vat_percent: Decimal | None
    time_zone: str
    personal: bool = False

    @property
    def free(self) -> bool:
        """Whether nothing is ever due."""
        return not (self.energy_price or self.time_price or self.session_fee)

    def plain(self) -> dict[str, Any]:
        """The terms as JSON, to be frozen with a payment."""
        return {name: None if value is None else str(value) for name, value in vars(self).items()}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Self:
        """The frozen terms again."""
        percent = plain["vat_percent"]
        return cls(
            tariff_id=UUID(plain["tariff_id"]),
            currency=plain["currency"],
            energy_price=Decimal(plain["energy_price"]),
            time_price=Decimal(plain["time_price"]),
            session_fee=Decimal(plain["session_fee"]),
            vat_percent=None if percent is None else Decimal(percent),
            time_zone=plain["time_zone"],
            personal=plain.get("personal") == str(True),
        )


@dataclass(frozen=True)
class Driver:
    """What is known of whoever charges: an address that he proved, or his tag with the groups that it is in."""

    email: str = ""
    id_tag: str = ""
    tag_groups: frozenset[str] = frozenset()


ANY_DRIVER = Driver()


class PriceWhere(Enum):
    """Where somebody's own price counts; the narrower place comes first."""

    STATION = "station"
    CONNECTOR = "connector"
    GROUP = "group"


@dataclass(frozen=True)
class Usage:
    """What a session used, as the pricing sees it."""

    energy_wh: int
    started_at: datetime
    ended_at: datetime


class LineKind(Enum):
    """A part of a price. LIMIT takes off what would exceed the money reserved; REFUND gives back a part of a total."""

    ENERGY = "energy"
    TIME = "time"
    SESSION = "session"
    LIMIT = "limit"
    REFUND = "refund"


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


class PaymentStage(Enum):
    """What the driver's page shows: the payment, its permission to charge and its session in one word."""

    CHECKOUT = "checkout"
    PLUG_IN = "plug_in"
    CHARGING = "charging"
    STOPPING = "stopping"
    SETTLING = "settling"
    PAID = "paid"
    NOTHING_DUE = "nothing_due"
    NOT_STARTED = "not_started"
    DECLINED = "declined"
    ABANDONED = "abandoned"
    FAILED = "failed"


class HoldState(Enum):
    """What the provider says of a reservation. OPEN: the driver may still enter a card; EXPIRED: no more."""

    OPEN = "open"
    AUTHENTICATING = "authenticating"
    HELD = "held"
    CAPTURED = "captured"
    RELEASED = "released"
    EXPIRED = "expired"


class RefundState(Enum):
    """How far a refund got."""

    REQUESTED = "requested"
    DONE = "done"
    REFUSED = "refused"


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


class PropertySort(Enum):
    """What the overview of properties is ordered by: name, most stations in trouble, most income of this month."""

    NAME = "name"
    TROUBLE = "trouble"
    INCOME = "income"


class Attention(Enum):
    """Which properties are looked for: with a station in trouble, with something to look at, without any station."""

    TROUBLE = "trouble"
    TASKS = "tasks"
    EMPTY = "empty"


@dataclass(frozen=True)
class PropertyPlace:
    """Where a property stands in an order; the next page begins after it."""

    value: int
    name: str
    id: UUID

    @classmethod
    def parse(cls, text: str) -> Self:
        """The same from its text. Raises ValueError."""
        value, row_id, name = text.split(":", 2)
        return cls(int(value), name, UUID(row_id))

    def __str__(self) -> str:
        return f"{self.value}:{self.id}:{self.name}"


class LegalKind(Enum):
    """Who an operator is before the law."""

    PERSON = "person"
    COMPANY = "company"


class VerificationState(Enum):
    """How far an operator is verified. PENDING: the provider checks what it was told. RESTRICTED: the time for it is
    over, or the provider refused.
    """

    UNVERIFIED = "unverified"
    PENDING = "pending"
    VERIFIED_WITHOUT_BANK = "verified_without_bank"
    VERIFIED = "verified"
    RESTRICTED = "restricted"


class Earning(Enum):
    """A step of earning money that a verification may be needed for."""

    PRICES = "prices"
    PAID_CHARGING = "paid_charging"
    PAYOUTS = "payouts"


BLOCKED: Mapping[VerificationState, frozenset[Earning]] = {
    VerificationState.UNVERIFIED: frozenset({Earning.PAID_CHARGING, Earning.PAYOUTS}),
    VerificationState.PENDING: frozenset({Earning.PAID_CHARGING, Earning.PAYOUTS}),
    VerificationState.VERIFIED_WITHOUT_BANK: frozenset({Earning.PAYOUTS}),
    VerificationState.VERIFIED: frozenset(),
    VerificationState.RESTRICTED: frozenset(Earning),
}
"""What is not possible in which state. Charging free of charge never needs a verification."""

VERIFY_WITHIN = timedelta(days=30)  # from the first price that is not zero
REMIND_BEFORE = (timedelta(days=14), timedelta(days=7), timedelta(days=1))


class LegalChangeState(Enum):
    """What became of a wish to be a company instead of a private person, or the other way round."""

    WAITING = "waiting"
    APPROVED = "approved"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
