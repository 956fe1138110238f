"""The words and colours of codes: enums, problems of form fields. Codes stay inside, people read words.

Everybody adds the enums of their noun; a test says which one lacks a word.
"""

from enum import Enum
from typing import Any

from accounts.rights import Role
from accounts.values import AccountKind
from billing.values import DocumentKind, LedgerAccount, LineKind, PaymentState, RefundState
from charging.values import AuthorisationState, Doubt, SessionKind, SessionState, TagState
from kit.i18n import _
from kit.i18n import lazy_ as word
from stations.values import Action, CommandState, ConnectorStatus, PlugType, ShownState

LABELS: dict[Enum, str] = {
    AccountKind.MASTER: word("Master account"),
    AccountKind.PROPERTY: word("Property"),
    Role.OWNER: word("Owner"),
    Role.MANAGER: word("Manager"),
    Role.TECHNICIAN: word("Technician"),
    Role.ACCOUNTANT: word("Accountant"),
    Role.VIEWER: word("Viewer"),
    Role.API_CLIENT: word("Program with write access"),
    ConnectorStatus.UNKNOWN: word("Unknown"),
    ConnectorStatus.AVAILABLE: word("Available"),
    ConnectorStatus.PREPARING: word("Preparing"),
    ConnectorStatus.CHARGING: word("Charging"),
    ConnectorStatus.SUSPENDED_EVSE: word("Paused by the station"),
    ConnectorStatus.SUSPENDED_EV: word("Paused by the car"),
    ConnectorStatus.FINISHING: word("Finishing"),
    ConnectorStatus.RESERVED: word("Reserved"),
    ConnectorStatus.UNAVAILABLE: word("Not available"),
    ConnectorStatus.FAULTED: word("Faulted"),
    ShownState.AVAILABLE: word("Available"),
    ShownState.CONNECTED: word("Car connected"),
    ShownState.OCCUPIED: word("Occupied"),
    ShownState.FAULTED: word("Faulted"),
    ShownState.OUT_OF_SERVICE: word("Out of service"),
    PlugType.UNKNOWN: word("Unknown plug"),
    PlugType.TYPE_2: word("Type 2"),
    PlugType.SCHUKO: word("Schuko"),
    PlugType.SWISS: word("Swiss plug"),
    PlugType.CCS: word("CCS"),
    PlugType.CHADEMO: word("CHAdeMO"),
    CommandState.PENDING: word("Waiting to be sent"),
    CommandState.SENT: word("Sent, waiting for the answer"),
    CommandState.ACCEPTED: word("Accepted by the station"),
    CommandState.REFUSED: word("Refused by the station"),
    CommandState.FAILED: word("Failed"),
    CommandState.TIMED_OUT: word("No answer"),
    CommandState.EXPIRED: word("Expired: the station was not connected"),
    Action.REMOTE_START: word("Start charging"),
    Action.REMOTE_STOP: word("Stop charging"),
    Action.RESET: word("Restart"),
    Action.UNLOCK: word("Unlock the plug"),
    Action.CHANGE_AVAILABILITY: word("Put in or out of service"),
    Action.GET_CONFIGURATION: word("Read the settings"),
    Action.CHANGE_CONFIGURATION: word("Change a setting"),
    Action.TRIGGER_MESSAGE: word("Ask for a message"),
    Action.CLEAR_CACHE: word("Clear the cache"),
    Action.DATA_TRANSFER: word("Transfer data"),
    AuthorisationState.WAITING: word("Waiting for the plug"),
    AuthorisationState.USED: word("Used"),
    AuthorisationState.EXPIRED: word("Expired"),
    AuthorisationState.FAILED: word("Failed"),
    AuthorisationState.CANCELLED: word("Cancelled"),
    SessionState.ACTIVE: word("Running"),
    SessionState.ENDED: word("Ended"),
    SessionKind.PAID: word("Paid by card"),
    SessionKind.OPERATOR: word("Started in the portal"),
    SessionKind.TAG: word("Started with a tag"),
    SessionKind.UNAUTHORISED: word("Started without permission"),
    SessionKind.ORPHAN: word("Start unknown"),
    TagState.VALID: word("Valid"),
    TagState.BLOCKED: word("Blocked"),
    TagState.EXPIRED: word("Expired"),
    Doubt.SCHEMA: word("The message deviates from the standard"),
    Doubt.CLOCK: word("The station's clock is wrong"),
    Doubt.REGISTER_BACKWARDS: word("The meter ran backwards"),
    Doubt.UNKNOWN_TRANSACTION: word("Unknown transaction"),
    Doubt.UNKNOWN_TAG: word("Unknown tag"),
    Doubt.STOP_DIFFERS: word("Two different reports of the end"),
    Doubt.ESTIMATED: word("Estimated"),
    Doubt.IMPLAUSIBLE: word("Not plausible"),
    LineKind.ENERGY: word("Energy"),
    LineKind.TIME: word("Time"),
    LineKind.SESSION: word("Per session"),
    LineKind.LIMIT: word("Not charged: more than was reserved"),
    LineKind.REFUND: word("Refund"),
    PaymentState.OPENING: word("Being opened"),
    PaymentState.WAITING: word("Waiting for the card"),
    PaymentState.HELD: word("Amount reserved"),
    PaymentState.CAPTURING: word("Being charged"),
    PaymentState.CAPTURED: word("Paid"),
    PaymentState.RELEASING: word("Reservation being lifted"),
    PaymentState.RELEASED: word("Reservation lifted"),
    PaymentState.DECLINED: word("Declined"),
    PaymentState.ABANDONED: word("Abandoned"),
    PaymentState.FAILED: word("Failed"),
    RefundState.REQUESTED: word("On its way"),
    RefundState.DONE: word("Done"),
    RefundState.REFUSED: word("Refused"),
    DocumentKind.RECEIPT: word("Receipt"),
    DocumentKind.CREDIT_NOTE: word("Credit note"),
    LedgerAccount.PROVIDER_SOON: word("Available soon"),
    LedgerAccount.PROVIDER_AVAILABLE: word("Available"),
    LedgerAccount.REVENUE: word("Revenue"),
    LedgerAccount.VAT: word("VAT"),
    LedgerAccount.PLATFORM_FEE: word("Platform fee"),
}

