"""What the gateway does when something happened: what a charger said while it waited is stored once it is a station."""

import structlog

from accounts.access import Actor
from kit.events import Event
from kit.worker import Reaction
from ocpp_ws.caller import Caller
from ocpp_ws.v16 import start_transaction
from ocpp_ws.v16.handlers import HANDLERS
from stations.events import StationAccepted
from stations.use_cases import Held, drop_held, held_messages

log = structlog.get_logger()


def store_held(event: StationAccepted) -> None:
    """Each message in its turn, as if it came now; told twice (after a crash) it is one. One that fails stays held."""
    failed: Exception | None = None
    actor = Actor.station(event.station_id)
    for held in held_messages(actor):
        try:
            _store(Caller(actor, event.station_id, event.account_id), held)
        except Exception as error:
            log.exception("held.failed", station_id=str(event.station_id), action=held.action)
            failed = error
        else:
            drop_held(actor, held.id)
    if failed is not None:
        raise failed


def _store(caller: Caller, held: Held) -> None:
    if held.transaction_id is not None:
        start_transaction.answer(caller, held.payload, held.transaction_id)
    else:
        HANDLERS[held.action](caller, held.payload)


REACTIONS: dict[type[Event], list[Reaction]] = {StationAccepted: [store_held]}
