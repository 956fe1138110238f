"""Tables of this room."""

from stations.models.commands import StationCommand
from stations.models.messages import Message
from stations.models.stations import Connector, Station

__all__ = ["Connector", "Message", "Station", "StationCommand"]
