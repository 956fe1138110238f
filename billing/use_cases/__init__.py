"""Every write of billing, split by noun."""

from billing.use_cases.charges import move_available_income, price_session
from billing.use_cases.closing import end_selling, erase_books
from billing.use_cases.closing_times import stop_at_closing
from billing.use_cases.failures import note_try, try_again
from billing.use_cases.former_payees import release_payouts
from billing.use_cases.legal_changes import (
    approve_legal_change,
    decline_legal_change,
    request_legal_change,
    withdraw_legal_change,
)
from billing.use_cases.letters import note_letter
from billing.use_cases.moves import carry_prices
from billing.use_cases.owners import part_books
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
    payouts_held,
    provider_account_changed,
    provider_account_made,
    set_hold,
)
from billing.use_cases.person_prices import (
    Whom,
    add_person_price,
    agree_terms,
    change_person_price,
    forget_person_prices,
    price_tag_session,
    remove_person_price,
    send_price_link,
    withdraw_person_prices,
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
from billing.use_cases.splits import Split, split_account
from billing.use_cases.tariffs import remove_price, set_price
from billing.use_cases.verification import (
    BankOrder,
    LegalData,
    bank_account_taken,
    end_verification,
    order_bank_account,
    restrict_overdue,
    tell_legal_data,
)

__all__ = [
    "BankOrder",
    "LegalData",
    "Split",
    "Whom",
    "add_person_price",
    "agree_terms",
    "approve_legal_change",
    "attach_session",
    "bank_account_taken",
    "carry_prices",
    "change_email",
    "change_person_price",
    "checkout_abandoned",
    "checkout_opened",
    "close_at_lapse",
    "connect_provider_account",
    "decline_legal_change",
    "end_selling",
    "end_verification",
    "erase_books",
    "forget_person_prices",
    "hold_taken",
    "issue_credit_note",
    "issue_receipt",
    "move_available_income",
    "note_letter",
    "note_try",
    "order_bank_account",
    "part_books",
    "payment_captured",
    "payment_declined",
    "payment_failed",
    "payment_released",
    "payouts_held",
    "price_session",
    "price_tag_session",
    "provider_account_changed",
    "provider_account_made",
    "record_rendering",
    "refund",
    "refund_made",
    "refund_refused",
    "release_failed_start",
    "release_payouts",
    "remove_person_price",
    "remove_price",
    "request_legal_change",
    "request_payment",
    "restrict_overdue",
    "send_price_link",
    "set_hold",
    "set_price",
    "settle_session",
    "split_account",
    "stop_at_closing",
    "stop_at_hold",
    "stop_charging",
    "stop_refused",
    "store_notice",
    "tell_legal_data",
    "try_again",
    "withdraw_legal_change",
    "withdraw_person_prices",
]
