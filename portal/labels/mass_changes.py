"""Words and colours of mass changes."""

from enum import Enum

from kit.i18n import lazy_ as word
from mass_changes.values import How, RowState, Subject

MASS_CHANGES: dict[Enum, str] = {
    Subject.PRICES: word("Prices"),
    Subject.OPENING_HOURS: word("Opening hours"),
    Subject.VAT: word("VAT rate"),
    How.SET: word("set to"),
    How.PERCENT: word("change by percent"),
    How.AMOUNT: word("change by an amount"),
    RowState.WAITING: word("Waiting"),
    RowState.DONE: word("Changed"),
    RowState.SAME: word("Was so already"),
    RowState.REFUSED: word("Not possible"),
    RowState.STOPPED: word("Stopped before"),
    RowState.UNDOING: word("Waiting to be undone"),
    RowState.UNDONE: word("Undone"),
    RowState.LEFT: word("Left as it is"),
}
MASS_CHANGE_COLOURS: dict[Enum, str] = {
    RowState.WAITING: "azure",
    RowState.DONE: "green",
    RowState.REFUSED: "orange",
    RowState.UNDOING: "azure",
    RowState.LEFT: "orange",
}
