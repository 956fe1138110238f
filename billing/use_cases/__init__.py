"""Every write of billing, split by noun."""

from billing.use_cases.charges import move_available_income, price_session
from billing.use_cases.failures import note_try, try_again
from billing.use_cases.letters import note_letter
from billing.use_cases.moves import carry_prices
from billing.use_cases.payments import (
    change_email,
    checkout_abandoned,
    checkout_opened,
    hold_taken,
    payment_declined,
    request_payment,
    stop_charging,
    store_notice,
)
from billing.use_cases.payouts import (
    connect_provider_account,
    provider_account_changed,
    provider_account_made,
    set_hold,
)
from billing.use_cases.receipts import issue_credit_note, issue_receipt, record_rendering
from billing.use_cases.refunds import refund, refund_made, refund_refused
from billing.use_cases.settlement import (
    attach_session,
    close_at_lapse,
    payment_captured,
    payment_failed,
    payment_released,
    release_failed_start,
    settle_session,
    stop_at_hold,
    stop_refused,
)
from billing.use_cases.tariffs import set_price

__all__ = [
    "attach_session",
    "carry_prices",
    "change_email",
    "checkout_abandoned",
    "checkout_opened",
    "close_at_lapse",
    "connect_provider_account",
    "hold_taken",
    "issue_credit_note",
    "issue_receipt",
    "move_available_income",
    "note_letter",
    "note_try",
    "payment_captured",
    "payment_declined",
    "payment_failed",
    "payment_released",
    "price_session",
    "provider_account_changed",
    "provider_account_made",
    "record_rendering",
    "refund",
    "refund_made",
    "refund_refused",
    "release_failed_start",
    "request_payment",
    "set_hold",
    "set_price",
    "settle_session",
    "stop_at_hold",
    "stop_charging",
    "stop_refused",
    "store_notice",
    "try_again",
]
