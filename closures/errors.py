"""What closing refuses."""

from collections.abc import Sequence

from closures.values import Count
from kit.errors import Conflict


class StillInUse(Conflict):
    """Something in the account goes on; `details` say what and how many."""

    code = "account_in_use"

    def __init__(self, obstacles: Sequence[Count]) -> None:
        super().__init__(None, **{one.what.value: ", ".join(one.names) or str(one.count) for one in obstacles})
        self.obstacles = obstacles


class ClosingAlready(Conflict):
    """It is going to be closed."""

    code = "closing_already"


class TooLateToOpen(Conflict):
    """It is closed, or was never going to be."""

    code = "not_closing"


class ExportUnderWay(Conflict):
    """One copy at a time."""

    code = "export_under_way"


class WithdrawnAlready(Conflict):
    """The link works no more."""

    code = "hand_out_over"
