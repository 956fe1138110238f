"""Every write of billing, split by noun."""

from billing.use_cases.charges import move_available_income, price_session
from billing.use_cases.receipts import issue_credit_note, issue_receipt, record_rendering
from billing.use_cases.tariffs import set_price

__all__ = [
    "issue_credit_note",
    "issue_receipt",
    "move_available_income",
    "price_session",
    "record_rendering",
    "set_price",
]
