"""The words and colours of codes: enums, problems of form fields. Codes stay inside, people read words.

Everybody adds the enums of their noun; a test says which one lacks a word.
"""

from enum import Enum
from typing import Any

from accounts.values import SupportState
from billing.values import DocumentKind, LedgerAccount, LineKind, PaymentState, RefundState
from charging.values import (
    AuthorisationState,
    OrphanState,
    ProfileCheck,
    ProfileKind,
    ProfilePurpose,
    ProfileState,
    RateUnit,
    Recurrency,
    ReservationState,
    ScheduleStyle,
    SessionKind,
    SessionState,
    TagState,
)
from kit.i18n import _
from kit.i18n import lazy_ as word
from portal.labels.announcements import ANNOUNCEMENT_COLOURS, ANNOUNCEMENTS
from portal.labels.closures import CLOSURES
from portal.labels.connections import CONNECTIONS
from portal.labels.doubts import DOUBTS
from portal.labels.fields import FIELD_PROBLEMS
from portal.labels.hand_overs import HAND_OVERS
from portal.labels.imports import IMPORT_COLOURS, IMPORTS
from portal.labels.licences import LICENCE_COLOURS, LICENCES
from portal.labels.logins import LOGINS
from portal.labels.mass_changes import MASS_CHANGE_COLOURS, MASS_CHANGES
from portal.labels.opening_hours import OPENING_HOURS
from portal.labels.partners import PARTNER_COLOURS, PARTNERS
from portal.labels.properties import PROPERTIES
from portal.labels.rights import RIGHTS
from portal.labels.settings import SETTING_COLOURS, SETTINGS
from portal.labels.smart_me import SMART_ME
from portal.labels.verification import VERIFICATION, VERIFICATION_COLOURS
from portal.labels.webhooks import WEBHOOK_COLOURS, WEBHOOKS
from stations.values import (
    Action,
    AuthorityKind,
    CampaignState,
    CampaignStationState,
    CertificateProblem,
    CertificateState,
    CommandState,
    ConnectorStatus,
    FileJobKind,
    FileJobState,
    InstalledKind,
    PlugType,
    SecurityProfile,
    Sender,
    ShownState,
    Transport,
)

