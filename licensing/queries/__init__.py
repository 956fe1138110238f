"""Every read of this room."""

from licensing.queries.bank import BankRow, bank_bookings
from licensing.queries.cards import card_payment, open_card_payments
from licensing.queries.desk import Tenant, free_periods, subscriptions, unpaid_invoices
from licensing.queries.fees import FeeSum, fee_sums
from licensing.queries.held import plans_held
from licensing.queries.holdings import Holding, LicensedPlace, Preview, holding, preview
from licensing.queries.invoices import Recipient, invoice, invoice_document, invoices, recipient
from licensing.queries.plans import FunctionRow, Offer, function_table, offer, prices
from licensing.queries.stored_cards import (
    CardFacts,
    card_of,
    cards_to_forget,
    licence_card,
    open_card_pages,
    paying_card,
)
from licensing.queries.work import (
    holders,
    late_invoices,
    payable_invoices,
    periods_over,
    subscription_facts,
    trials_ending,
)

__all__ = [
    "BankRow",
    "CardFacts",
    "FeeSum",
    "FunctionRow",
    "Holding",
    "LicensedPlace",
    "Offer",
    "Preview",
    "Recipient",
    "Tenant",
    "bank_bookings",
    "card_of",
    "card_payment",
    "cards_to_forget",
    "fee_sums",
    "free_periods",
    "function_table",
    "holders",
    "holding",
    "invoice",
    "invoice_document",
    "invoices",
    "late_invoices",
    "licence_card",
    "offer",
    "open_card_pages",
    "open_card_payments",
    "payable_invoices",
    "paying_card",
    "periods_over",
    "plans_held",
    "preview",
    "prices",
    "recipient",
    "subscription_facts",
    "subscriptions",
    "trials_ending",
    "unpaid_invoices",
]
