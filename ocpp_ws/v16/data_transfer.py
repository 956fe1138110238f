"""DataTransfer: a vendor's private message. None is known here but that a cable was plugged in, where a profile or the
operator knows the word for it; else the standard's word for that is the answer.
"""

import json
from typing import Any

import structlog

from ocpp_ws import lenient
from ocpp_ws.caller import Caller
from stations.use_cases import hear_vendor_word

log = structlog.get_logger()


def answer(caller: Caller, payload: dict[str, Any]) -> dict[str, Any]:
    """Log whose message it was, and hear whether it is about a cable."""
    message, data = lenient.text(payload, "messageId"), payload.get("data")
    log.info(
        "frame.data_transfer",
        station_id=str(caller.station_id),
        vendor=lenient.text(payload, "vendorId")[:255],
        message=message[:50],
    )
    said = f"{message} {data if isinstance(data, str) else json.dumps(data)}"
    known = hear_vendor_word(caller.actor, said=said, number=_connector(data))
    return {"status": "Accepted" if known else "UnknownVendorId"}


def _connector(data: Any) -> int | None:
    """The number of the connector, where the data is an object that names one, or its text."""
    if isinstance(data, str):
        try:
            data = json.loads(data)
        except (ValueError, RecursionError):
            return None
    return lenient.number(data, "connectorId") if isinstance(data, dict) else None
