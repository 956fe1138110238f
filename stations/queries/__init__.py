"""Every read of this room."""

from stations.queries.authority import ProxyFiles, authorities, own_root, proxy_files
from stations.queries.certificates import (
    ExpiringCertificate,
    InstalledRoot,
    OwnCertificate,
    StationCertificates,
    expiring_certificates,
    fitting_certificate,
    station_certificates,
)
from stations.queries.commands import PendingCommand, command, open_commands, overdue_commands, pending_commands
from stations.queries.connectors import ConnectorCard, connector, connector_by_code, connector_card
from stations.queries.file_jobs import (
    FileJobRow,
    OfferedFile,
    file_job,
    file_jobs,
    firmware_file,
    received_file,
    unasked_steps,
    upload_open,
)
from stations.queries.firmware import firmware, firmwares, firmwares_for, may_add_firmware
from stations.queries.security_events import SecurityEventRow, security_events
from stations.queries.sockets import SocketStation, forget_station_facts, quirks_in_mind, station_for_socket
from stations.queries.states import heard_at, shown_state, silent
from stations.queries.stations import (
    ConnectorRow,
    StationPage,
    StationRow,
    connector_states,
    station_list,
    station_page,
    stations_on_map,
    troubled_stations,
)

__all__ = [
    "ConnectorCard",
    "ConnectorRow",
    "ExpiringCertificate",
    "FileJobRow",
    "InstalledRoot",
    "OfferedFile",
    "OwnCertificate",
    "PendingCommand",
    "ProxyFiles",
    "SecurityEventRow",
    "SocketStation",
    "StationCertificates",
    "StationPage",
    "StationRow",
    "authorities",
    "command",
    "connector",
    "connector_by_code",
    "connector_card",
    "connector_states",
    "expiring_certificates",
    "file_job",
    "file_jobs",
    "firmware",
    "firmware_file",
    "firmwares",
    "firmwares_for",
    "fitting_certificate",
    "forget_station_facts",
    "heard_at",
    "may_add_firmware",
    "open_commands",
    "overdue_commands",
    "own_root",
    "pending_commands",
    "proxy_files",
    "quirks_in_mind",
    "received_file",
    "security_events",
    "shown_state",
    "silent",
    "station_certificates",
    "station_for_socket",
    "station_list",
    "station_page",
    "stations_on_map",
    "troubled_stations",
    "unasked_steps",
    "upload_open",
]
