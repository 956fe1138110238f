"""What this room does by the clock."""

from datetime import timedelta

from accounts.access import SYSTEM
from kit.worker import Job
from mass_changes.queries import mass_changes_at_work
from mass_changes.use_cases import go_on

_BITES = 5  # batches in a second: forty thousand connectors take three minutes, and chargers never wait


def go_on_with_mass_changes() -> None:
    """Change the next connectors of each change that is at work."""
    for mass_change_id in mass_changes_at_work(SYSTEM):
        for _ in range(_BITES):
            if not go_on(SYSTEM, mass_change_id):
                break


JOBS = [Job("mass_changes.go_on", timedelta(seconds=1), go_on_with_mass_changes, quick=True)]
