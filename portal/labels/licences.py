"""Words for plans: functions, subscriptions, invoices."""

from enum import Enum

from accounts.functions import Function
from kit.i18n import lazy_ as word
from licensing.values import BankDoubt, BankState, Interval, InvoiceKind, LineKind, PaidBy, SubscriptionState

NAMES: dict[Enum, str] = {
    Function.REPORTS: word("Reports"),
    Function.STATISTICS: word("Statistics"),
    Function.MAINTENANCE: word("Maintenance from afar"),
    Function.MESSAGE_LOG: word("Message log"),
    Function.ALARMS: word("Alarms"),
    Function.ROAMING: word("Roaming"),
    Function.USER_GROUPS: word("User groups and their prices"),
    Function.METER_IMPORT: word("Import of meter readings"),
}
LICENCES: dict[Enum, str] = {
    **NAMES,
    Interval.MONTH: word("Monthly"),
    Interval.YEAR: word("Yearly"),
    SubscriptionState.TRIAL: word("Trial"),
    SubscriptionState.RUNNING: word("Running"),
    SubscriptionState.OVERDUE: word("Payment overdue"),
    SubscriptionState.LOCKED: word("Waits for payment"),
    SubscriptionState.ENDED: word("Ended"),
    InvoiceKind.LICENCES: word("Invoice"),
    InvoiceKind.FEES: word("Statement of fees"),
    InvoiceKind.CREDIT: word("Credit note"),
    PaidBy.CARD: word("Paid by card"),
    PaidBy.BANK: word("Paid by bank transfer"),
    PaidBy.DEDUCTED: word("Kept from the payments"),
    PaidBy.CREDITED: word("Settled"),
    BankState.DOUBTFUL: word("To look at"),
    BankState.SETTLED: word("Invoice settled"),
    BankState.PUT_AWAY: word("Lies aside"),
    BankDoubt.NO_REFERENCE: word("Without a reference"),
    BankDoubt.UNKNOWN_REFERENCE: word("Unknown reference"),
    BankDoubt.OTHER_AMOUNT: word("Another amount"),
    BankDoubt.PAID_ALREADY: word("Invoice was settled before"),
    BankDoubt.RETURNED: word("Taken back"),
    LineKind.PERIOD: word("Licences"),
    LineKind.ADDED: word("Licences added"),
    LineKind.UNUSED: word("Unused rest"),
    LineKind.FEES: word("Fee on payments of drivers"),
    LineKind.FEES_RETURNED: word("Fee given back with refunds"),
    LineKind.CREDIT: word("Amount taken back"),
}
LICENCE_COLOURS: dict[Enum, str] = {
    SubscriptionState.TRIAL: "azure",
    SubscriptionState.RUNNING: "green",
    SubscriptionState.OVERDUE: "orange",
    SubscriptionState.LOCKED: "red",
}
