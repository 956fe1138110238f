"""BootNotification: the charger started."""

from typing import Any

from kit import clock
from ocpp_ws import lenient
from ocpp_ws.caller import Caller
from ocpp_ws.v16 import heartbeat
from stations.use_cases import boot_station, note_boot_of_update

HEARTBEAT_EVERY_S = 300


def answer(caller: Caller, payload: dict[str, Any]) -> dict[str, Any]:
    """Take down what it is; a charger that could connect is accepted."""
    firmware = lenient.text(payload, "firmwareVersion")
    boot_station(
        caller.actor,
        vendor=lenient.text(payload, "chargePointVendor"),
        model=lenient.text(payload, "chargePointModel"),
        firmware=firmware,
        serial=lenient.text(payload, "chargePointSerialNumber") or lenient.text(payload, "chargeBoxSerialNumber"),
    )
    note_boot_of_update(caller.actor, firmware=firmware)
    return {"status": "Accepted", "currentTime": heartbeat.written(clock.now()), "interval": HEARTBEAT_EVERY_S}
