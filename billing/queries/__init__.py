"""Every read of billing that a surface needs, split by noun."""

from billing.queries.charges import SessionCharge, charges_of
from billing.queries.failures import FailedPayment, failed_count, failed_payments
from billing.queries.income import Balance, Income, MonthIncome, income
from billing.queries.leftovers import (
    RunningPayment,
    failed_starts,
    letter_sent,
    open_refunds,
    payments_in,
    running_payments,
    unfinished_checkouts,
    unsettled_sessions,
)
from billing.queries.offers import Offer, offer_of
from billing.queries.overview import (
    DayIncome,
    UnpayableAccount,
    balances,
    daily_income,
    unpayable_accounts,
)
from billing.queries.payments import (
    PaymentView,
    SessionFacts,
    connector_code,
    curve_for_payer,
    link_of,
    payment,
    payment_by_link,
    payment_view,
    refund,
)
from billing.queries.payouts import PayoutFacts, account_order, account_ref, payout_facts, unchecked_accounts
from billing.queries.properties import Earned, Figures, PropertyRow, properties, property_totals
from billing.queries.receipts import documents_of_payment, receipt_document, receipts
from billing.queries.refunds import CapturedPayment, captured_payment
from billing.queries.tariffs import prices_of, terms_of

__all__ = [
    "Balance",
    "CapturedPayment",
    "DayIncome",
    "Earned",
    "FailedPayment",
    "Figures",
    "Income",
    "MonthIncome",
    "Offer",
    "PaymentView",
    "PayoutFacts",
    "PropertyRow",
    "RunningPayment",
    "SessionCharge",
    "SessionFacts",
    "UnpayableAccount",
    "account_order",
    "account_ref",
    "balances",
    "captured_payment",
    "charges_of",
    "connector_code",
    "curve_for_payer",
    "daily_income",
    "documents_of_payment",
    "failed_count",
    "failed_payments",
    "failed_starts",
    "income",
    "letter_sent",
    "link_of",
    "offer_of",
    "open_refunds",
    "payment",
    "payment_by_link",
    "payment_view",
    "payments_in",
    "payout_facts",
    "prices_of",
    "properties",
    "property_totals",
    "receipt_document",
    "receipts",
    "refund",
    "running_payments",
    "terms_of",
    "unchecked_accounts",
    "unfinished_checkouts",
    "unpayable_accounts",
    "unsettled_sessions",
]
