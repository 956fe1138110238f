"""Every write of this room."""

from charging.use_cases.control import close_stale_session, fail_authorisation, request_start, request_stop
from charging.use_cases.doubts import record_doubt
from charging.use_cases.local_lists import (
    ask_local_list_version,
    keep_local_list,
    refresh_local_list,
    settle_local_list,
    settle_local_list_version,
    update_local_list,
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
from charging.use_cases.stops import Stop, end_session
from charging.use_cases.tags import (
    ImportedTags,
    RefusedTag,
    add_tag,
    block_tag,
    delete_tag,
    import_tags,
    unblock_tag,
    update_tag,
)
from charging.use_cases.transactions import Started, reserve_transaction_ids, start_session
from charging.use_cases.verdicts import authorize_tag

__all__ = [
    "ImportedTags",
    "RefusedTag",
    "Started",
    "Stop",
    "add_tag",
    "ask_local_list_version",
    "authorize_tag",
    "block_tag",
    "cancel_reservation",
    "close_stale_session",
    "delete_tag",
    "end_session",
    "fail_authorisation",
    "import_tags",
    "keep_local_list",
    "load_running",
    "record_doubt",
    "refresh_local_list",
    "request_start",
    "request_stop",
    "reserve_connector",
    "reserve_transaction_ids",
    "settle_cancellation",
    "settle_local_list",
    "settle_local_list_version",
    "settle_open_reservations",
    "settle_reservation",
    "start_session",
    "store_meter_values",
    "unblock_tag",
    "update_local_list",
    "update_tag",
    "use_reservation",
]
