"""What a charger hears that nobody accepted yet: wait. Nothing it says does harm, and nothing about sessions is lost.

The standard lets a charger with a pending boot say nothing but that; many say everything all the same.
"""

from collections.abc import Callable
from typing import Any

import orjson

from charging.use_cases import promise_transaction_id
from kit import clock
from ocpp_ws import lenient
from ocpp_ws.caller import Caller
from ocpp_ws.v16 import boot_notification, heartbeat, status_notification
from stations.use_cases import held_start, hold_message, note_waiting_boot, note_waiting_status

BOOT_AGAIN_AFTER_S = 60
_NOBODY = {"idTagInfo": {"status": "Invalid"}}


def answer(caller: Caller, action: str, payload: dict[str, Any]) -> dict[str, Any] | None:
    """The payload of the answer; None: all the room for the starts and ends of waiting chargers is taken."""
    said = _ANSWERS.get(action)
    return {} if said is None else said(caller, payload)


def _boot(caller: Caller, payload: dict[str, Any]) -> dict[str, Any]:
    note_waiting_boot(caller.actor, **boot_notification.what_it_is(payload))
    return {"status": "Pending", "currentTime": heartbeat.written(clock.now()), "interval": BOOT_AGAIN_AFTER_S}


def _status(caller: Caller, payload: dict[str, Any]) -> dict[str, Any]:
    status, _ = status_notification.status_of(lenient.text(payload, "status"))
    note_waiting_status(caller.actor, number=lenient.number(payload, "connectorId") or 0, status=status)
    return {}


def _start(caller: Caller, payload: dict[str, Any]) -> dict[str, Any] | None:
    at = lenient.instant(payload.get("timestamp"))
    transaction_id = held_start(caller.actor, payload, at=at)
    if transaction_id is not None:  # the first answer was lost
        return {"transactionId": transaction_id, **_NOBODY}
    transaction_id = promise_transaction_id(caller.actor)
    held = hold_message(
        caller.actor,
        action="StartTransaction",
        payload=payload,
        size=len(orjson.dumps(payload)),
        transaction_id=transaction_id,
    )
    return {"transactionId": transaction_id, **_NOBODY} if held else None


def _holding(action: str) -> Callable[[Caller, dict[str, Any]], dict[str, Any] | None]:
    def hold(caller: Caller, payload: dict[str, Any]) -> dict[str, Any] | None:
        size = len(orjson.dumps(payload))
        return {} if hold_message(caller.actor, action=action, payload=payload, size=size) else None

    return hold


_ANSWERS: dict[str, Callable[[Caller, dict[str, Any]], dict[str, Any] | None]] = {
    "Authorize": lambda _caller, _payload: dict(_NOBODY),
    "BootNotification": _boot,
    "DataTransfer": lambda _caller, _payload: {"status": "Rejected"},
    "Heartbeat": heartbeat.answer,
    "MeterValues": _holding("MeterValues"),
    "SignCertificate": lambda _caller, _payload: {"status": "Rejected"},
    "StartTransaction": _start,
    "StatusNotification": _status,
    "StopTransaction": _holding("StopTransaction"),
}
