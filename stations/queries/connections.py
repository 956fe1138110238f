"""Connections of a station as people see them: what is open now, how it came, and how it went lately."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select

from accounts.access import Actor, allowed
from accounts.rights import Right
from kit import clock, db
from kit.use_case import query
from stations.models import Station, StationConnection
from stations.values import FLAPS_FROM, FLAPS_WITHIN, ConnectionId, Ending, StationId

OLD_TLS = ("TLSv1", "TLSv1.0", "TLSv1.1", "SSLv3")
REFUSALS = [ending for ending in Ending if ending.refused]


@dataclass(frozen=True)
class ConnectionHealth:
    """How a station's connection does. `latest` is the newest one that was let in, open or not; `recent` counts those
    of the last ten minutes, `refused` the tries of the last day that were not let in.
    """

    latest: StationConnection | None
    recent: int
    refused: int

    @property
    def open(self) -> bool:
        """Whether it is connected now."""
        return self.latest is not None and self.latest.closed_at is None

    @property
    def flapping(self) -> bool:
        """Whether it connects again and again."""
        return self.recent >= FLAPS_FROM

    @property
    def old_tls(self) -> bool:
        """Whether it came by a version of TLS that is not safe any more."""
        return self.latest is not None and self.latest.tls_version in OLD_TLS


@query
def connection_health(actor: Actor, station_id: StationId) -> ConnectionHealth:
    """How the station's connection does. Raises NotFound, Forbidden."""
    allowed(actor, Right.VIEW_STATIONS, Station, station_id)
    now, session = clock.now(), db.session()
    mine = select(StationConnection).where(StationConnection.station_id == station_id)
    let_in = StationConnection.ending.is_(None) | StationConnection.ending.not_in(REFUSALS)
    latest = session.scalars(mine.where(let_in).order_by(StationConnection.id.desc()).limit(1)).one_or_none()
    count = select(func.count()).where(StationConnection.station_id == station_id)
    recent = count.where(StationConnection.opened_at > now - FLAPS_WITHIN, let_in)
    lately = StationConnection.opened_at > now - timedelta(days=1)
    refused = count.where(lately, StationConnection.ending.in_(REFUSALS))
    return ConnectionHealth(latest, session.scalar(recent) or 0, session.scalar(refused) or 0)


@query
def connections(
    actor: Actor, station_id: StationId, *, before: ConnectionId | None = None, limit: int = 25
) -> list[StationConnection]:
    """The newest connections and refused tries of a station; the next page starts `before` the last of this one.

    Raises NotFound, Forbidden.
    """
    allowed(actor, Right.VIEW_STATIONS, Station, station_id)
    found = select(StationConnection).where(StationConnection.station_id == station_id)
    if before is not None:
        found = found.where(StationConnection.id < before)
    return list(db.session().scalars(found.order_by(StationConnection.id.desc()).limit(limit)))
