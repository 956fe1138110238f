"""FirmwareStatusNotification: how far an update is."""

from typing import Any

from ocpp_ws import lenient
from ocpp_ws.caller import Caller
from stations.use_cases import note_firmware_step


def answer(caller: Caller, payload: dict[str, Any]) -> dict[str, Any]:
    """Write the step down, asked for or not."""
    note_firmware_step(caller.actor, message="FirmwareStatusNotification", status=lenient.text(payload, "status"))
    return {}
