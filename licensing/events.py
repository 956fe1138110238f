"""What licensing announces."""

from dataclasses import dataclass
from uuid import UUID

from kit.events import Event


@dataclass(frozen=True)
class InvoiceIssued(Event):
    """The platform wrote an invoice, a statement or a credit note."""

    invoice_id: UUID


@dataclass(frozen=True)
class InvoiceOverdue(Event):
    """An invoice was not paid in time; `number` counts the reminders from 1."""

    invoice_id: UUID
    number: int


@dataclass(frozen=True)
class InvoicePaid(Event):
    """An invoice was settled."""

    invoice_id: UUID


@dataclass(frozen=True)
class TrialEnding(Event):
    """A trial ends in a few days."""

    subscription_id: UUID


@dataclass(frozen=True)
class LicencesLost(Event):
    """The stations of a subscription are in the free plan again; `reason`: trial_over, cancelled or unpaid."""

    subscription_id: UUID
    reason: str


@dataclass(frozen=True)
class LicencesBack(Event):
    """What was locked was paid: the functions are there again."""

    subscription_id: UUID


@dataclass(frozen=True)
class CardEnded(Event):
    """A stored card pays no more; the provider is to forget it."""

    card_id: UUID


@dataclass(frozen=True)
class CardStored(Event):
    """Invoices of an account are paid with a card from now on, those that are open at once."""

    account_id: UUID


@dataclass(frozen=True)
class PaidTwice(Event):
    """An invoice was settled otherwise while it was being paid by card. `taken`: the card was charged all the same;
    else the provider's answer was lost, and only the provider knows.
    """

    card_payment_id: UUID
    taken: bool
