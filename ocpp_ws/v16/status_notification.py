"""StatusNotification: the state of a connector, or of the whole charger (connector 0)."""

from typing import Any

from charging.use_cases import doubt_stamp
from kit import clock
from kit.spelling import plain, spellings
from ocpp_ws import lenient
from ocpp_ws.caller import Caller
from stations.dictionary import FAULTS
from stations.use_cases import HISTORY_AFTER, store_status
from stations.values import ConnectorStatus

NO_ERROR = "NoError"
_BY_NAME = {plain(status.value): status for status in ConnectorStatus}
_FAULTS = spellings(FAULTS)
# Words of other versions and of vendors, where they are clear.
_ALIASES = {
    "occupied": ConnectorStatus.CHARGING,
    "error": ConnectorStatus.FAULTED,
    "fault": ConnectorStatus.FAULTED,
    "idle": ConnectorStatus.AVAILABLE,
    "ready": ConnectorStatus.AVAILABLE,
    "inoperative": ConnectorStatus.UNAVAILABLE,
    "suspended": ConnectorStatus.SUSPENDED_EV,
    "connected": ConnectorStatus.PREPARING,
}


def answer(caller: Caller, payload: dict[str, Any]) -> dict[str, Any]:
    """Store the state; a word that OCPP 1.6 does not have is kept beside the nearest one that it has."""
    at = lenient.instant(payload.get("timestamp"))
    if at is None or clock.now() - at < HISTORY_AFTER:  # one that was kept tells nothing of now
        caller.told = True
    said = lenient.text(payload, "status")
    status, exact = status_of(said)
    error = lenient.text(payload, "errorCode")
    error = _FAULTS.get(plain(error), error)
    info, vendor_error = lenient.text(payload, "info"), lenient.text(payload, "vendorErrorCode")
    store_status(
        caller.actor,
        number=lenient.number(payload, "connectorId") or 0,
        status=status,
        status_text="" if exact else said,
        error_code="" if error == NO_ERROR else error,
        vendor_error=": ".join(part for part in (vendor_error, info) if part),
        at=at,
    )
    if payload.get("timestamp") not in (None, ""):  # it may be left out
        doubt_stamp(caller.actor, action="StatusNotification", at=at)
    return {}


def status_of(said: str) -> tuple[ConnectorStatus, bool]:
    """The status that a word stands for, and whether it is the standard's own word for it."""
    found = _BY_NAME.get(plain(said))
    if found is not None:
        return found, found.value == said
    return _ALIASES.get(plain(said), ConnectorStatus.UNKNOWN), False
