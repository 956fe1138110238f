"""Where a connector of a change stands. Asking for a stop or for the way back touches none of thousands of rows: what
waits is what the change itself says.
"""

from collections.abc import Collection

from mass_changes.models import MassChange
from mass_changes.values import RowState


def shown(change: MassChange, stored: RowState) -> RowState:
    """What a stored state means now."""
    undoing = change.undone_at is not None
    if stored is RowState.WAITING and (undoing or not change.at_work):
        return RowState.STOPPED
    return RowState.UNDOING if stored is RowState.DONE and undoing and change.at_work else stored


def stored_as(change: MassChange, states: Collection[RowState]) -> list[RowState]:
    """How rows are stored that are shown in one of these states."""
    return [one for one in RowState if shown(change, one) in states]


def next_stored(change: MassChange) -> RowState:
    """The state of the rows that the change goes on with."""
    return RowState.WAITING if change.undone_at is None else RowState.DONE
