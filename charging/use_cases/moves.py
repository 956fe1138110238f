"""What this room knows of a station goes with it to another account."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import update

from accounts.access import Actor, system
from charging.models import ChargingProfile, LocalList, Reservation, ScheduleHabit
from charging.use_cases.local_lists import refresh_local_list
from charging.values import ProfileState
from kit import db
from kit.use_case import use_case
from stations.models import Station
from stations.values import StationId

_ALONG: Mapping[type[Any], tuple[Any, ...]] = {
    LocalList: (),
    ScheduleHabit: (),
    ChargingProfile: (ChargingProfile.state.in_([ProfileState.REQUESTED, ProfileState.INSTALLED]),),
    Reservation: (Reservation.ended_at.is_(None),),
}


@use_case
def follow_station(actor: Actor, station_id: StationId) -> None:
    """Let what a station holds at this moment belong to the account that it belongs to: its list of tags, limits and
    reservations. Sessions and doubts stay where they were. The tags it knows by heart become those of the new account.
    """
    system(actor)
    account_id = db.session().get_one(Station, station_id, populate_existing=True).account_id
    for model, which in _ALONG.items():
        elsewhere = (model.station_id == station_id, model.account_id != account_id, *which)
        db.session().execute(update(model).where(*elsewhere).values(account_id=account_id))
    refresh_local_list(actor, station_id)
