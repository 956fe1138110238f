"""Every write of this room."""

from mass_changes.use_cases.clockwork import go_on
from mass_changes.use_cases.wishes import start_mass_change, stop_mass_change, undo_mass_change

__all__ = ["go_on", "start_mass_change", "stop_mass_change", "undo_mass_change"]
