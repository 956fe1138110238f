"""What this room does by the clock."""

from datetime import timedelta

from accounts.access import SYSTEM
from imports.use_cases import forget_previews
from kit.worker import Job


def forget_old_previews() -> None:
    """Files that somebody looked at and left."""
    forget_previews(SYSTEM)


JOBS = (Job("imports.forget_previews", timedelta(hours=6), forget_old_previews),)
