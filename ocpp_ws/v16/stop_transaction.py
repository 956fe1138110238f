"""StopTransaction: a transaction ended. Always accepted; a refusal would only make the charger lose the record."""

from typing import Any

from charging.use_cases import Stop, end_session
from ocpp_ws import lenient
from ocpp_ws.caller import Caller


def answer(caller: Caller, payload: dict[str, Any]) -> dict[str, Any]:
    """Store the end, the register and what was sampled."""
    id_tag = lenient.text(payload, "idTag")
    end_session(
        caller.actor,
        stop=Stop(
            transaction_id=lenient.number(payload, "transactionId"),
            id_tag=id_tag,
            meter_stop_wh=lenient.number(payload, "meterStop"),
            at=lenient.instant(payload.get("timestamp")),
            reason=lenient.text(payload, "reason"),
            readings=lenient.readings(payload, "transactionData"),
        ),
    )
    return {"idTagInfo": {"status": "Accepted"}} if id_tag else {}
