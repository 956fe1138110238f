"""Every write of this room."""

from stations.use_cases.commands import finish_command, mark_command_sent, request_command
from stations.use_cases.connectors import add_connector, update_connector
from stations.use_cases.sockets import (
    boot_station,
    forget_sockets,
    station_connected,
    station_disconnected,
    stations_seen,
    store_status,
)
from stations.use_cases.stations import AddedStation, add_station, renew_password, take_over_password, update_station

__all__ = [
    "AddedStation",
    "add_connector",
    "add_station",
    "boot_station",
    "finish_command",
    "forget_sockets",
    "mark_command_sent",
    "renew_password",
    "request_command",
    "station_connected",
    "station_disconnected",
    "stations_seen",
    "store_status",
    "take_over_password",
    "update_connector",
    "update_station",
]
