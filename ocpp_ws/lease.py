"""This process's place among the gateways of the platform: taken at the start, kept by signs of life, given back.

Everything but `take` and `give_back` runs on the hub's thread.
"""

import socket
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

import structlog

from accounts.access import SYSTEM
from kit import settings
from kit.ids import new_id
from ocpp_ws.caller import Caller
from stations.use_cases import (
    enter_gateway,
    gateway_lives,
    leave_gateway,
    note_still_open,
    station_connected,
    waiting_connected,
)
from stations.values import NEW_SOCKETS, Ending, GatewayId

if TYPE_CHECKING:
    from ocpp_ws.sockets import Gateway

log = structlog.get_logger()

BEAT_S = 10.0
TOLD_AT_ONCE = 200
Held = Sequence[tuple[Caller, UUID]]  # chargers and their sockets


class Lease:
    """One run of this process."""

    def __init__(self, gateway: "Gateway") -> None:
        self.id = GatewayId(new_id())
        self._gateway = gateway
        self._name = f"{socket.gethostname()}:{settings.current().port}"
        self._beating = False

    def take(self) -> None:
        """From now on sockets may be held. Without a bus there is no other process that could hold any."""
        enter_gateway(SYSTEM, self.id, name=self._name, alone=settings.current().redis_url is None)

    def give_back(self) -> None:
        """None is held any more."""
        leave_gateway(SYSTEM, self.id, Ending.RESTART)

    def begin(self) -> None:
        """Hear of other gateways, and have them know that this one lives."""
        self._gateway.hub.listen(NEW_SOCKETS, self._opened)
        self._beat()

    def _beat(self) -> None:
        self._gateway.hub.call_later(BEAT_S, self._beat)
        if not self._beating:
            self._beating = True
            self._gateway.do(partial(gateway_lives, SYSTEM, self.id, self._name), self._beaten)

    def _beaten(self, known: object) -> None:
        """Taken for gone meanwhile (the database was out of reach, or this machine asleep): tell again what is held."""
        self._beating = False
        if known is not False:
            return
        log.warning("gateway.was_forgotten", name=self._name)
        held = {charger.caller.station_id: (charger.caller, charger.id) for charger in self._gateway.held()}
        for turn, ids in enumerate(self._gateway.writers.apart(held, TOLD_AT_ONCE)):
            deed = partial(_still_here, [held[station_id] for station_id in ids])
            self._gateway.hub.call_later(turn * 0.05, partial(self._gateway.do, deed, of=ids[0]))

    def _opened(self, data: bytes) -> None:
        """A note on the bus: these stations have new sockets, here or elsewhere."""
        for line in data.split(b"\n"):
            station_id, _, connection_id = line.decode("ascii", "replace").partition(" ")
            try:
                self._gateway.went_on(UUID(station_id), UUID(connection_id))
            except ValueError:
                continue


def _still_here(held: Held) -> None:
    for caller, connection_id in held:
        note_still_open(caller.actor, connection_id)
        connected(caller, connection_id)


def connected(caller: Caller, connection_id: UUID) -> None:
    """On the writer's thread: its socket is open."""
    (waiting_connected if caller.waiting else station_connected)(caller.actor, connection_id)
