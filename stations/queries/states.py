"""The one state that people see, worked out from what the charger said and how long ago it was heard."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, func, not_, or_, select

from stations.models import Connector, Station
from stations.values import SILENCE_BEFORE_OUT_OF_SERVICE, ConnectorStatus, ShownState

_SHOWN = {
    ConnectorStatus.UNKNOWN: ShownState.OUT_OF_SERVICE,
    ConnectorStatus.AVAILABLE: ShownState.AVAILABLE,
    ConnectorStatus.PREPARING: ShownState.CONNECTED,
    ConnectorStatus.CHARGING: ShownState.OCCUPIED,
    ConnectorStatus.SUSPENDED_EVSE: ShownState.OCCUPIED,
    ConnectorStatus.SUSPENDED_EV: ShownState.OCCUPIED,
    ConnectorStatus.FINISHING: ShownState.CONNECTED,
    ConnectorStatus.RESERVED: ShownState.OCCUPIED,
    ConnectorStatus.UNAVAILABLE: ShownState.OUT_OF_SERVICE,
    ConnectorStatus.FAULTED: ShownState.FAULTED,
}


def heard_at(station: Station) -> datetime | None:
    """The last sign of life: the newest frame or pong, or the connect itself."""
    signs = [instant for instant in (station.last_seen_at, station.connected_at) if instant is not None]
    return max(signs, default=None)


def silent(station: Station, now: datetime) -> bool:
    """Whether the station was not heard for so long that it counts as out of service."""
    heard = heard_at(station)
    return heard is None or now - heard > SILENCE_BEFORE_OUT_OF_SERVICE


def shown_state(connector: Connector, station: Station, now: datetime) -> ShownState:
    """What people see of a connector now. Short silences change nothing; long ones put it out of service."""
    return state_of(connector.status, heard=not silent(station, now))


def state_of(status: ConnectorStatus, *, heard: bool) -> ShownState:
    """The state for a reported status of a station that was heard lately, or was not."""
    return _SHOWN[status] if heard else ShownState.OUT_OF_SERVICE


def heard_since(now: datetime) -> ColumnElement[bool]:
    """The same judgement for a WHERE: the station was heard recently enough."""
    limit = now - SILENCE_BEFORE_OUT_OF_SERVICE
    return or_(
        func.coalesce(Station.last_seen_at, limit) > limit,
        func.coalesce(Station.connected_at, limit) > limit,
    )


def shows(state: ShownState, now: datetime) -> ColumnElement[bool]:
    """For a WHERE on stations: one of its connectors is in this state, or it has a fault itself."""
    statuses = [status for status, shown in _SHOWN.items() if shown is state]
    lowest = 0 if state is ShownState.FAULTED else 1
    one_of_them = exists(
        select(Connector.id).where(
            Connector.station_id == Station.id, Connector.number >= lowest, Connector.status.in_(statuses)
        )
    )
    if state is ShownState.OUT_OF_SERVICE:
        return or_(not_(heard_since(now)), one_of_them)
    return and_(heard_since(now), one_of_them)
