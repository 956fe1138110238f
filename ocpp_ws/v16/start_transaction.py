"""StartTransaction: a transaction began, whether we like it or not."""

from datetime import datetime
from typing import Any, TypedDict

from charging.payloads import id_tag_info
from charging.use_cases import expect_to_start, start_session
from ocpp_ws import lenient
from ocpp_ws.caller import Caller
from stations.use_cases import quirks_of_caller


class Told(TypedDict):
    """What tells a start from others."""

    number: int | None
    id_tag: str
    meter_start_wh: int | None
    at: datetime | None


def expect(caller: Caller, payload: dict[str, Any]) -> None:
    """Say what the answer will ask for."""
    expect_to_start(caller.actor, **_told(caller, payload))


def answer(caller: Caller, payload: dict[str, Any], promised_id: int | None = None) -> dict[str, Any]:
    """Store it and give it an id (or the promised one), also for a tag that may not charge."""
    started = start_session(
        caller.actor,
        **_told(caller, payload),
        reservation_number=lenient.number(payload, "reservationId"),
        promised_id=promised_id,
    )
    return {"transactionId": started.transaction_id, "idTagInfo": id_tag_info(started.info)}


def _told(caller: Caller, payload: dict[str, Any]) -> Told:
    return {
        "number": lenient.number(payload, "connectorId"),
        "id_tag": lenient.text(payload, "idTag"),
        "meter_start_wh": lenient.register(payload, "meterStart", quirks_of_caller(caller.actor)),
        "at": lenient.instant(payload.get("timestamp")),
    }
