"""Every read of this room."""

from charging.queries.authorisations import (
    authorisation,
    authorisation_of_command,
    is_unpermitted,
    lapsed_authorisations,
    recent_starts,
    unpermitted,
)
from charging.queries.curves import session_curves
from charging.queries.doubts import DoubtRow, doubts, doubts_of_station, open_doubts
from charging.queries.latest import last_sessions_of
from charging.queries.local_lists import LocalListFacts, automatic_lists, local_list, missed_lists
from charging.queries.meters import silent_meters
from charging.queries.orphans import OrphanPage, OrphanRow, orphan_page, orphans
from charging.queries.profiles import (
    CompositeSchedule,
    ProfileRow,
    carried_profile,
    charging_profile,
    charging_profiles,
    composite_schedules,
    has_session_profiles,
    schedule_style,
    with_session_profiles,
)
from charging.queries.reservations import (
    ReservationRow,
    any_reservation_in_force,
    open_reservations,
    reservation,
    reservations,
)
from charging.queries.sessions import (
    CurvePoint,
    RunningSession,
    SessionFilter,
    SessionPage,
    SessionRow,
    active_session_of,
    energy_of,
    forgotten_sessions,
    session_by_authorisation,
    session_curve,
    session_of_transaction,
    session_page,
    sessions,
    silent_sessions,
)
from charging.queries.starts import awaited_by_hand, sessions_of_commands, with_gap
from charging.queries.statistics import DayEnergy, daily_energy
from charging.queries.tags import TagRow, tag, tag_page, tags_after

__all__ = [
    "CompositeSchedule",
    "CurvePoint",
    "DayEnergy",
    "DoubtRow",
    "LocalListFacts",
    "OrphanPage",
    "OrphanRow",
    "ProfileRow",
    "ReservationRow",
    "RunningSession",
    "SessionFilter",
    "SessionPage",
    "SessionRow",
    "TagRow",
    "active_session_of",
    "any_reservation_in_force",
    "authorisation",
    "authorisation_of_command",
    "automatic_lists",
    "awaited_by_hand",
    "carried_profile",
    "charging_profile",
    "charging_profiles",
    "composite_schedules",
    "daily_energy",
    "doubts",
    "doubts_of_station",
    "energy_of",
    "forgotten_sessions",
    "has_session_profiles",
    "is_unpermitted",
    "lapsed_authorisations",
    "last_sessions_of",
    "local_list",
    "missed_lists",
    "open_doubts",
    "open_reservations",
    "orphan_page",
    "orphans",
    "recent_starts",
    "reservation",
    "reservations",
    "schedule_style",
    "session_by_authorisation",
    "session_curve",
    "session_curves",
    "session_of_transaction",
    "session_page",
    "sessions",
    "sessions_of_commands",
    "silent_meters",
    "silent_sessions",
    "tag",
    "tag_page",
    "tags_after",
    "unpermitted",
    "with_gap",
    "with_session_profiles",
]
