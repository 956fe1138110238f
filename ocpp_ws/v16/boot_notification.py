"""BootNotification: the charger started."""

from typing import Any

from kit import clock
from ocpp_ws import lenient
from ocpp_ws.caller import Caller
from ocpp_ws.v16 import heartbeat
from stations.use_cases import boot_station, note_boot_of_update

HEARTBEAT_EVERY_S, HEARTBEAT_WHEN_FLAPPING_S = 300, 900


def answer(caller: Caller, payload: dict[str, Any]) -> dict[str, Any]:
    """Take down what it is; a charger that could connect is accepted."""
    facts = what_it_is(payload)
    caller.booted = True
    boot_station(caller.actor, **facts)
    note_boot_of_update(caller.actor, firmware=facts["firmware"])
    return {
        "status": "Accepted",
        "currentTime": heartbeat.written(clock.now()),
        "interval": HEARTBEAT_WHEN_FLAPPING_S if caller.flapping else HEARTBEAT_EVERY_S,
    }


def what_it_is(payload: dict[str, Any]) -> dict[str, str]:
    """Make, model, firmware and serial number, as the charger says them."""
    return {
        "vendor": lenient.text(payload, "chargePointVendor"),
        "model": lenient.text(payload, "chargePointModel"),
        "firmware": lenient.text(payload, "firmwareVersion"),
        "serial": lenient.text(payload, "chargePointSerialNumber") or lenient.text(payload, "chargeBoxSerialNumber"),
    }
