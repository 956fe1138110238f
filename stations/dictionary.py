"""What the codes of OCPP 1.6 mean, in plain words: states, answers, reasons, errors, and our own words for failures.

The same code says different things in different places: `Accepted` of a tag, of a station, of a command. So words
belong to a *topic*, and a topic to *places*, written as the standard does: `StatusNotification.req.status`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from kit.i18n import _
from kit.i18n import lazy_ as word
from kit.spelling import plain, spellings
from stations.catalogue import CATALOGUE
from stations.security_kinds import SECURITY_KINDS
from stations.values import Action

STATES: dict[str, str] = {
    "Available": word("Free: a driver can begin here."),
    "Preparing": word("A car is plugged in, or a tag was shown; the session has not begun yet."),
    "Charging": word("A car is charging."),
    "SuspendedEVSE": word("The station has paused charging, for example for a limit or a tag that is not valid."),
    "SuspendedEV": word("The car takes nothing at the moment: it is full, or waits."),
    "Finishing": word("The session has ended; the car is still plugged in."),
    "Reserved": word("Kept free for a reservation."),
    "Unavailable": word("Out of service: switched off from here, or at the station."),
    "Faulted": word("Nobody can charge here because of a fault; the error code tells which."),
}
FAULTS: dict[str, str] = {
    "NoError": word("No fault."),
    "ConnectorLockFailure": word("The plug can't be locked or unlocked. Look whether something is in the way."),
    "EVCommunicationError": word("Station and car do not understand each other. Plugging in again often helps."),
    "GroundFailure": word("A fault current was noticed and the power cut. An electrician has to look at it."),
    "HighTemperature": word("It is too hot inside. The station charges less or not at all until it has cooled down."),
    "InternalError": word(
        "Something inside the station is broken. If no restart helps, its makers have to look at it."
    ),
    "LocalListConflict": word("The station's local list contradicts what the platform says of a tag. Send it anew."),
    "OtherError": word("Another fault. The maker's own error code tells more."),
    "OverCurrentFailure": word("Too much current flowed. If it happens again, an electrician has to look at it."),
    "OverVoltage": word("The voltage of the mains is too high."),
    "PowerMeterFailure": word("The meter can't be read, so energy may be missing. The makers have to look at it."),
    "PowerSwitchFailure": word("The contactor does not switch. An electrician has to look at it."),
    "ReaderFailure": word("The tag reader is broken: nobody can begin with a tag."),
    "ResetFailure": word("A restart did not work. Cutting the power for a moment helps."),
    "UnderVoltage": word("The voltage of the mains is too low."),
    "WeakSignal": word("The station's mobile network or WLAN is weak."),
}
TAGS: dict[str, str] = {
    "Accepted": word("The tag is valid."),
    "Blocked": word("The tag is blocked."),
    "Expired": word("The tag is no longer valid."),
    "Invalid": word("Nobody knows the tag."),
    "ConcurrentTx": word("The tag is charging elsewhere already."),
}
ADMISSIONS: dict[str, str] = {
    "Accepted": word("The station is admitted and may work."),
    "Pending": word("The station is not admitted yet and waits until somebody accepts it."),
    "Rejected": word("The station is not admitted; it asks again later."),
}
# these also end a sentence: "Ended by: …"
STOP_REASONS: dict[str, str] = {
    "DeAuthorized": word("the station: the tag was not valid"),
    "EmergencyStop": word("the emergency button"),
    "EVDisconnected": word("unplugging"),
    "HardReset": word("a restart of the station"),
    "Local": word("the driver, at the station"),
    "Other": word("another reason"),
    "PowerLoss": word("a power cut"),
    "Reboot": word("a restart of the station"),
    "Remote": word("a command from here"),
    "SoftReset": word("a restart of the station"),
    "UnlockCommand": word("unlocking the plug"),
}
UPLOADS: dict[str, str] = {
    "Uploading": word("Sending the file"),
    "Uploaded": word("File sent"),
    "UploadFailed": word("The station could not send the file"),
    "UploadFailure": word("The station could not send the file"),
    "BadMessage": word("The station did not understand the request"),
    "NotSupportedOperation": word("The station can't do this"),
    "PermissionDenied": word("The station was not let in at the address"),
    "Idle": word("Nothing to do"),
}
INSTALLATIONS: dict[str, str] = {
    "Downloading": word("Fetching the firmware"),
    "Downloaded": word("Firmware fetched"),
    "DownloadScheduled": word("Will be fetched later"),
    "DownloadPaused": word("Fetching paused"),
    "DownloadFailed": word("The station could not fetch the firmware"),
    "SignatureVerified": word("Signature checked and found good"),
    "InvalidSignature": word("The station finds the signature wrong"),
    "Installing": word("Installing"),
    "InstallScheduled": word("Will be installed later"),
    "InstallRebooting": word("Restarts to install"),
    "Installed": word("Installed"),
    "InstallationFailed": word("The installation failed"),
    "InstallVerificationFailed": word("The check after the installation failed"),
    "Idle": word("Nothing to do"),
}
# what any command may be answered with
ANSWERS: dict[str, str] = {
    "Accepted": word("Done"),
    "Rejected": word("Refused"),
    "Scheduled": word("Will be done when the running session has ended"),
    "RebootRequired": word("Done, counts after a restart"),
    "NotSupported": word("The station can't do this"),
    "NotImplemented": word("The station can't do this"),
    "AcceptedCanceled": word("Done; an earlier one was given up"),
    "InvalidCertificate": word("Refused: the certificate is not accepted"),
    "RevokedCertificate": word("Refused: the certificate was revoked"),
    "Unlocked": word("Unlocked"),
    "UnlockFailed": word("The plug could not be unlocked"),
    "Unknown": word("Unknown to the station"),
    "UnknownVendorId": word("Unknown to the station"),
    "UnknownMessageId": word("Unknown to the station"),
    "VersionMismatch": word("Refused: it has another version"),
    "Failed": word("Failed"),
    "Faulted": word("Refused: the connector has a fault"),
    "Occupied": word("Refused: the connector is taken"),
    "Unavailable": word("Refused: the connector is out of service"),
    "NotFound": word("The station has none"),
}
# no refusal: the station tells how it is, and would say the same again
TELLING = frozenset({"NotFound", "Unknown", "UnknownVendorId", "UnknownMessageId"})
TRANSFERS: dict[str, str] = {
    "Accepted": word("The data arrived and was understood."),
    "Rejected": word("The data arrived, but was refused."),
    "UnknownMessageId": word("The receiver knows this maker, but not this message of its."),
    "UnknownVendorId": word("The receiver knows no messages of this maker."),
}
REQUESTS: dict[str, str] = {
    "Accepted": word("The request has arrived; the certificate follows."),
    "Rejected": word("The request for a certificate was declined."),
}
# what went wrong: the standard's codes and our own
ERRORS: dict[str, str] = {
    "NotImplemented": word("The receiver does not know this message. Newer firmware may know it."),
    "NotSupported": word("The receiver knows this message but can't do what it asks."),
    "InternalError": word("The receiver broke down over this message. If it happens again, restart the station."),
    "ProtocolError": word("The message is incomplete. The makers of the station should see it."),
    "SecurityError": word("Refused for reasons of security. Look at the station's password and certificates."),
    "FormationViolation": word("The message is not built as the standard wants it. Its makers should see it."),
    "FormatViolation": word("The message is not built as the standard wants it. Its makers should see it."),
    "PropertyConstraintViolation": word("A field has a value that is not allowed."),
    "OccurenceConstraintViolation": word("A field is missing, or is there too often."),
    "OccurrenceConstraintViolation": word("A field is missing, or is there too often."),
    "TypeConstraintViolation": word("A field has a value of another kind, such as a text instead of a number."),
    "GenericError": word("Something else went wrong at the receiver. The description below may tell what."),
    "MessageTypeNotSupported": word("The receiver can't make anything of this kind of frame."),
    "RpcFrameworkError": word("This is not a message of OCPP 1.6."),
    "Unreadable": word("What arrived could not be read as a message. Its makers should see it."),
    "NoSuchCall": word("This answers a call that was never made, or was given up long before."),
    "TimedOut": word("No answer came in time. The station may be busy, or hang; a restart helps."),
    "ConnectionLost": word("The connection ended before the answer was there. What was asked may have been done."),
    "NotSent": word(
        "Not sent: the connection ended, or the station was busy. It is sent later where that is still wanted."
    ),
}


def _answers(*usual: str, **own: str) -> dict[str, str]:
    """Answers to a command: those that mean the usual, and those of which more can be said."""
    return {**{code: ANSWERS[code] for code in usual}, **own}


COMMAND_ANSWERS: dict[Action, dict[str, str]] = {
    Action.REMOTE_START: _answers(
        Accepted=word("The station will begin as soon as the car is plugged in."),
        Rejected=word("The station does not begin: its connector is taken, or it can't right now."),
    ),
    Action.REMOTE_STOP: _answers(
        Accepted=word("The station will end the session."),
        Rejected=word("The station does not know this session as a running one."),
    ),
    Action.RESET: _answers(
        Accepted=word("The station will restart."), Rejected=word("The station does not restart now.")
    ),
    Action.UNLOCK: _answers("Unlocked", "UnlockFailed", "NotSupported"),
    Action.CHANGE_AVAILABILITY: _answers("Accepted", "Rejected", "Scheduled"),
    Action.CHANGE_CONFIGURATION: _answers(
        "Accepted",
        "RebootRequired",
        Rejected=word("The station refuses this value, or lets nobody change the setting."),
        NotSupported=word("The station has no such setting."),
    ),
    Action.TRIGGER_MESSAGE: _answers("Rejected", "NotImplemented", Accepted=word("The message will follow.")),
    Action.EXTENDED_TRIGGER_MESSAGE: _answers("Rejected", "NotImplemented", Accepted=word("The message will follow.")),
    Action.CLEAR_CACHE: _answers("Accepted", "Rejected"),
    Action.SEND_LOCAL_LIST: _answers(
        "Accepted",
        Failed=word("The station could not store the list."),
        NotSupported=word("The station keeps no local list."),
        VersionMismatch=word("The station has another version of the list: send the whole list."),
    ),
    Action.RESERVE_NOW: _answers("Accepted", "Faulted", "Occupied", "Rejected", "Unavailable"),
    Action.CANCEL_RESERVATION: _answers("Accepted", Rejected=word("The station has no such reservation.")),
    Action.SET_CHARGING_PROFILE: _answers(
        "Rejected", "NotSupported", Accepted=word("The station will keep to the limit.")
    ),
    Action.CLEAR_CHARGING_PROFILE: _answers("Accepted", Unknown=word("The station has no such limit.")),
    Action.GET_COMPOSITE_SCHEDULE: _answers("Accepted", "Rejected"),
    Action.GET_LOG: _answers(
        "Rejected",
        Accepted=word("The station will send its log."),
        AcceptedCanceled=word("The station will send its log, and has given up an earlier one."),
    ),
    Action.SIGNED_UPDATE_FIRMWARE: _answers(
        "Rejected",
        "InvalidCertificate",
        "RevokedCertificate",
        Accepted=word("The station will fetch and install the firmware."),
        AcceptedCanceled=word("The station will install this firmware, and has given up an earlier one."),
    ),
    Action.CERTIFICATE_SIGNED: _answers(
        Accepted=word("The station uses the certificate from now on."),
        Rejected=word("The station refuses the certificate: it does not fit its key, or its signer is not trusted."),
    ),
    Action.INSTALL_CERTIFICATE: _answers(
        "Accepted", "Rejected", Failed=word("The station could not store the certificate.")
    ),
    Action.DELETE_CERTIFICATE: _answers(
        "Accepted", "NotFound", Failed=word("The certificate could not be deleted; the station may be using it.")
    ),
    Action.GET_INSTALLED_CERTIFICATE_IDS: _answers("Accepted", "NotFound"),
}


@dataclass(frozen=True)
class Topic:
    """Codes that belong together, what each means, and the places where they stand."""

    title: str
    meanings: dict[str, str]
    places: tuple[str, ...]


@dataclass(frozen=True)
class Meaning:
    """A code of a message, where it stands there, and what it means in the language in force."""

    place: str
    code: str
    words: str


TOPICS: tuple[Topic, ...] = (
    Topic(word("What went wrong"), ERRORS, ("error",)),
    Topic(word("State of a connector"), STATES, ("StatusNotification.req.status",)),
    Topic(word("Fault of a connector"), FAULTS, ("StatusNotification.req.errorCode",)),
    Topic(
        word("Tag"),
        TAGS,
        (
            "Authorize.conf.idTagInfo.status",
            "StartTransaction.conf.idTagInfo.status",
            "StopTransaction.conf.idTagInfo.status",
            "SendLocalList.req.localAuthorizationList.idTagInfo.status",
        ),
    ),
    Topic(word("Why a session ended"), STOP_REASONS, ("StopTransaction.req.reason",)),
    Topic(word("Admission of a station"), ADMISSIONS, ("BootNotification.conf.status",)),
    Topic(
        word("Progress of diagnostics and logs"),
        UPLOADS,
        ("DiagnosticsStatusNotification.req.status", "LogStatusNotification.req.status"),
    ),
    Topic(
        word("Progress of the firmware"),
        INSTALLATIONS,
        ("FirmwareStatusNotification.req.status", "SignedFirmwareStatusNotification.req.status"),
    ),
    Topic(
        word("Security event"),
        {name: kind.words for name, kind in SECURITY_KINDS.items()},
        ("SecurityEventNotification.req.type",),
    ),
    Topic(word("Request for a certificate"), REQUESTS, ("SignCertificate.conf.status",)),
    Topic(word("Transfer data"), TRANSFERS, ("DataTransfer.conf.status",)),
    *(
        Topic(CATALOGUE[action].words, meanings, (f"{action.value}.conf.status",))
        for action, meanings in COMMAND_ANSWERS.items()
    ),
)
_PLACES = [(place, topic.meanings, spellings(topic.meanings)) for topic in TOPICS for place in topic.places]


def meanings(action: str, call: Any, answer: Any, error: str) -> list[Meaning]:
    """What the codes of an exchange mean, each once, however it is spelt; a maker's own code means nothing to us."""
    said = {"error": error, action: {"req": call, "conf": answer}}
    return [
        Meaning(place, code, _(words[known[plain(code)]]))
        for place, words, known in _PLACES
        for code in dict.fromkeys(_at(said, place.split(".")))
        if plain(code) in known
    ]


def looked_up(text: str = "") -> list[Topic]:
    """The topics in the language in force, as far as a code, its words, the title or a place holds this text."""
    found = []
    for topic in TOPICS:
        words = {code: _(meaning) for code, meaning in topic.meanings.items()}
        if not _holds(text, _(topic.title), *topic.places):
            words = {code: meaning for code, meaning in words.items() if _holds(text, code, meaning)}
        if words:
            found.append(Topic(_(topic.title), words, topic.places))
    return found


def error_words(code: str) -> str:
    """What an error means; nothing where only the charger knows."""
    return _(ERRORS[code]) if code in ERRORS else ""


def _holds(text: str, *said: str) -> bool:
    return any(text.casefold() in one.casefold() for one in said)


def _at(said: Any, path: list[str]) -> Iterator[str]:
    """The texts at a place; of a list those of every item."""
    if isinstance(said, list):
        for item in said:
            yield from _at(item, path)
    elif path and isinstance(said, dict):
        yield from _at(said.get(path[0]), path[1:])
    elif not path and isinstance(said, str):
        yield said
