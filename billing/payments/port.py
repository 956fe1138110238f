"""What we ask of a payment provider. Adapters keep to it; one contract test suite runs against all of them.

Every call goes over a wire: never make one inside a transaction. Calls that change something carry the key of the
business step, so that the same step asked for again gets the same answer and happens once. Amounts are minor units.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from billing.values import HoldState, LegalKind
from kit.errors import Conflict, Invalid, Unavailable


class ProviderDown(Unavailable):
    """No answer, or none that says what happened: the same call with the same key may be made again."""

    code = "provider_down"


class ProviderRefused(Conflict):
    """The provider said no and will say no again; `code` is its reason, for example `unexpected_state`."""

    code = "provider_refused"


class NotGenuine(Invalid):
    """A webhook whose signature does not fit its bytes, or that is too old."""

    def __init__(self) -> None:
        super().__init__(signature="not_genuine")


@dataclass(frozen=True)
class CheckoutOrder:
    """What somebody is asked to reserve, and for whom: the money goes to `account_ref`, the operator's account, or,
    where that is empty, to the platform itself.

    Everything in it must stay the same when the call is repeated with the same key.
    """

    payment_id: UUID
    account_ref: str
    amount_minor: int
    currency: str
    description: str
    email: str
    language: str
    return_url: str
    cancel_url: str
    expires_at: datetime


@dataclass(frozen=True)
class Checkout:
    """The provider's page where the driver enters his card."""

    ref: str
    url: str


@dataclass(frozen=True)
class CardOrder:
    """A card that somebody stores for later, on the provider's page; it costs nothing."""

    payment_id: UUID
    description: str
    language: str
    return_url: str
    cancel_url: str
    expires_at: datetime


@dataclass(frozen=True)
class StoredCard:
    """What the provider says of a card that is being stored. HELD: it can be charged; `ref` and `customer_ref` name it
    then, `card` says which one it is to its owner.
    """

    state: HoldState
    ref: str = ""
    customer_ref: str = ""
    card: str = ""


@dataclass(frozen=True)
class CardCharge:
    """What is taken from a stored card while nobody sits at a page; the money goes to the platform itself."""

    payment_id: UUID
    card_ref: str
    customer_ref: str
    amount_minor: int
    currency: str
    description: str


@dataclass(frozen=True)
class Hold:
    """What the provider says of a checkout and the money reserved through it.

    `ref` is None as long as no card was tried. `decline` is the reason of the last refused card. `ends_at`: when the
    reservation lapses by itself. `available_at`: when captured money reaches the operator's balance.
    """

    state: HoldState
    ref: str | None
    amount_minor: int
    currency: str
    card: str = ""
    decline: str | None = None
    ends_at: datetime | None = None
    captured_minor: int = 0
    fee_minor: int = 0
    refunded_minor: int = 0
    available_at: datetime | None = None


@dataclass(frozen=True)
class RefundReceipt:
    """A refund that was made. `fee_returned_minor`: what of our fee was given back for this payment so far."""

    ref: str
    amount_minor: int
    fee_returned_minor: int


@dataclass(frozen=True)
class ProviderNotice:
    """A genuine webhook: what it is about. It carries no state on purpose; read the object again."""

    ref: str
    kind: str
    object_ref: str
    payment_id: UUID | None
    account_ref: str | None


@dataclass(frozen=True)
class AccountOrder:
    """The operator who wants to be paid."""

    account_id: UUID
    name: str
    email: str
    country: str
    legal_kind: LegalKind = LegalKind.COMPANY


@dataclass(frozen=True)
class BankAccount:
    """Where an operator wants his money: an IBAN without blanks, and the currency that he is paid in."""

    iban: str
    currency: str


@dataclass(frozen=True)
class ProviderAccount:
    """An operator's account at the provider: what it may do, and what the provider still wants.

    `submitted`: the operator told what he was asked, so it is the provider's turn. `requirements` are the provider's
    codes of what is missing, `due_at` until when. `refused`: it will not have this operator. `bank_end`: the last four
    signs of the bank account where payouts go; empty: there is none. `payouts_held`: nothing is paid out by itself.
    `payout_schedule`: when it is, in the provider's own words, to be handed back to `release_payouts`.
    """

    ref: str
    charges_enabled: bool
    payouts_enabled: bool = False
    submitted: bool = False
    refused: bool = False
    requirements: tuple[str, ...] = ()
    due_at: datetime | None = None
    bank_end: str = ""
    payouts_held: bool = False
    payout_schedule: Mapping[str, Any] = field(default_factory=dict)


class PaymentProvider(Protocol):
    """Holds, captures, releases and refunds for operators with accounts of their own at the provider.

    Every method raises ProviderDown when it is unknown what happened and ProviderRefused when nothing did.
    """

    @property
    def name(self) -> str:
        """What `Payment.provider` says."""

    def open_checkout(self, order: CheckoutOrder, key: str) -> Checkout:
        """Prepare the page where the driver reserves the money; nothing is taken before the capture."""

    def open_card_page(self, order: CardOrder, key: str) -> Checkout:
        """Prepare the page where somebody stores a card."""

    def read_stored_card(self, checkout_ref: str) -> StoredCard:
        """What became of that page."""

    def charge_card(self, charge: CardCharge, key: str) -> str:
        """Take the money at once; the payment's reference. ProviderRefused where the bank says no, or wants its client
        to confirm.
        """

    def forget_card(self, card_ref: str) -> None:
        """Charge a card no more. One that is gone already is no mistake."""

    def close_checkout(self, ref: str, key: str) -> Hold:
        """Accept no card any more. Harmless when the driver was faster: the answer says what holds now."""

    def read_hold(self, checkout_ref: str) -> Hold:
        """What holds now."""

    def capture(self, hold_ref: str, amount_minor: int, fee_minor: int, key: str) -> Hold:
        """Take this much of the reserved money, give back the rest; the fee is the platform's part of the amount."""

    def cancel(self, hold_ref: str, key: str) -> Hold:
        """Give the whole reservation back."""

    def refund(self, hold_ref: str, amount_minor: int, key: str) -> RefundReceipt:
        """Pay back a part of what was captured, out of the operator's account, the fee in proportion."""

    def verify_webhook(self, raw: bytes, signature: str) -> ProviderNotice:
        """Judge the bytes as they came, before reading them; raises NotGenuine."""

    def create_account(self, order: AccountOrder, key: str) -> str:
        """Make an account for an operator; it takes no payments before the provider has checked him, and pays nothing
        out before `release_payouts`.
        """

    def onboarding_url(self, account_ref: str, return_url: str) -> str:
        """The provider's page where the operator tells who he is; used once, soon."""

    def set_bank_account(self, account_ref: str, bank: BankAccount, key: str) -> None:
        """Pay the operator out to this bank account from now on, instead of any other."""

    def hold_payouts(self, account_ref: str) -> ProviderAccount:
        """Pay nothing out to the operator; what drivers pay stays on his account. Twice is once, so there is no key."""

    def release_payouts(self, account_ref: str, schedule: Mapping[str, Any]) -> ProviderAccount:
        """Pay out again, at the times of a schedule that was read before; empty: at the provider's usual ones."""

    def read_account(self, account_ref: str) -> ProviderAccount:
        """Whether the operator may be paid now."""
