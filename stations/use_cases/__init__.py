"""Every write of this room."""

from stations.use_cases.authority import create_authority, renew_authority
from stations.use_cases.campaigns import (
    Waves,
    advance_campaign,
    cancel_campaign,
    create_campaign,
    pause_campaign,
    skip_station,
    start_campaign,
)
from stations.use_cases.certificates import (
    ask_for_certificate,
    bring_certificate,
    revoke_certificate,
    settle_certificate,
    sign_certificate,
    take_over_certificate,
)
from stations.use_cases.commands import (
    cancel_command,
    finish_command,
    lose_command,
    mark_command_sent,
    recover_commands,
    request_command,
    withhold_command,
)
from stations.use_cases.connectors import add_connector, update_connector
from stations.use_cases.file_jobs import (
    end_silent_jobs,
    note_boot_of_update,
    note_firmware_step,
    note_upload_step,
    prune_files,
    request_file,
    settle_file_job,
    store_upload,
)
from stations.use_cases.firmware import add_firmware, remove_firmware, update_firmware
from stations.use_cases.installed_certificates import delete_installed, note_installed
from stations.use_cases.logins import (
    push_password,
    raise_security_profile,
    renew_password,
    restart_for_profile,
    set_security_profile,
    take_over_password,
    take_over_profile,
)
from stations.use_cases.quirks import set_quirks
from stations.use_cases.security_events import prune_security_events, store_security_event
from stations.use_cases.sockets import (
    boot_station,
    forget_sockets,
    quirks_of_caller,
    station_connected,
    station_disconnected,
    stations_seen,
    store_status,
)
from stations.use_cases.stations import AddedStation, add_station, keep_quiet, update_station

__all__ = [
    "AddedStation",
    "Waves",
    "add_connector",
    "add_firmware",
    "add_station",
    "advance_campaign",
    "ask_for_certificate",
    "boot_station",
    "bring_certificate",
    "cancel_campaign",
    "cancel_command",
    "create_authority",
    "create_campaign",
    "delete_installed",
    "end_silent_jobs",
    "finish_command",
    "forget_sockets",
    "keep_quiet",
    "lose_command",
    "mark_command_sent",
    "note_boot_of_update",
    "note_firmware_step",
    "note_installed",
    "note_upload_step",
    "pause_campaign",
    "prune_files",
    "prune_security_events",
    "push_password",
    "quirks_of_caller",
    "raise_security_profile",
    "recover_commands",
    "remove_firmware",
    "renew_authority",
    "renew_password",
    "request_command",
    "request_file",
    "restart_for_profile",
    "revoke_certificate",
    "set_quirks",
    "set_security_profile",
    "settle_certificate",
    "settle_file_job",
    "sign_certificate",
    "skip_station",
    "start_campaign",
    "station_connected",
    "station_disconnected",
    "stations_seen",
    "store_security_event",
    "store_status",
    "store_upload",
    "take_over_certificate",
    "take_over_password",
    "take_over_profile",
    "update_connector",
    "update_firmware",
    "update_station",
    "withhold_command",
]
