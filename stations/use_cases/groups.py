"""Which stations belong to a group."""

from collections.abc import Collection

from sqlalchemy import func, select

from accounts import use_cases as accounts
from accounts.access import Actor, allowed, visible, within
from accounts.models import StationGroup
from accounts.rights import Right
from accounts.values import StationGroupId
from kit import db
from kit.errors import Invalid
from kit.use_case import use_case
from stations.models import Station
from stations.values import StationId


@use_case
def group_stations(actor: Actor, group_id: StationGroupId, *, station_ids: Collection[StationId]) -> StationGroup:
    """Exactly these stations belong to the group from now on: of its account, or of one below that the actor sees.

    Raises Invalid(station_ids="unknown"), MoreThanOneHolds.
    """
    group = allowed(actor, Right.MANAGE_PEOPLE, StationGroup, group_id, lock=True)
    wanted = set(station_ids)
    counted = select(func.count()).select_from(Station).where(Station.id.in_(wanted), within(Station, group.account_id))
    if db.session().scalar(visible(actor, Right.VIEW_STATIONS, counted, Station)) != len(wanted):
        raise Invalid(station_ids="unknown")
    return accounts.store_group_stations(actor, group_id, station_ids=wanted)
