"""What this room does by the clock."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from accounts.access import SYSTEM
from charging.queries import (
    any_reservation_in_force,
    forgotten_sessions,
    lapsed_authorisations,
    missed_lists,
    silent_meters,
    silent_sessions,
)
from charging.use_cases import (
    close_stale_session,
    fail_authorisation,
    prune_doubts,
    refresh_local_list,
    settle_open_reservations,
)
from charging.values import AuthorisationId, SessionId
from kit import clock
from kit.worker import Job
from stations.queries import open_commands
from stations.use_cases import request_command
from stations.values import Action, StationId

PATIENCE = timedelta(minutes=5)
GIVEN_UP_AFTER = timedelta(hours=24)
PATIENCE_WITH_SILENCE = timedelta(minutes=30)  # after our own outage, chargers need a while to come back
_seen_forgotten: dict[UUID, datetime] = {}  # since when; a restart only makes it wait again
_seen_silent: dict[UUID, datetime] = {}


def end_lapsed_authorisations() -> None:
    """Nobody plugged in within the window."""
    for authorisation_id in lapsed_authorisations(SYSTEM):
        fail_authorisation(SYSTEM, AuthorisationId(authorisation_id), "not_plugged_in")


def close_forgotten_sessions() -> None:
    """End what chargers forgot to end, once it was seen forgotten for `PATIENCE` by our own clock.

    A charger's clock may be wrong, and after an outage the end may wait in a queue behind older messages.
    """
    _close_in_time(_seen_forgotten, forgotten_sessions(SYSTEM), PATIENCE)


def ask_silent_meters() -> None:
    """Some chargers send no meter values by themselves; while a session runs they are asked."""
    for station_id, number in silent_meters(SYSTEM):
        if not open_commands(SYSTEM, StationId(station_id), Action.TRIGGER_MESSAGE):
            wanted = {"requestedMessage": "MeterValues", "connectorId": number}
            request_command(SYSTEM, StationId(station_id), Action.TRIGGER_MESSAGE, wanted)


def close_silent_sessions() -> None:
    """End what runs at chargers that are gone for a day: the last reading is charged, and the connector is free.

    Should the charger come back with an end of its own, that is kept as a doubt and changes nothing.
    """
    silent = silent_sessions(SYSTEM, for_longer_than=GIVEN_UP_AFTER)
    _close_in_time(_seen_silent, silent, PATIENCE_WITH_SILENCE)


def _close_in_time(seen: dict[UUID, datetime], found: Iterable[UUID], patience: timedelta) -> None:
    now, sessions = clock.now(), set(found)
    for session_id in set(seen) - sessions:
        del seen[session_id]
    for session_id in sessions:
        if now - seen.setdefault(session_id, now) >= patience:
            close_stale_session(SYSTEM, SessionId(session_id))


def look_after_reservations() -> None:
    """Link those that were used without a word, end those that ran out."""
    if any_reservation_in_force(SYSTEM):
        settle_open_reservations(SYSTEM)


def tell_missed_lists() -> None:
    """Stations that were away when their list changed hear of it once they are back."""
    for station_id in missed_lists(SYSTEM):
        refresh_local_list(SYSTEM, StationId(station_id))


def forget_old_doubts() -> None:
    """Keep doubts no longer than DOUBT_DAYS once somebody has looked at them."""
    while prune_doubts(SYSTEM):
        pass


JOBS = [
    Job("charging.end_lapsed_authorisations", timedelta(seconds=2), end_lapsed_authorisations, quick=True),
    Job("charging.close_forgotten_sessions", timedelta(seconds=30), close_forgotten_sessions, quick=True),
    Job("charging.close_silent_sessions", timedelta(minutes=5), close_silent_sessions, quick=True),
    Job("charging.ask_silent_meters", timedelta(seconds=30), ask_silent_meters, quick=True),
    Job("charging.tell_missed_lists", timedelta(minutes=5), tell_missed_lists, quick=True),
    Job("charging.forget_old_doubts", timedelta(hours=6), forget_old_doubts),
    Job("charging.look_after_reservations", timedelta(seconds=10), look_after_reservations, quick=True),
]
