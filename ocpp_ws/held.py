"""What a charger said of sessions while it waited, stored once it is a station: as of when it came, in its turn."""

from functools import partial
from uuid import UUID

from kit import clock
from ocpp_ws.caller import Caller
from ocpp_ws.v16 import start_transaction
from ocpp_ws.v16.handlers import HANDLERS
from stations.use_cases import Held, held_messages, store_held


def store_all(caller: Caller) -> None:
    """Within the running transaction, before what the charger says now."""
    for held_id in held_messages(caller.actor):
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
