"""Where a station was before, and what of its past somebody may see."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from accounts.access import Actor, allowed, can
from accounts.models import Account
from accounts.rights import Right
from kit import db
from kit.use_case import query
from stations.models import Station, StationMove
from stations.values import StationId


@dataclass(frozen=True)
class FormerPlace:
    """An account that a station left, and when. What happened there until then is still to be found there."""

    account_id: UUID
    name: str
    left_at: datetime


@query
def former_places(actor: Actor, station_id: StationId) -> list[FormerPlace]:
    """The accounts that a station left, the last one first; only such as the actor may look into."""
    allowed(actor, Right.VIEW_STATIONS, Station, station_id)
    left = (
        select(StationMove.account_id, Account.name, StationMove.moved_at)
        .join(Account, Account.id == StationMove.account_id)
        .where(StationMove.station_id == station_id)
        .order_by(StationMove.id.desc())
    )
    return [FormerPlace(*row) for row in db.session().execute(left) if can(actor, Right.VIEW_STATIONS, row.account_id)]


def homes_of(actor: Actor, right: Right, station: Station) -> Collection[UUID]:
    """The accounts in which a station is and was, as far as the actor holds the right there. For the room, within its
    doors: whoever gets a station from somebody else sees nothing of what it did there.
    """
    left = db.session().scalars(select(StationMove.account_id).where(StationMove.station_id == station.id).distinct())
    return {station.account_id, *(one for one in left.all() if can(actor, right, one))}