# colours of badges, by Tabler's names; everything else is grey
COLOURS: dict[Enum, str] = {
    ShownState.AVAILABLE: "blue",
    ShownState.CONNECTED: "azure",
    ShownState.OCCUPIED: "red",
    ShownState.FAULTED: "orange",
    ShownState.OUT_OF_SERVICE: "secondary",
    ConnectorStatus.AVAILABLE: "blue",
    ConnectorStatus.PREPARING: "azure",
    ConnectorStatus.CHARGING: "red",
    ConnectorStatus.SUSPENDED_EVSE: "yellow",
    ConnectorStatus.SUSPENDED_EV: "yellow",
    ConnectorStatus.FINISHING: "azure",
    ConnectorStatus.FAULTED: "orange",
    CommandState.PENDING: "azure",
    CommandState.SENT: "azure",
    CommandState.ACCEPTED: "green",
    CommandState.REFUSED: "orange",
    CommandState.FAILED: "red",
    CommandState.TIMED_OUT: "orange",
    SessionState.ACTIVE: "red",
    SessionState.ENDED: "green",
    PaymentState.HELD: "azure",
    PaymentState.CAPTURING: "azure",
    PaymentState.CAPTURED: "green",
    PaymentState.RELEASED: "secondary",
    PaymentState.DECLINED: "orange",
    PaymentState.FAILED: "red",
    TagState.VALID: "green",
    TagState.BLOCKED: "red",
    TagState.EXPIRED: "yellow",
}

# what is the matter with a field of a form, by the code in `Invalid(field="code")`
FIELD_PROBLEMS: dict[str, str] = {
    "required": word("Please fill this in."),
    "too_long": word("This is too long."),
    "too_short": word("This is too short."),
    "too_large": word("This number is too large."),
    "too_small": word("This number is too small."),
    "out_of_range": word("This number is out of range."),
    "too_high": word("This is more than possible."),
    "too_many": word("These are too many."),
    "not_positive": word("Please enter an amount above zero."),
    "not_the_rate": word("This is not the rate that applies here today."),
    "negative": word("This can't be negative."),
    "not_a_number": word("Please enter a number, such as 0.45."),
    "unknown": word("Please choose one of the list."),
    "taken": word("This is taken already."),
    "invalid": word("This is not valid."),
    "not_an_email": word("This is not an e-mail address."),
    "wrong_login": word("E-mail and password do not fit together."),
    "wrong_password": word("This is not your password."),
    "password_short": word("Please take at least 10 characters."),
    "password_easy": word("This password is too easy to guess."),
    "not_a_uid": word("This number is not valid. A Swiss UID looks like CHE-123.456.788."),
    "required_for_vat": word("Whoever is registered for VAT has a UID; please enter it."),
    "not_accepted": word("Please agree to go on."),
    "too_precise": word("Please take fewer digits after the point."),
    "not_a_day": word("Please enter a day, such as 2027-03-31."),
    "without_zone": word("Please say in which time zone."),
    "twice": word("This stands in the file twice."),
    "not_registered": word("The account is not registered for VAT."),
}


def label(code: Any) -> str:
    """The word for an enum member in the reader's language."""
    return "" if code is None else _(LABELS[code])


def colour(code: Any) -> str:
    """The colour of an enum member's badge."""
    return COLOURS.get(code, "secondary")


def field_words(code: str) -> str:
    """What to write at a field with this problem."""
    return _(FIELD_PROBLEMS.get(code, "Please check this."))
