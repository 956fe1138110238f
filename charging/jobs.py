"""What this room does by the clock."""

from datetime import timedelta

from accounts.access import SYSTEM
from charging.queries import forgotten_sessions, lapsed_authorisations
from charging.use_cases import close_stale_session, fail_authorisation
from charging.values import AuthorisationId, SessionId
from kit.worker import Job


def end_lapsed_authorisations() -> None:
    """Nobody plugged in within the window."""
    for authorisation_id in lapsed_authorisations(SYSTEM):
        fail_authorisation(SYSTEM, AuthorisationId(authorisation_id), "not_plugged_in")


def close_forgotten_sessions() -> None:
    """End what chargers forgot to end."""
    for session_id in forgotten_sessions(SYSTEM):
        close_stale_session(SYSTEM, SessionId(session_id))


JOBS = [
    Job("charging.end_lapsed_authorisations", timedelta(seconds=2), end_lapsed_authorisations),
    Job("charging.close_forgotten_sessions", timedelta(seconds=30), close_forgotten_sessions),
]
