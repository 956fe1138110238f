"""What billing announces."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kit.events import Event


@dataclass(frozen=True)
class PaymentHeld(Event):
    """The driver's money is reserved and the start was asked for."""

    payment_id: UUID


@dataclass(frozen=True)
class PaymentToCapture(Event):
    """The price of a paid session is known and to be taken from the hold."""

    payment_id: UUID


@dataclass(frozen=True)
class PaymentToRelease(Event):
    """The hold is not needed (any more) and to be given back whole."""

    payment_id: UUID


@dataclass(frozen=True)
class DocumentIssued(Event):
    """A receipt or credit note got its number and never changes again."""

    document_id: UUID
    payment_id: UUID | None


@dataclass(frozen=True)
class PaymentEmailChanged(Event):
    """The driver corrected his address; what was mailed goes there again."""

    payment_id: UUID


@dataclass(frozen=True)
class PriceLinkWanted(Event):
    """Somebody with a price of his own is to be mailed the link that shows who he is."""

    person_price_id: UUID
    wanted_at: datetime


@dataclass(frozen=True)
class CheckoutClosed(Event):
    """A checkout will not be waited for any more; the provider is told to accept no card."""

    payment_id: UUID


@dataclass(frozen=True)
class NoticeArrived(Event):
    """A genuine webhook was stored; what it is about is to be read again at the provider."""

    provider: str
    payment_id: UUID | None
    account_ref: str | None


@dataclass(frozen=True)
class RefundRequested(Event):
    """Captured money is to be given back."""

    refund_id: UUID


@dataclass(frozen=True)
class VerificationChanged(Event):
    """An operator is verified as far as `state` says (`billing.values.VerificationState`)."""

    account_id: UUID
    state: str


@dataclass(frozen=True)
class PayoutsReleased(Event):
    """Staff let go what the provider keeps of an operator who left his account."""

    account_id: UUID


@dataclass(frozen=True)
class LegalChangeDecided(Event):
    """Staff granted or declined an operator's wish to be of another kind."""

    change_id: UUID
