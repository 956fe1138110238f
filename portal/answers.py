"""Commands and their answers in words. Chargers send what they like: unknown answers are shown as they came."""

from dataclasses import dataclass
from typing import Any, Protocol

from kit.i18n import _
from kit.i18n import lazy_ as word
from kit.masking import mask
from stations.values import Action


class Command(Protocol):
    """What this needs to know of a command."""

    action: Any
    payload: Any
    answer: Any


@dataclass(frozen=True)
class Setting:
    """One setting of a charger as it was read; `value` is None where the charger keeps it to itself."""

    key: str
    value: str | None
    readonly: bool


STATUSES: dict[str, str] = {
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
KINDS: dict[tuple[Action, str], str] = {
    (Action.RESET, "Soft"): word("Restart"),
    (Action.RESET, "Hard"): word("Restart at once"),
    (Action.CHANGE_AVAILABILITY, "Operative"): word("Put into service"),
    (Action.CHANGE_AVAILABILITY, "Inoperative"): word("Take out of service"),
}
TRIGGER_WORDS: dict[str, str] = {
    "BootNotification": word("what it is (boot notification)"),
    "Heartbeat": word("a sign of life (heartbeat)"),
    "MeterValues": word("meter values"),
    "StatusNotification": word("its state"),
    "DiagnosticsStatusNotification": word("the state of its diagnostics"),
    "FirmwareStatusNotification": word("the state of its firmware"),
}
EXTENDED_WORDS = TRIGGER_WORDS | {
    "LogStatusNotification": word("the state of its log"),
    "SignChargePointCertificate": word("a new certificate"),
}
NAMES: dict[Action, str] = {
    Action.REMOTE_START: word("Start charging"),
    Action.REMOTE_STOP: word("Stop charging"),
    Action.UNLOCK: word("Unlock the plug"),
    Action.GET_CONFIGURATION: word("Read the settings"),
    Action.CLEAR_CACHE: word("Clear the cache"),
    Action.DATA_TRANSFER: word("Transfer data"),
    Action.GET_DIAGNOSTICS: word("Ask for diagnostics"),
    Action.GET_LOG: word("Ask for a log"),
    Action.UPDATE_FIRMWARE: word("Install firmware"),
    Action.SIGNED_UPDATE_FIRMWARE: word("Install signed firmware"),
    Action.RESERVE_NOW: word("Reserve"),
    Action.SET_CHARGING_PROFILE: word("Limit the power"),
    Action.CLEAR_CHARGING_PROFILE: word("Lift limits"),
    Action.GET_COMPOSITE_SCHEDULE: word("Ask for the schedule"),
    Action.GET_LOCAL_LIST_VERSION: word("Ask for the version of the local list"),
    Action.SEND_LOCAL_LIST: word("Send the local list"),
    Action.CANCEL_RESERVATION: word("Cancel the reservation"),
    Action.CERTIFICATE_SIGNED: word("Send its certificate"),
    Action.INSTALL_CERTIFICATE: word("Install a root certificate"),
    Action.GET_INSTALLED_CERTIFICATE_IDS: word("Read the root certificates"),
    Action.DELETE_CERTIFICATE: word("Remove a root certificate"),
}


def wish(command: Command) -> str:
    """What was asked for, in a few words."""
    payload: dict[str, Any] = command.payload or {}
    name = NAMES.get(command.action) or KINDS.get((command.action, str(payload.get("type"))))
    if name is None:
        if command.action is Action.CHANGE_CONFIGURATION:
            return _("Set %(key)s", key=payload.get("key", ""))
        asked = EXTENDED_WORDS.get(str(payload.get("requestedMessage")))
        return _("Ask for %(what)s", what=_(asked) if asked else "?")
    connector = payload.get("connectorId")
    return _("%(what)s, connector %(number)s", what=_(name), number=connector) if connector else _(name)


def reply(command: Command) -> str:
    """What the charger answered, in a few words; empty where there is nothing to say."""
    answer: dict[str, Any] = command.answer or {}
    status = answer.get("status")
    return _(STATUSES.get(str(status), str(status))) if status else ""


def settings_read(command: Command) -> list[Setting]:
    """The settings in the answer, by name."""
    rows = mask(command.answer or {}).get("configurationKey") or []
    found = [
        Setting(str(row.get("key", "")), _text(row.get("value")), bool(row.get("readonly")))
        for row in rows
        if isinstance(row, dict)
    ]
    return sorted(found, key=lambda setting: setting.key.casefold())


def settings_unknown(command: Command) -> list[str]:
    """The settings that the charger does not have."""
    return [str(key) for key in (command.answer or {}).get("unknownKey") or []]


def _text(value: object) -> str | None:
    return None if value is None else str(value)
