"""The functions that not every plan contains. Which plan has which is said in one place: `licensing/plans.json`."""

from enum import Enum


class Function(Enum):
    """Something an account can do with a licence only; the gate knows no more of it than its name."""

    REPORTS = "reports"
    STATISTICS = "statistics"
    MAINTENANCE = "maintenance"
    MESSAGE_LOG = "message_log"
    ALARMS = "alarms"
    ROAMING = "roaming"
    USER_GROUPS = "user_groups"
    METER_IMPORT = "meter_import"


# No door asks for these yet, so nobody is promised them. Whoever builds one takes it off this list.
PLANNED = frozenset(
    {
        Function.REPORTS,
        Function.STATISTICS,
        Function.ALARMS,
        Function.ROAMING,
        Function.METER_IMPORT,
    }
)
