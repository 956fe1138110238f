"""When a grant was last used: collected in memory while people work, written down for many at once, and each at most
once an hour.
"""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from kit import clock

NOTED_EVERY, WRITTEN_EVERY = timedelta(hours=1), timedelta(minutes=1)
_MOST = 50_000
_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_noted_at: dict[tuple[UUID, UUID], datetime] = {}
_due: dict[tuple[UUID, UUID], datetime] = {}


def used(user_id: UUID, account_id: UUID) -> None:
    """A person used something that was given on this account, or on one that trusts it."""
    key = (user_id, account_id)
    if key in _due:
        return
    now = clock.now()
    if now - _noted_at.get(key, _LONG_AGO) < NOTED_EVERY:
        return
    if len(_noted_at) > _MOST:
        _noted_at.clear()
    _due[key] = now


def any_due() -> bool:
    """Whether something has waited long enough to be written down."""
    oldest = next(iter(_due.values()), None)
    return oldest is not None and clock.now() - oldest >= WRITTEN_EVERY


def take() -> list[tuple[UUID, UUID]]:
    """What is to be written down now: person and account."""
    global _due
    taken, _due = list(_due), {}
    _noted_at.update(dict.fromkeys(taken, clock.now()))
    return taken
