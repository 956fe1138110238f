"""What mass changes refuse."""

from kit.errors import Conflict


class NothingWaits(Conflict):
    """Everything is over already."""

    code = "mass_change_over"


class StillAtWork(Conflict):
    """It can be undone when it is over or stopped."""

    code = "mass_change_at_work"


class NothingToUndo(Conflict):
    """Nothing was changed, or everything is undone."""

    code = "nothing_to_undo"
