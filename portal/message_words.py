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
# what of a call or an answer says most, in this order
TELLING = (
    "connectorId",
    "status",
    "errorCode",
    "requestedMessage",
    "type",
    "key",
    "idTag",
    "reason",
    "transactionId",
    "errorDescription",
)


def action_words(name: str) -> str:
    """What a message is about; the name itself where nobody knows."""
    if not name:
        return _("Unreadable message")
    ours = next((action for action in Action if action.value == name), None)
    if ours is not None:
        return _(LABELS[ours])
    return _(STATION_ACTIONS[name]) if name in STATION_ACTIONS else name


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
