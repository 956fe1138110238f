"""Every deed of this room."""

from licensing.use_cases.bank import BankReading, put_booking_away, read_bank_file, settle_with_booking
from licensing.use_cases.cards import card_payment_ended, card_payment_held, card_payment_opened, card_payment_taken
from licensing.use_cases.clockwork import close_period, keep_entitlements, remind, unlock_paid, warn_of_trial_end
from licensing.use_cases.closing import end_licences, erase_invoices
from licensing.use_cases.desk import end_free_period, give_free_period, set_plan_price
from licensing.use_cases.fees import issue_fee_statement
from licensing.use_cases.invoices import credit_invoice, invoice_paid, note_bank_payment
from licensing.use_cases.owners import part_invoices
from licensing.use_cases.places import add_stations, give_up_licence, keep_licence, move_licence
from licensing.use_cases.stored_cards import (
    card_charge_asked,
    card_charge_begun,
    card_charge_refused,
    card_forgotten,
    card_page_asked,
    card_page_left,
    card_page_opened,
    card_stored,
    remove_card,
)
from licensing.use_cases.subscriptions import (
    cancel_subscription,
    change_interval,
    resume_subscription,
    start_trial,
    subscribe,
)

__all__ = [
    "BankReading",
    "add_stations",
    "cancel_subscription",
    "card_charge_asked",
    "card_charge_begun",
    "card_charge_refused",
    "card_forgotten",
    "card_page_asked",
    "card_page_left",
    "card_page_opened",
    "card_payment_ended",
    "card_payment_held",
    "card_payment_opened",
    "card_payment_taken",
    "card_stored",
    "change_interval",
    "close_period",
    "credit_invoice",
    "end_free_period",
    "end_licences",
    "erase_invoices",
    "give_free_period",
    "give_up_licence",
    "invoice_paid",
    "issue_fee_statement",
    "keep_entitlements",
    "keep_licence",
    "move_licence",
    "note_bank_payment",
    "part_invoices",
    "put_booking_away",
    "read_bank_file",
    "remind",
    "remove_card",
    "resume_subscription",
    "set_plan_price",
    "settle_with_booking",
    "start_trial",
    "subscribe",
    "unlock_paid",
    "warn_of_trial_end",
]
