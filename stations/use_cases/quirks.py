"""How one station behaves, where its operator knows better than the profile."""

from collections.abc import Mapping
from typing import Any

from accounts.access import Actor, allowed
from accounts.rights import Right
from kit.notes import tell
from kit.use_case import use_case
from stations.models import Station
from stations.quirks import judged_settings
from stations.values import NEW_FACTS, StationId


@use_case
def set_quirks(actor: Actor, station_id: StationId, settings: Mapping[str, Any]) -> Station:
    """Set how a station behaves: these settings win over its profile, all others are the profile's again.

    Raises Invalid with each setting that is unknown or impossible.
    """
    station = allowed(actor, Right.MANAGE_STATIONS, Station, station_id)
    station.quirk_overrides = judged_settings(settings)
    tell(NEW_FACTS, data=station.id.hex.encode())
    tell("station", station.id)
    return station
