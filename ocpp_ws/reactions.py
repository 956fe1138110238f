"""What the gateway does when something happened: what a charger said while it waited is stored once it is a station."""

from uuid import UUID

from accounts.access import Actor
from kit.errors import Unavailable
from kit.events import Event
from kit.worker import Reaction
from ocpp_ws import held
from ocpp_ws.caller import Caller
from stations.events import StationAccepted


def store_held(event: StationAccepted) -> None:
    """In bites, unless the charger spoke first. One that fails stays held."""
    if store_what_is_held(event.station_id, event.account_id):
        raise Unavailable("held_messages_left")


def store_what_is_held(station_id: UUID, account_id: UUID) -> int:
    """What is held of a station; how much of it could not be stored."""
    return held.store_all(Caller(Actor.station(station_id), station_id, account_id))


REACTIONS: dict[type[Event], list[Reaction]] = {StationAccepted: [store_held]}
