"""What a charger said of sessions and could not be stored: while it waited, or because something of ours failed. Stored
as of when it came, in its turn, as soon as it can be.
"""

import time
from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID

import structlog

from charging.payloads import id_tag_info
from charging.use_cases import keep_unstored, promise_transaction_id, tag_info_or_yes
from kit import clock
from ocpp_ws import lenient
from ocpp_ws.caller import Caller
from ocpp_ws.v16 import start_transaction
from ocpp_ws.v16.handlers import HANDLERS
from stations.use_cases import Held, held_before, held_messages, held_start, hold_message, hold_unstored, store_held

log = structlog.get_logger()

START = "StartTransaction"
BITE_S = 0.05  # a writer is held up no longer; what others say goes between


def keep(caller: Caller, action: str, payload: dict[str, Any], came: str) -> dict[str, Any] | None:
    """Keep what could not be stored; what answers it, or None where there is no room for it.

    A start is promised an id, and the same one when it is told again.
    """
    if action != START:
        return {} if _hold(caller, action, payload, came) else None
    promised = held_start(caller.actor, payload, at=lenient.instant(payload.get("timestamp")))
    if promised is None:
        promised = promise_transaction_id(caller.actor)
        if not _hold(caller, action, payload, came, promised):
            return None
    tag = lenient.text(payload, "idTag")
    info = {"status": "Invalid"} if caller.waiting else id_tag_info(tag_info_or_yes(caller.actor, id_tag=tag))
    return {"transactionId": promised, "idTagInfo": info}


def _hold(caller: Caller, action: str, payload: dict[str, Any], came: str, promised: int | None = None) -> bool:
    if caller.waiting:
        return hold_message(caller.actor, action=action, payload=payload, size=len(came), transaction_id=promised)
    named = lenient.number(payload, "transactionId")
    if hold_unstored(caller.actor, caller.account_id, action=action, payload=payload, of=named, promised=promised):
        keep_unstored(caller.actor, action=action, detail=came)
    return True


def store_all(caller: Caller) -> int:
    """Everything, each message in a transaction of its own; how many could not be stored."""
    failed = 0
    while some := held_messages(caller.actor, skip=failed):
        for held_id in some:
            try:
                store(caller, held_id)
            except Exception:
                log.exception("held.failed", station_id=str(caller.station_id), held_id=str(held_id))
                failed += 1
    return failed


def store_some(caller: Caller, some: Sequence[UUID]) -> int:
    """The first of these, in the running transaction, until others should have their turn; how many."""
    until = time.monotonic() + BITE_S
    for number, held_id in enumerate(some, 1):
        store(caller, held_id)
        if time.monotonic() >= until:
            return number
    return len(some)


def store_before(caller: Caller, action: str, payload: dict[str, Any]) -> None:
    """In the running transaction, what has to be stored before such a message of the charger."""
    named = lenient.number(payload, "transactionId")
    for held_id in held_before(caller.actor, action=action, payload=payload, of=named):
        store(caller, held_id)


def store(caller: Caller, held_id: UUID) -> None:
    """Where it belongs. Told twice (after a crash) it is one."""
    store_held(caller.actor, held_id, partial(_handle, caller))


def _handle(caller: Caller, held: Held) -> None:
    with clock.kept_since(held.arrived_at):
        if held.transaction_id is not None:
            start_transaction.answer(caller, held.payload, held.transaction_id)
        else:
            HANDLERS[held.action](caller, held.payload)
