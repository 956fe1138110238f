"""Sockets whose login was renewed end, and those of stations that moved go over to the new account, also when the note
that tells of it is lost: now and then the database is asked.

One statement for all of this process, none for a frame. Everything but the asking runs on the hub's thread.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from accounts.access import SYSTEM
from kit import clock
from ocpp_ws import proofs
from stations.queries import moved_stations, renewed_logins, station_belongs_to, turned_away

if TYPE_CHECKING:
    from ocpp_ws.charger import Charger
    from ocpp_ws.sockets import Gateway

LOOK_EVERY_S = 5.0
MARGIN = timedelta(minutes=5)  # clocks of machines differ, and a renewal is stamped before it is committed


class Renewals:
    """What this process knows of renewed logins and of moves without being told."""

    def __init__(self, gateway: "Gateway") -> None:
        self._gateway = gateway
        self._looked_at = clock.now()
        self._looking = False

    def begin(self) -> None:
        """Look, again and again."""
        self._gateway.hub.call_later(LOOK_EVERY_S, self.begin)
        if not self._looking:
            self._looking = True
            waiting = [one.caller.station_id for one in self._gateway.held() if one.caller.waiting]
            self._gateway.hub.on_pool(self._look, waiting)

    def _look(self, waiting_ids: Collection[UUID]) -> None:
        """On a thread of the pool."""
        try:
            now = clock.now()
            since = min(self._looked_at, now) - MARGIN
            renewed, moved = renewed_logins(SYSTEM, since), moved_stations(SYSTEM, since)
            gone = turned_away(SYSTEM, waiting_ids) if waiting_ids else ()
            self._looked_at = now
            self._gateway.hub.call_soon(self._take, renewed, moved, gone)
        finally:
            self._looking = False

    def _take(self, renewed: Mapping[UUID, datetime], moved: Mapping[UUID, UUID], gone: Collection[UUID]) -> None:
        for station_id in (*renewed, *moved):
            proofs.forget(station_id)
        move(self._gateway, moved)
        for charger in self._gateway.held():
            station_id = charger.caller.station_id
            if _outdated(charger, renewed.get(station_id)) or (charger.caller.waiting and station_id in gone):
                proofs.shut(station_id)
                self._gateway.shut_out(station_id)


def move(gateway: "Gateway", moved: Mapping[UUID, UUID]) -> None:
    """These stations belong to these accounts now; their sockets stay."""
    for station_id, account_id in moved.items():
        station_belongs_to(station_id, account_id)
    for charger in gateway.held() if moved else ():
        charger.caller.account_id = moved.get(charger.caller.station_id, charger.caller.account_id)


def _outdated(charger: "Charger", renewed_at: datetime | None) -> bool:
    proven_at = charger.login_renewed_at
    return renewed_at is not None and (proven_at is None or proven_at < renewed_at)
