"""Words for closing an account."""

from enum import Enum

from closures.values import Ending, ExportState, Kept, Obstacle
from kit.i18n import lazy_ as word

CLOSURES: dict[Enum, str] = {
    Obstacle.SESSIONS: word("Sessions that run, at"),
    Obstacle.PAYMENTS: word("Payments of drivers that are not over"),
    Obstacle.REFUNDS: word("Refunds that are not made yet"),
    Obstacle.MONEY: word("Income that is not available yet"),
    Obstacle.INVOICES: word("Invoices for licences that are not paid"),
    Obstacle.ACCOUNTS_BELOW: word("Accounts below this one"),
    Obstacle.HAND_OVER: word("A hand-over to"),
    Obstacle.SUSPENDED: word("Suspension by the platform"),
    Ending.STATIONS: word("Stations, which are disconnected"),
    Ending.TAGS: word("Tags"),
    Ending.PEOPLE: word("Roles of people"),
    Ending.COMPANIES: word("Accounts with a role"),
    Ending.INVITATIONS: word("Open invitations"),
    Ending.TOKENS: word("API keys"),
    Ending.API_CLIENTS: word("API clients"),
    Ending.COMPANY_LOGIN: word("Company sign-in"),
    Ending.WEBHOOKS: word("Webhooks"),
    Ending.LICENCES: word("Licences"),
    Ending.SMART_ME: word("Link with smart-me"),
    Ending.PARTNER: word("Entry in the directory of partners"),
    Ending.PAYOUT: word("Payout account and verification"),
    Kept.DOCUMENTS: word("Receipts and credit notes"),
    Kept.BOOKINGS: word("Bookings"),
    Kept.INVOICES: word("Invoices for licences"),
    Kept.ACTIVITY: word("Lines of the activity, until their time is over"),
    ExportState.WAITING: word("Waits to be written"),
    ExportState.RUNNING: word("Being written"),
    ExportState.READY: word("Ready"),
    ExportState.FAILED: word("It could not be written. Please try again."),
    ExportState.GONE: word("Removed"),
}
