"""Every write of this room."""

from stations.use_cases.abilities import note_ability, probe_abilities
from stations.use_cases.arrivals import read_arrivals
from stations.use_cases.authority import create_authority, renew_authority
from stations.use_cases.campaigns import (
    MOST_STATIONS,
    Waves,
    advance_campaign,
    cancel_campaign,
    create_campaign,
    pause_campaign,
    retry_station,
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
from stations.use_cases.closing import release_stations
from stations.use_cases.commands import (
    cancel_command,
    expire_commands,
    finish_command,
    lose_command,
    mark_command_sent,
    recover_commands,
    request_command,
    withhold_command,
)
from stations.use_cases.connections import (
    note_connection,
    note_connection_end,
    note_refusal,
    note_still_open,
    prune_connections,
)
from stations.use_cases.connectors import add_connector, note_availability, update_connector
from stations.use_cases.file_jobs import (
    cancel_file_job,
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
from stations.use_cases.gateways import enter_gateway, forget_silent_gateways, gateway_lives, leave_gateway
from stations.use_cases.groups import group_stations
from stations.use_cases.health import ask_how_it_is
from stations.use_cases.held import (
    Held,
    held_before,
    held_messages,
    hold_unstored,
    stations_with_held,
    store_held,
)
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
from stations.use_cases.messages import log_answer, log_call, log_exchanges
from stations.use_cases.moves import move_station
from stations.use_cases.onboarding import accept_station, prune_waiting, refuse_station, send_due_password
from stations.use_cases.opening_hours import follow_time_zone, set_connector_hours, set_station_hours
from stations.use_cases.places import accept_mixture, warn_of_mixture
from stations.use_cases.quirks import set_quirks
from stations.use_cases.retention import prune_commands, prune_file_jobs, prune_messages, prune_questions
from stations.use_cases.security_events import prune_security_events, store_security_event
from stations.use_cases.settings import forget_wish, go_on_reading, read_settings, set_up_station, wish_setting
from stations.use_cases.sockets import (
    HISTORY_AFTER,
    boot_station,
    hear_vendor_word,
    quirks_of_caller,
    station_connected,
    station_disconnected,
    stations_seen,
    store_status,
)
from stations.use_cases.stations import AddedStation, add_station, keep_quiet, update_station
from stations.use_cases.troubles import look_for_troubles, prune_troubles
from stations.use_cases.waiting import (
    held_start,
    hold_message,
    knock,
    note_waiting_boot,
    note_waiting_status,
    waiting_connected,
    waiting_disconnected,
    waiting_state,
)
from stations.use_cases.withdrawals import withdraw_unused_station
from stations.use_cases.work_orders import cancel_work_order, give_turns, order_work, repeat_work_order

__all__ = [
    "HISTORY_AFTER",
    "MOST_STATIONS",
    "AddedStation",
    "Held",
    "Waves",
    "accept_mixture",
    "accept_station",
    "add_connector",
    "add_firmware",
    "add_station",
    "advance_campaign",
    "ask_for_certificate",
    "ask_how_it_is",
    "boot_station",
    "bring_certificate",
    "cancel_campaign",
    "cancel_command",
    "cancel_file_job",
    "cancel_work_order",
    "create_authority",
    "create_campaign",
    "delete_installed",
    "end_silent_jobs",
    "enter_gateway",
    "expire_commands",
    "finish_command",
    "follow_time_zone",
    "forget_silent_gateways",
    "forget_wish",
    "gateway_lives",
    "give_turns",
    "go_on_reading",
    "group_stations",
    "hear_vendor_word",
    "held_before",
    "held_messages",
    "held_start",
    "hold_message",
    "hold_unstored",
    "keep_quiet",
    "knock",
    "leave_gateway",
    "log_answer",
    "log_call",
    "log_exchanges",
    "look_for_troubles",
    "lose_command",
    "mark_command_sent",
    "move_station",
    "note_ability",
    "note_availability",
    "note_boot_of_update",
    "note_connection",
    "note_connection_end",
    "note_firmware_step",
    "note_installed",
    "note_refusal",
    "note_still_open",
    "note_upload_step",
    "note_waiting_boot",
    "note_waiting_status",
    "order_work",
    "pause_campaign",
    "probe_abilities",
    "prune_commands",
    "prune_connections",
    "prune_file_jobs",
    "prune_files",
    "prune_messages",
    "prune_questions",
    "prune_security_events",
    "prune_troubles",
    "prune_waiting",
    "push_password",
    "quirks_of_caller",
    "raise_security_profile",
    "read_arrivals",
    "read_settings",
    "recover_commands",
    "refuse_station",
    "release_stations",
    "remove_firmware",
    "renew_authority",
    "renew_password",
    "repeat_work_order",
    "request_command",
    "request_file",
    "restart_for_profile",
    "retry_station",
    "revoke_certificate",
    "send_due_password",
    "set_connector_hours",
    "set_quirks",
    "set_security_profile",
    "set_station_hours",
    "set_up_station",
    "settle_certificate",
    "settle_file_job",
    "sign_certificate",
    "skip_station",
    "start_campaign",
    "station_connected",
    "station_disconnected",
    "stations_seen",
    "stations_with_held",
    "store_held",
    "store_security_event",
    "store_status",
    "store_upload",
    "take_over_certificate",
    "take_over_password",
    "take_over_profile",
    "update_connector",
    "update_firmware",
    "update_station",
    "waiting_connected",
    "waiting_disconnected",
    "waiting_state",
    "warn_of_mixture",
    "wish_setting",
    "withdraw_unused_station",
    "withhold_command",
]
