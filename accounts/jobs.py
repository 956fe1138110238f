"""What this room does by the clock."""

from datetime import timedelta

from accounts.access import SYSTEM
from accounts.use_cases import forget_access_tokens, forget_answers, prune_logins
from kit.worker import Job


def forget_old_logins() -> None:
    """Logins that ended long ago."""
    prune_logins(SYSTEM)


def forget_old_answers() -> None:
    """Answers to requests with an idempotency key are kept for a day."""
    forget_answers(SYSTEM)


def forget_old_keys() -> None:
    """Keys of clients last a quarter of an hour."""
    forget_access_tokens(SYSTEM)


JOBS = (
    Job("forget_old_logins", timedelta(hours=6), forget_old_logins),
    Job("accounts.forget_answers", timedelta(hours=6), forget_old_answers),
    Job("accounts.forget_access_tokens", timedelta(hours=1), forget_old_keys),
)
