"""Setting opening hours, of a station or of one connector."""

from uuid import UUID

from sqlalchemy import select

from accounts.access import Actor, allowed, system
from accounts.rights import Right
from accounts.values import AccountId
from kit import audit, db
from kit.errors import NotFound
from kit.notes import tell
from kit.use_case import hot_use_case, use_case
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
    audit.store(connector)
    _tell(connector)
    return connector


@hot_use_case
def follow_time_zone(actor: Actor, account_id: AccountId) -> None:
    """The account has another time zone: gateways read its stations again, as opening hours are meant by its clock."""
    system(actor)
    for station_id in db.session().scalars(select(Station.id).where(Station.account_id == account_id)):
        _read_again(station_id)
    tell("account", account_id)


def _tell(row: Station | Connector) -> None:
    station_id = row.id if isinstance(row, Station) else row.station_id
    _read_again(station_id)
    tell("station", station_id)
    tell("account", row.account_id)


def _read_again(station_id: UUID) -> None:
    tell(NEW_FACTS, data=station_id.hex.encode())
