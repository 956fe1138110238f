"""Every read of billing that a surface needs, split by noun."""

from billing.queries.income import Balance, Income, MonthIncome, income
from billing.queries.receipts import documents_of_payment, receipt_document, receipts
from billing.queries.tariffs import prices_of, terms_of

__all__ = [
    "Balance",
    "Income",
    "MonthIncome",
    "documents_of_payment",
    "income",
    "prices_of",
    "receipt_document",
    "receipts",
    "terms_of",
]
