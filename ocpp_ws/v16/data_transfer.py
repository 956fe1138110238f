"""DataTransfer: a vendor's private message. None is known here, so the standard's word for that is the answer."""

from typing import Any

import structlog

from ocpp_ws import lenient
from ocpp_ws.caller import Caller

log = structlog.get_logger()


def answer(caller: Caller, payload: dict[str, Any]) -> dict[str, Any]:
    """Log whose message it was."""
    log.info(
        "frame.data_transfer",
        station_id=str(caller.station_id),
        vendor=lenient.text(payload, "vendorId")[:255],
        message=lenient.text(payload, "messageId")[:50],
    )
    return {"status": "UnknownVendorId"}
