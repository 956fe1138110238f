"""Setting opening hours, of a station or of one connector."""

from accounts.access import Actor, allowed
from accounts.rights import Right
from kit.errors import NotFound
from kit.notes import tell
from kit.use_case import use_case
from stations.models import Connector, Station
from stations.opening_hours import OpeningHours, judged
from stations.values import NEW_FACTS, ConnectorId, StationId


@use_case
def set_station_hours(actor: Actor, station_id: StationId, hours: OpeningHours | None) -> Station:
    """When a station is open; None: always. Connectors with hours of their own keep them, sessions that run go on.

    Raises Invalid as `opening_hours.judged` does.
    """
    station = allowed(actor, Right.MANAGE_STATIONS, Station, station_id, lock=True)
    station.opening_hours = None if hours is None else judged(hours).plain()
    _tell(station)
    return station


@use_case
def set_connector_hours(actor: Actor, connector_id: ConnectorId, hours: OpeningHours | None) -> Connector:
    """When one connector is open; None: as its station is. Sessions that run go on. Raises Invalid."""
    connector = allowed(actor, Right.MANAGE_STATIONS, Connector, connector_id, lock=True)
    if connector.number == 0:
        raise NotFound()
    connector.opening_hours = None if hours is None else judged(hours).plain()
    _tell(connector)
    return connector


def _tell(row: Station | Connector) -> None:
    station_id = row.id if isinstance(row, Station) else row.station_id
    tell(NEW_FACTS, data=station_id.hex.encode())
    tell("station", station_id)
    tell("account", row.account_id)
