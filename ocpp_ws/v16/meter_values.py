"""MeterValues: what the meter of a connector says."""

from typing import Any

from charging.use_cases import store_meter_values
from ocpp_ws import lenient
from ocpp_ws.caller import Caller
from stations.use_cases import quirks_of_caller


def answer(caller: Caller, payload: dict[str, Any]) -> dict[str, Any]:
    """Store every sampled instant."""
    found = lenient.readings(payload, "meterValue", quirks_of_caller(caller.actor))
    if found:
        store_meter_values(
            caller.actor,
            number=lenient.number(payload, "connectorId") or 0,
            transaction_id=lenient.number(payload, "transactionId"),
            readings=found,
            again=not caller.measured,
        )
    return {}
