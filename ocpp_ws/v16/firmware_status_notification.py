"""FirmwareStatusNotification: how far an upload or update got."""

from typing import Any

import structlog

from ocpp_ws import lenient
from ocpp_ws.caller import Caller

log = structlog.get_logger()


def answer(caller: Caller, payload: dict[str, Any]) -> dict[str, Any]:
    """Log the status."""
    log.info("frame.firmware_status", station_id=str(caller.station_id), status=lenient.text(payload, "status")[:50])
    return {}
