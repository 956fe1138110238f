"""OCPP's messages in plain words, for people who never read the standard."""

from typing import Any

from kit.i18n import _
from kit.i18n import lazy_ as word
from portal.labels import LABELS
from stations.values import Action

# what stations say; our own messages have their words in `portal.labels`
STATION_ACTIONS: dict[str, str] = {
    "Authorize": word("A tag was presented"),
    "BootNotification": word("The station has started"),
    "DiagnosticsStatusNotification": word("Progress of the diagnostics"),
    "FirmwareStatusNotification": word("Progress of the firmware"),
    "Heartbeat": word("A sign of life"),
    "LogStatusNotification": word("Progress of the log"),
    "MeterValues": word("Meter values"),
    "SecurityEventNotification": word("A security event"),
    "SignCertificate": word("Request for a certificate"),
    "SignedFirmwareStatusNotification": word("Progress of the firmware (signed)"),
    "StartTransaction": word("A session has started"),
    "StatusNotification": word("State of a connector"),
    "StopTransaction": word("A session has ended"),
}
# what went wrong: the standard's codes and our own
ERRORS: dict[str, str] = {
    "NotImplemented": word("The receiver does not know this message. Newer firmware may know it."),
    "NotSupported": word("The receiver knows this message but can't do what it asks."),
    "InternalError": word("The receiver broke down over this message. If it happens again, restart the station."),
    "ProtocolError": word("The message is incomplete. The makers of the station should see it."),
    "SecurityError": word("Refused for reasons of security. Look at the station's password and certificates."),
    "FormationViolation": word("The message is not built as the standard wants it. Its makers should see it."),
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
}
# what of a call or an answer says most, in this order
TELLING = ("connectorId", "status", "errorCode", "requestedMessage", "type", "key", "idTag", "reason", "transactionId")


def action_words(name: str) -> str:
    """What a message is about; the name itself where nobody knows."""
    if not name:
        return _("Unreadable message")
    ours = next((action for action in Action if action.value == name), None)
    if ours is not None:
        return _(LABELS[ours])
    return _(STATION_ACTIONS[name]) if name in STATION_ACTIONS else name


def error_words(code: str) -> str:
    """What an error means; nothing where only the charger knows."""
    return _(ERRORS[code]) if code in ERRORS else ""


def actions() -> list[str]:
    """The names of all messages of OCPP 1.6."""
    return sorted({*STATION_ACTIONS, *(action.value for action in Action)})


def outline(said: Any) -> str:
    """The few facts of a call or an answer that tell most, as they stand there: `connectorId 1 · status Charging`."""
    if not isinstance(said, dict):
        return ""
    facts = {**(said.get("idTagInfo") or {}), **said} if isinstance(said.get("idTagInfo", {}), dict) else said
    shown = [
        f"{name} {facts[name]}" for name in TELLING if isinstance(facts.get(name), str | int) and facts[name] != ""
    ]
    return " · ".join(shown)
