"""StopTransaction: a transaction ended. Always accepted; a refusal would only make the charger lose the record."""

from typing import Any

from charging.payloads import id_tag_info
from charging.use_cases import Stop, end_session, expect_to_end
from ocpp_ws import lenient
from ocpp_ws.caller import Caller
from stations.use_cases import quirks_of_caller


def expect(caller: Caller, payload: dict[str, Any]) -> None:
    """Say what the answer will ask for."""
    told = lenient.number(payload, "transactionId")
    expect_to_end(caller.actor, transaction_id=told, id_tag=lenient.text(payload, "idTag"))


def answer(caller: Caller, payload: dict[str, Any]) -> dict[str, Any]:
    """Store the end, the register and what was sampled."""
    quirks = quirks_of_caller(caller.actor)
    info = end_session(
        caller.actor,
        stop=Stop(
            transaction_id=lenient.number(payload, "transactionId"),
            id_tag=lenient.text(payload, "idTag"),
            meter_stop_wh=lenient.register(payload, "meterStop", quirks),
            at=lenient.instant(payload.get("timestamp")),
            reason=lenient.text(payload, "reason"),
            readings=lenient.readings(payload, "transactionData", quirks),
        ),
    )
    return {} if info is None else {"idTagInfo": id_tag_info(info)}
