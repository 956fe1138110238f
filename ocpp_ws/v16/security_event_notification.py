"""SecurityEventNotification: something that matters for the charger's safety happened."""

from typing import Any

from ocpp_ws import lenient
from ocpp_ws.caller import Caller
from stations.use_cases import store_security_event


def answer(caller: Caller, payload: dict[str, Any]) -> dict[str, Any]:
    """Write it down as the charger says it."""
    store_security_event(
        caller.actor,
        kind=lenient.text(payload, "type"),
        tech_info=lenient.text(payload, "techInfo"),
        station_at=lenient.instant(payload.get("timestamp")),
    )
    return {}
