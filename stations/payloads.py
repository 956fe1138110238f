"""What may be said to a charger: each message's payload, judged before it is stored. Field names are OCPP 1.6's."""

from collections.abc import Callable, Mapping
from typing import Any

from kit.errors import Invalid
from stations.passwords import SHORTEST_PASSWORD
from stations.pem import certificate_in, written
from stations.values import Action, HashAlgorithm, InstalledKind, SecurityProfile

RESETS = ("Soft", "Hard")
AVAILABILITIES = ("Operative", "Inoperative")
TRIGGERS = (
    "BootNotification",
    "Heartbeat",
    "MeterValues",
    "StatusNotification",
    "DiagnosticsStatusNotification",
    "FirmwareStatusNotification",
)
EXTENDED_TRIGGERS = (
    "BootNotification",
    "LogStatusNotification",
    "FirmwareStatusNotification",
    "Heartbeat",
    "MeterValues",
    "SignChargePointCertificate",
    "StatusNotification",
)
LONGEST_CHAIN, LONGEST_CERTIFICATE = 10_000, 5_500
LONGEST_KEY, LONGEST_VALUE, LONGEST_DATA = 50, 500, 10_000
PROFILE_KEY = "securityprofile"
PASSWORD_KEY = "authorizationkey"  # noqa: S105  # the name of the setting, not its value


def judged(action: Action, payload: Mapping[str, Any]) -> dict[str, Any]:
    """The payload as it will be sent; raises Invalid with the field that can't be taken. Unknown fields are refused."""
    left = dict(payload)
    taken = _RULES[action](left)
    for name in left:
        raise Invalid(**{name: "unknown"})
    return taken


def is_password_change(action: Action, payload: Mapping[str, Any]) -> bool:
    """Whether this message gives the charger a new password."""
    return action is Action.CHANGE_CONFIGURATION and str(payload.get("key", "")).strip().lower() == PASSWORD_KEY


def profile_change(action: Action, payload: Mapping[str, Any]) -> SecurityProfile | None:
    """The security profile that this message tells the charger to take; None for every other message."""
    if action is not Action.CHANGE_CONFIGURATION or str(payload.get("key", "")).strip().lower() != PROFILE_KEY:
        return None
    return next((one for one in SecurityProfile if one.value == str(payload.get("value", "")).strip()), None)


def _choice(left: dict[str, Any], name: str, choices: tuple[str, ...]) -> str:
    value = left.pop(name, None)
    if value not in choices:
        raise Invalid(**{name: "required" if value is None else "unknown"})
    return str(value)


def _text(left: dict[str, Any], name: str, longest: int, *, required: bool = True) -> str:
    value = str(left.pop(name, None) or "").strip()
    if required and not value:
        raise Invalid(**{name: "required"})
    if len(value) > longest:
        raise Invalid(**{name: "too_long"})
    return value


def _whole(left: dict[str, Any], name: str, *, least: int) -> int:
    value = left.pop(name, None)
    if not isinstance(value, int) or isinstance(value, bool):
        raise Invalid(**{name: "required"})
    if value < least:
        raise Invalid(**{name: "out_of_range"})
    return value


def _remote_start(left: dict[str, Any]) -> dict[str, Any]:
    taken: dict[str, Any] = {"connectorId": _whole(left, "connectorId", least=1), "idTag": _text(left, "idTag", 20)}
    if profile := left.pop("chargingProfile", None):
        taken["chargingProfile"] = profile
    return taken


def _remote_stop(left: dict[str, Any]) -> dict[str, Any]:
    return {"transactionId": _whole(left, "transactionId", least=1)}


def _reset(left: dict[str, Any]) -> dict[str, Any]:
    return {"type": _choice(left, "type", RESETS)}


def _unlock(left: dict[str, Any]) -> dict[str, Any]:
    return {"connectorId": _whole(left, "connectorId", least=1)}


def _change_availability(left: dict[str, Any]) -> dict[str, Any]:
    return {"connectorId": _whole(left, "connectorId", least=0), "type": _choice(left, "type", AVAILABILITIES)}


def _get_configuration(left: dict[str, Any]) -> dict[str, Any]:
    keys = [str(key).strip() for key in left.pop("key", None) or () if str(key).strip()]
    if any(len(key) > LONGEST_KEY for key in keys):
        raise Invalid(key="too_long")
    return {"key": keys} if keys else {}


def _change_configuration(left: dict[str, Any]) -> dict[str, Any]:
    key = _text(left, "key", LONGEST_KEY)
    value = _text(left, "value", LONGEST_VALUE, required=False)
    if key.lower() == PASSWORD_KEY and len(value) < SHORTEST_PASSWORD:
        raise Invalid(value="too_short")
    return {"key": key, "value": value}


def _trigger_message(left: dict[str, Any], known: tuple[str, ...] = TRIGGERS) -> dict[str, Any]:
    taken: dict[str, Any] = {"requestedMessage": _choice(left, "requestedMessage", known)}
    if left.get("connectorId") is not None:
        taken["connectorId"] = _whole(left, "connectorId", least=1)
    left.pop("connectorId", None)
    return taken


