"""Every write of this room."""

from charging.use_cases.by_hand import end_hand_start, link_hand_start, send_by_hand
from charging.use_cases.closing import erase_meter_values, forget_drivers
from charging.use_cases.control import close_stale_session, fail_authorisation, request_start, request_stop
from charging.use_cases.doubts import (
    doubt_stamp,
    keep_unstored,
    mark_all_doubts_looked_at,
    mark_doubts_looked_at,
    note_dropped_readings,
    prune_doubts,
    record_deviation,
)
from charging.use_cases.expected import read_expected
from charging.use_cases.gaps import look_for_gap
from charging.use_cases.local_lists import (
    ask_local_list_version,
    keep_local_list,
    refresh_local_list,
    settle_local_list,
    settle_local_list_version,
    update_local_list,
)
from charging.use_cases.moves import follow_station
from charging.use_cases.orphan_desk import accept_orphan, attach_orphan, dismiss_orphan
from charging.use_cases.orphans import Stop
from charging.use_cases.past import PastSession, forget_past_sessions, store_past_sessions
from charging.use_cases.profiles import (
    ask_composite_schedule,
    clear_charging_profiles,
    end_session_profiles,
    limit_power,
    set_charging_profile,
    set_schedule_style,
    settle_charging_profile,
    settle_composite_schedule,
    settle_profile_clearing,
)
from charging.use_cases.readings import store_meter_values
from charging.use_cases.reservations import (
    cancel_reservation,
    reserve_connector,
    settle_cancellation,
    settle_open_reservations,
    settle_reservation,
    use_reservation,
)
from charging.use_cases.running import load_running
from charging.use_cases.stops import end_session, expect_to_end
from charging.use_cases.tags import (
    ImportedTags,
    RefusedTag,
    add_tag,
    block_tag,
    delete_tag,
    delete_unused_tags,
    import_tags,
    unblock_tag,
    update_tag,
)
from charging.use_cases.transaction_ids import hand_transaction_ids, promise_transaction_id, reserve_transaction_ids
from charging.use_cases.transactions import Started, expect_to_start, start_session
from charging.use_cases.verdicts import authorize_tag, expect_authorize, tag_info_or_yes

__all__ = [
    "ImportedTags",
    "PastSession",
    "RefusedTag",
    "Started",
    "Stop",
    "accept_orphan",
    "add_tag",
    "ask_composite_schedule",
    "ask_local_list_version",
    "attach_orphan",
    "authorize_tag",
    "block_tag",
    "cancel_reservation",
    "clear_charging_profiles",
    "close_stale_session",
    "delete_tag",
    "delete_unused_tags",
    "dismiss_orphan",
    "doubt_stamp",
    "end_hand_start",
    "end_session",
    "end_session_profiles",
    "erase_meter_values",
    "expect_authorize",
    "expect_to_end",
    "expect_to_start",
    "fail_authorisation",
    "follow_station",
    "forget_drivers",
    "forget_past_sessions",
    "hand_transaction_ids",
    "import_tags",
    "keep_local_list",
    "keep_unstored",
    "limit_power",
    "link_hand_start",
    "load_running",
    "look_for_gap",
    "mark_all_doubts_looked_at",
    "mark_doubts_looked_at",
    "note_dropped_readings",
    "promise_transaction_id",
    "prune_doubts",
    "read_expected",
    "record_deviation",
    "refresh_local_list",
    "request_start",
    "request_stop",
    "reserve_connector",
    "reserve_transaction_ids",
    "send_by_hand",
    "set_charging_profile",
    "set_schedule_style",
    "settle_cancellation",
    "settle_charging_profile",
    "settle_composite_schedule",
    "settle_local_list",
    "settle_local_list_version",
    "settle_open_reservations",
    "settle_profile_clearing",
    "settle_reservation",
    "start_session",
    "store_meter_values",
    "store_past_sessions",
    "tag_info_or_yes",
    "unblock_tag",
    "update_local_list",
    "update_tag",
    "use_reservation",
]
