"""When a connector is open: its own hours, else those of its station; by the clock of its account."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from accounts.models import Account
from kit import db
from stations.models import Connector, Station
from stations.opening_hours import OpeningHours


@dataclass(frozen=True)
class Opening:
    """The hours of a connector and where it stands in them. `changes_at`: when it closes, or opens again."""

    hours: OpeningHours
    open: bool
    changes_at: datetime | None

    @classmethod
    def at(cls, hours: OpeningHours, instant: datetime, zone: str) -> "Opening":
        """How it stands at an instant."""
        wall = ZoneInfo(zone)
        return cls(hours, hours.open_at(instant, wall), hours.changes_at(instant, wall))


def hours_of(connector: Connector, station: Station) -> OpeningHours | None:
    """The hours that count; None: it is always open."""
    plain = connector.opening_hours or station.opening_hours
    return None if plain is None else OpeningHours.from_plain(plain)


def opening_of(connector: Connector, station: Station, zone: str, instant: datetime) -> Opening | None:
    """How a connector stands at an instant; None: it is always open."""
    hours = hours_of(connector, station)
    return None if hours is None else Opening.at(hours, instant, zone)


def session_ends_at(connector: Connector, instant: datetime, *, own: bool) -> datetime | None:
    """When a session that runs there has to end by the hours; None: it may go on. For rooms, within their door."""
    hours = hours_of(connector, db.session().get_one(Station, connector.station_id))
    if hours is None:
        return None
    zone = db.session().get_one(Account, connector.account_id).time_zone
    return hours.ends_at(instant, ZoneInfo(zone), own=own)


def admits(connector: Connector, instant: datetime, *, own: bool) -> bool:
    """Whether a session may begin there by its hours. `own`: by the operator. For rooms, within their door."""
    hours = hours_of(connector, db.session().get_one(Station, connector.station_id))
    if hours is None:
        return True
    zone = db.session().get_one(Account, connector.account_id).time_zone
    return hours.admits(instant, ZoneInfo(zone), own=own)