def _clear_cache(_left: dict[str, Any]) -> dict[str, Any]:
    return {}


def _data_transfer(left: dict[str, Any]) -> dict[str, Any]:
    taken = {"vendorId": _text(left, "vendorId", 255)}
    for name, longest in (("messageId", 50), ("data", LONGEST_DATA)):
        if text := _text(left, name, longest, required=False):
            taken[name] = text
    return taken


def _reserve_now(left: dict[str, Any]) -> dict[str, Any]:
    taken = {
        "connectorId": _whole(left, "connectorId", least=0),
        "expiryDate": _text(left, "expiryDate", 40),
        "idTag": _text(left, "idTag", 20),
        "reservationId": _whole(left, "reservationId", least=0),
    }
    if group := _text(left, "parentIdTag", 20, required=False):
        taken["parentIdTag"] = group
    return taken


def _cancel_reservation(left: dict[str, Any]) -> dict[str, Any]:
    return {"reservationId": _whole(left, "reservationId", least=0)}


def _send_local_list(left: dict[str, Any]) -> dict[str, Any]:
    return {
        "listVersion": _whole(left, "listVersion", least=0),
        "updateType": _choice(left, "updateType", ("Full", "Differential")),
        "localAuthorizationList": list(left.pop("localAuthorizationList", ())),
    }


def _set_charging_profile(left: dict[str, Any]) -> dict[str, Any]:
    taken: dict[str, Any] = {"connectorId": _whole(left, "connectorId", least=0)}
    return taken | {"csChargingProfiles": dict(left.pop("csChargingProfiles"))}


def _clear_charging_profile(left: dict[str, Any]) -> dict[str, Any]:
    taken = dict(left)
    left.clear()
    return taken


def _extended_trigger_message(left: dict[str, Any]) -> dict[str, Any]:
    return _trigger_message(left, EXTENDED_TRIGGERS)


def _certificate_signed(left: dict[str, Any]) -> dict[str, Any]:
    return {"certificateChain": _text(left, "certificateChain", LONGEST_CHAIN) + "\n"}


def _install_certificate(left: dict[str, Any]) -> dict[str, Any]:
    found = certificate_in(_text(left, "certificate", LONGEST_CERTIFICATE))
    if found is None:
        raise Invalid(certificate="not_a_certificate")
    return {"certificateType": _certificate_type(left), "certificate": written(found)}


def _get_installed_certificate_ids(left: dict[str, Any]) -> dict[str, Any]:
    return {"certificateType": _certificate_type(left)}


def _certificate_type(left: dict[str, Any]) -> str:
    return _choice(left, "certificateType", tuple(kind.value for kind in InstalledKind))


def _delete_certificate(left: dict[str, Any]) -> dict[str, Any]:
    data = left.pop("certificateHashData", None)
    if not isinstance(data, Mapping):
        raise Invalid(certificateHashData="required")
    inner = dict(data)
    hashes = tuple(algorithm.value for algorithm in HashAlgorithm)
    taken = {
        "hashAlgorithm": _choice(inner, "hashAlgorithm", hashes),
        "issuerNameHash": _text(inner, "issuerNameHash", 128),
        "issuerKeyHash": _text(inner, "issuerKeyHash", 128),
        "serialNumber": _text(inner, "serialNumber", 40),
    }
    for name in inner:
        raise Invalid(**{name: "unknown"})
    return {"certificateHashData": taken}


_RULES: dict[Action, Callable[[dict[str, Any]], dict[str, Any]]] = {
    Action.REMOTE_START: _remote_start,
    Action.REMOTE_STOP: _remote_stop,
    Action.RESET: _reset,
    Action.UNLOCK: _unlock,
    Action.CHANGE_AVAILABILITY: _change_availability,
    Action.GET_CONFIGURATION: _get_configuration,
    Action.CHANGE_CONFIGURATION: _change_configuration,
    Action.TRIGGER_MESSAGE: _trigger_message,
    Action.CLEAR_CACHE: _clear_cache,
    Action.DATA_TRANSFER: _data_transfer,
    Action.RESERVE_NOW: _reserve_now,
    Action.SET_CHARGING_PROFILE: _set_charging_profile,
    Action.CLEAR_CHARGING_PROFILE: _clear_charging_profile,
    Action.GET_COMPOSITE_SCHEDULE: _clear_charging_profile,
    Action.GET_LOCAL_LIST_VERSION: _clear_cache,
    Action.SEND_LOCAL_LIST: _send_local_list,
    Action.CANCEL_RESERVATION: _cancel_reservation,
    Action.EXTENDED_TRIGGER_MESSAGE: _extended_trigger_message,
    Action.CERTIFICATE_SIGNED: _certificate_signed,
    Action.INSTALL_CERTIFICATE: _install_certificate,
    Action.GET_INSTALLED_CERTIFICATE_IDS: _get_installed_certificate_ids,
    Action.DELETE_CERTIFICATE: _delete_certificate,
}
