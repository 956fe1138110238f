"""What the gateway does when something happened: what a charger said while it waited is stored once it is a station."""

import structlog

from accounts.access import Actor
from kit.events import Event
from kit.worker import Reaction
from ocpp_ws import held
from ocpp_ws.caller import Caller
from stations.events import StationAccepted
from stations.use_cases import held_messages

log = structlog.get_logger()


def store_held(event: StationAccepted) -> None:
    """Each message in a transaction of its own, unless the charger spoke first. One that fails stays held."""
    failed: Exception | None = None
    actor = Actor.station(event.station_id)
    caller = Caller(actor, event.station_id, event.account_id)
    for held_id in held_messages(actor):
        try:
            held.store(caller, held_id)
        except Exception as error:
            log.exception("held.failed", station_id=str(event.station_id), held_id=str(held_id))
            failed = error
    if failed is not None:
        raise failed


REACTIONS: dict[type[Event], list[Reaction]] = {StationAccepted: [store_held]}
