"""What this room does by the clock."""

from datetime import timedelta

from accounts.access import SYSTEM
from accounts.use_cases import prune_logins
from kit.worker import Job


def forget_old_logins() -> None:
    """Logins that ended long ago."""
    prune_logins(SYSTEM)


JOBS = (Job("forget_old_logins", timedelta(hours=6), forget_old_logins),)
