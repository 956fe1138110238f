"""Stored facts that somebody should look at."""

from collections.abc import Sequence

from sqlalchemy import select

from accounts.access import Actor, allowed
from accounts.rights import Right
from charging.models import DoubtfulFact
from kit import db
from kit.use_case import query
from stations.models import Station
from stations.values import StationId


@query
def doubts_of_station(actor: Actor, station_id: StationId, *, limit: int = 20) -> Sequence[DoubtfulFact]:
    """The newest doubtful facts that a station sent. Raises NotFound, Forbidden."""
    allowed(actor, Right.VIEW_STATIONS, Station, station_id)
    newest = select(DoubtfulFact).where(DoubtfulFact.station_id == station_id).order_by(DoubtfulFact.at.desc())
    return db.session().scalars(newest.limit(limit)).all()
