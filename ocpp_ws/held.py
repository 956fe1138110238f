"""What a charger said of sessions and could not be stored: while it waited, or because something of ours failed. Stored
as of when it came, in its turn, as soon as it can be.
"""

from collections.abc import Sequence
from functools import partial
from math import inf
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
    """Everything, a few messages in one transaction; how many could not be stored. Where one fails, each by itself."""
    failed = 0
    while some := held_messages(caller.actor, skip=failed):
        while some:
            try:
                some = some[store(caller, some, within_s=BITE_S) :]
            except Exception:
                failed += _store_each(caller, some)
                break
    return failed


def _store_each(caller: Caller, some: Sequence[UUID]) -> int:
    failed = 0
    for held_id in some:
        try:
            store(caller, [held_id])
        except Exception:
            log.exception("held.failed", station_id=str(caller.station_id), held_id=str(held_id))
            failed += 1
    return failed


def store_before(caller: Caller, action: str, payload: dict[str, Any]) -> None:
    """In the running transaction, what has to be stored before such a message of the charger."""
    named = lenient.number(payload, "transactionId")
    store(caller, held_before(caller.actor, action=action, payload=payload, of=named))


def store(caller: Caller, some: Sequence[UUID], *, within_s: float = inf) -> int:
    """Where they belong, in one transaction; how many of them in this time. Told twice (after a crash) they are one."""
    return store_held(caller.actor, some, partial(_handle, caller), within_s=within_s)


def _handle(caller: Caller, held: Held) -> None:
    with clock.kept_since(held.arrived_at):
        if held.transaction_id is not None:
            start_transaction.answer(caller, held.payload, held.transaction_id)
        else:
            HANDLERS[held.action](caller, held.payload)
