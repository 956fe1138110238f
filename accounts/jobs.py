"""What this room does by the clock."""

from datetime import timedelta

from accounts.access import SYSTEM
from accounts.queries.audit import lines_wait_for_seal
from accounts.use_cases import (
    forget_access_tokens,
    forget_answers,
    forget_audit_lines,
    forget_origins,
    prune_logins,
    seal_audit_lines,
)
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


def seal_audit() -> None:
    """Give every new audit line its seal; nothing is written where there is none."""
    while lines_wait_for_seal(SYSTEM) and seal_audit_lines(SYSTEM):
        pass


def forget_old_audit() -> None:
    """Keep audit lines no longer than AUDIT_DAYS, and addresses of those who did it no longer than ORIGIN_DAYS."""
    while forget_audit_lines(SYSTEM):
        pass
    forget_origins(SYSTEM)


JOBS = (
    Job("forget_old_logins", timedelta(hours=6), forget_old_logins),
    Job("accounts.forget_answers", timedelta(hours=6), forget_old_answers),
    Job("accounts.forget_access_tokens", timedelta(hours=1), forget_old_keys),
    Job("accounts.seal_audit", timedelta(seconds=5), seal_audit, quick=True),
    Job("accounts.forget_old_audit", timedelta(hours=6), forget_old_audit),
)
