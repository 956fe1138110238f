"""What this room does by the clock."""

from datetime import datetime, timedelta
from uuid import UUID

from accounts.access import SYSTEM
from charging.queries import forgotten_sessions, lapsed_authorisations
from charging.use_cases import close_stale_session, fail_authorisation
from charging.values import AuthorisationId, SessionId
from kit import clock
from kit.worker import Job

PATIENCE = timedelta(minutes=5)
_seen_forgotten: dict[UUID, datetime] = {}  # since when; a restart only makes it wait again


def end_lapsed_authorisations() -> None:
    """Nobody plugged in within the window."""
    for authorisation_id in lapsed_authorisations(SYSTEM):
        fail_authorisation(SYSTEM, AuthorisationId(authorisation_id), "not_plugged_in")


def close_forgotten_sessions() -> None:
    """End what chargers forgot to end, once it was seen forgotten for `PATIENCE` by our own clock.

    A charger's clock may be wrong, and after an outage the end may wait in a queue behind older messages.
    """
    now, forgotten = clock.now(), set(forgotten_sessions(SYSTEM))
    for session_id in set(_seen_forgotten) - forgotten:
        del _seen_forgotten[session_id]
    for session_id in forgotten:
        if now - _seen_forgotten.setdefault(session_id, now) >= PATIENCE:
            close_stale_session(SYSTEM, SessionId(session_id))


JOBS = [
    Job("charging.end_lapsed_authorisations", timedelta(seconds=2), end_lapsed_authorisations),
    Job("charging.close_forgotten_sessions", timedelta(seconds=30), close_forgotten_sessions),
]