LABELS: dict[Enum, str] = (
    ANNOUNCEMENTS
    | CONNECTIONS
    | DOUBTS
    | LOGINS
    | MASS_CHANGES
    | OPENING_HOURS
    | PARTNERS
    | PROPERTIES
    | RIGHTS
    | SETTINGS
    | WEBHOOKS
    | SMART_ME
    | LICENCES
    | VERIFICATION
    | CLOSURES
    | HAND_OVERS
    | IMPORTS
    | {
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
        CommandState.CANCELLED: word("Cancelled"),
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
        Action.GET_LOCAL_LIST_VERSION: word("Ask for the version of the local list"),
        Action.SEND_LOCAL_LIST: word("Send the local list"),
        Action.GET_DIAGNOSTICS: word("Get diagnostics"),
        Action.UPDATE_FIRMWARE: word("Update the firmware"),
        Action.RESERVE_NOW: word("Reserve"),
        Action.CANCEL_RESERVATION: word("Cancel a reservation"),
        Action.SET_CHARGING_PROFILE: word("Limit charging"),
        Action.CLEAR_CHARGING_PROFILE: word("Lift a limit"),
        Action.GET_COMPOSITE_SCHEDULE: word("Ask for the schedule"),
        Action.EXTENDED_TRIGGER_MESSAGE: word("Ask for a message (security extension)"),
        Action.CERTIFICATE_SIGNED: word("Send the signed certificate"),
        Action.INSTALL_CERTIFICATE: word("Install a root certificate"),
        Action.DELETE_CERTIFICATE: word("Delete a root certificate"),
        Action.GET_INSTALLED_CERTIFICATE_IDS: word("Ask which root certificates it has"),
        Action.GET_LOG: word("Get a log"),
        Action.SIGNED_UPDATE_FIRMWARE: word("Update the firmware (signed)"),
        Sender.STATION: word("Station"),
        Sender.PLATFORM: word("Platform"),
        SecurityProfile.OPEN: word("Open: nothing is asked"),
        SecurityProfile.PASSWORD: word("Password"),
        SecurityProfile.PASSWORD_TLS: word("Password, only over TLS"),
        SecurityProfile.CERTIFICATE_TLS: word("Own certificate, only over TLS"),
        Action.GET_DIAGNOSTICS: word("Ask for diagnostics"),
        Action.GET_LOG: word("Ask for a log"),
        Action.UPDATE_FIRMWARE: word("Install firmware"),
        Action.SIGNED_UPDATE_FIRMWARE: word("Install signed firmware"),
        AuthorityKind.ROOT: word("Root certificate"),
        AuthorityKind.ISSUING: word("Issuing certificate"),
        CertificateState.REQUESTED: word("Asked for by the station"),
        CertificateState.DECLINED: word("Request declined"),
        CertificateState.SIGNED: word("Sent to the station"),
        CertificateState.IN_FORCE: word("In force"),
        CertificateState.REFUSED: word("Refused by the station"),
        CertificateState.REPLACED: word("Replaced"),
        CertificateState.REVOKED: word("Revoked"),
        CertificateProblem.UNREADABLE: word("The request can't be read."),
        CertificateProblem.WEAK_KEY: word("The key is too weak: RSA needs 2048 bits, EC the curve P-256."),
        CertificateProblem.NOT_PROVEN: word("The station did not prove that the key is its own."),
        CertificateProblem.OTHER_NAME: word("It names neither the station's identity nor its serial number."),
        CertificateProblem.OTHER_ORGANISATION: word(
            "It names another organisation than the station's setting CpoName."
        ),
        CertificateProblem.TOO_MANY: word("The station asks too often."),
        InstalledKind.CENTRAL_SYSTEM_ROOT: word("Root for this platform"),
        InstalledKind.MANUFACTURER_ROOT: word("Root of the manufacturer"),
        FileJobKind.DIAGNOSTICS: word("Diagnostics"),
        FileJobKind.DIAGNOSTICS_LOG: word("Diagnostics log"),
        FileJobKind.SECURITY_LOG: word("Security log"),
        FileJobKind.FIRMWARE: word("Firmware"),
        FileJobKind.SIGNED_FIRMWARE: word("Signed firmware"),
        FileJobState.REQUESTED: word("Asked for"),
        FileJobState.ACCEPTED: word("Accepted by the station"),
        FileJobState.RUNNING: word("Running"),
        FileJobState.DONE: word("Done"),
        FileJobState.FAILED: word("Failed"),
        FileJobState.REFUSED: word("Refused by the station"),
        FileJobState.REPLACED: word("Replaced"),
        CampaignState.DRAFT: word("Planned"),
        CampaignState.RUNNING: word("Running"),
        CampaignState.PAUSED: word("Paused"),
        CampaignState.STOPPED: word("Stopped"),
        CampaignState.DONE: word("Done"),
        CampaignState.CANCELLED: word("Cancelled"),
        CampaignStationState.WAITING: word("Waiting"),
        CampaignStationState.RUNNING: word("Running"),
        CampaignStationState.DONE: word("Done"),
        CampaignStationState.FAILED: word("Failed"),
        CampaignStationState.SKIPPED: word("Left out"),
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
        SessionKind.IMPORTED: word("From another platform"),
        ProfilePurpose.STATION: word("For the whole station"),
        ProfilePurpose.DEFAULT: word("For every session"),
        ProfilePurpose.SESSION: word("For the running session"),
        ProfileKind.ABSOLUTE: word("A fixed instant"),
        ProfileKind.RECURRING: word("A fixed instant, repeated"),
        ProfileKind.RELATIVE: word("The begin of each session"),
        ProfileState.REQUESTED: word("Asked for"),
        ProfileState.INSTALLED: word("Installed"),
        ProfileState.REFUSED: word("Refused"),
        ProfileState.REPLACED: word("Replaced"),
        ProfileState.CLEARED: word("Lifted"),
        ProfileState.ENDED: word("Ended with the session"),
        ProfileCheck.UNCHECKED: word("Not checked"),
        ProfileCheck.WANTED: word("Being checked"),
        ProfileCheck.CONFIRMED: word("Confirmed by the station"),
        ProfileCheck.IGNORED: word("Accepted, but not in the station's schedule"),
        Recurrency.DAILY: word("Daily"),
        Recurrency.WEEKLY: word("Weekly"),
        RateUnit.AMPERE: word("A per phase"),
        RateUnit.WATT: word("W"),
        ScheduleStyle.PAST: word("A minute ago (most stations)"),
        ScheduleStyle.ABSOLUTE: word("Exactly on time"),
        ScheduleStyle.RELATIVE: word("With each session (relative only)"),
        ReservationState.REQUESTED: word("Asked for"),
        ReservationState.IN_FORCE: word("In force"),
        ReservationState.REFUSED: word("Refused"),
        ReservationState.USED: word("Used"),
        ReservationState.CANCELLED: word("Cancelled"),
        ReservationState.EXPIRED: word("Expired"),
        TagState.VALID: word("Valid"),
        TagState.BLOCKED: word("Blocked"),
        TagState.EXPIRED: word("Expired"),
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
)

# colours of badges, by Tabler's names; everything else is grey
COLOURS: dict[Enum, str] = (
    ANNOUNCEMENT_COLOURS
    | IMPORT_COLOURS
    | SETTING_COLOURS
    | WEBHOOK_COLOURS
    | LICENCE_COLOURS
    | PARTNER_COLOURS
    | VERIFICATION_COLOURS
    | MASS_CHANGE_COLOURS
    | {
        SupportState.WAITING: "yellow",
        SupportState.OPEN: "green",
        Transport.OUTDATED_TLS: "orange",
        Transport.TLS: "green",
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
        CertificateState.REQUESTED: "azure",
        CertificateState.DECLINED: "orange",
        CertificateState.SIGNED: "azure",
        CertificateState.IN_FORCE: "green",
        CertificateState.REFUSED: "orange",
        CertificateState.REVOKED: "red",
        FileJobState.REQUESTED: "azure",
        FileJobState.ACCEPTED: "azure",
        FileJobState.RUNNING: "azure",
        FileJobState.DONE: "green",
        FileJobState.FAILED: "red",
        FileJobState.REFUSED: "orange",
        CampaignState.RUNNING: "azure",
        CampaignState.PAUSED: "yellow",
        CampaignState.STOPPED: "red",
        CampaignState.DONE: "green",
        CampaignStationState.RUNNING: "azure",
        CampaignStationState.DONE: "green",
        CampaignStationState.FAILED: "red",
        SessionState.ACTIVE: "red",
        SessionState.ENDED: "green",
        PaymentState.HELD: "azure",
        PaymentState.CAPTURING: "azure",
        PaymentState.CAPTURED: "green",
        PaymentState.RELEASED: "secondary",
        PaymentState.DECLINED: "orange",
        PaymentState.FAILED: "red",
        ProfileState.REQUESTED: "azure",
        ProfileState.INSTALLED: "green",
        ProfileState.REFUSED: "orange",
        ProfileCheck.CONFIRMED: "green",
        ProfileCheck.IGNORED: "orange",
        ReservationState.REQUESTED: "azure",
        ReservationState.IN_FORCE: "purple",
        ReservationState.REFUSED: "orange",
        ReservationState.USED: "green",
        OrphanState.OPEN: "orange",
        TagState.VALID: "green",
        TagState.BLOCKED: "red",
        TagState.EXPIRED: "yellow",
    }
)


def label(code: Any) -> str:
    """The word for an enum member in the reader's language."""
    return "" if code is None else _(LABELS[code])


def colour(code: Any) -> str:
    """The colour of an enum member's badge."""
    return COLOURS.get(code, "secondary")


def field_words(code: str) -> str:
    """What to write at a field with this problem."""
    return _(FIELD_PROBLEMS.get(code, "Please check this."))
