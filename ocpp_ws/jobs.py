"""What the gateway does by the clock."""

from datetime import timedelta

from accounts.access import SYSTEM
from kit.worker import Job
from ocpp_ws.reactions import store_what_is_held
from stations.use_cases import stations_with_held


def store_held() -> None:
    """Try again to store what could not be stored when chargers said it."""
    for station_id, account_id in stations_with_held(SYSTEM):
        store_what_is_held(station_id, account_id)


JOBS = [Job("ocpp_ws.store_held", timedelta(minutes=10), store_held)]
