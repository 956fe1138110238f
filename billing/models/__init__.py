"""Tables of tariffs, payments, charges, documents and the ledger, split by noun."""

from billing.models.documents import Document, LedgerEntry, LedgerPosting, NumberSeries
from billing.models.payments import STEPS, Charge, Payment, ProviderEvent, Refund, SentLetter
from billing.models.payouts import FormerPayee, LegalChange, PayoutProfile
from billing.models.sandbox import SandboxAccount, SandboxCall, SandboxHold, SandboxNotice
from billing.models.tariffs import PersonPrice, SessionTerms, Tariff, TariffAssignment

__all__ = [
    "STEPS",
    "Charge",
    "Document",
    "FormerPayee",
    "LedgerEntry",
    "LedgerPosting",
    "LegalChange",
    "NumberSeries",
    "Payment",
    "PayoutProfile",
    "PersonPrice",
    "ProviderEvent",
    "Refund",
    "SandboxAccount",
    "SandboxCall",
    "SandboxHold",
    "SandboxNotice",
    "SentLetter",
    "SessionTerms",
    "Tariff",
    "TariffAssignment",
]
