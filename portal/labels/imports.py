"""Words for imports."""

from enum import Enum

from imports.values import ImportState, Outcome, What
from kit.i18n import lazy_ as word

IMPORTS: dict[Enum, str] = {
    What.STATIONS: word("Stations"),
    What.PEOPLE: word("People with own conditions"),
    What.TAGS: word("Tags"),
    What.HISTORY: word("Past sessions"),
    ImportState.PREVIEW: word("Preview"),
    ImportState.RUNNING: word("Running"),
    ImportState.DONE: word("Done"),
    ImportState.UNDONE: word("Undone"),
    Outcome.MAKE: word("Will be made"),
    Outcome.SKIP: word("Left out"),
    Outcome.WRONG: word("Wrong"),
    Outcome.MADE: word("Made"),
    Outcome.UNDONE: word("Undone"),
}
IMPORT_COLOURS: dict[Enum, str] = {
    ImportState.PREVIEW: "yellow",
    ImportState.RUNNING: "azure",
    ImportState.DONE: "green",
    Outcome.MAKE: "azure",
    Outcome.WRONG: "red",
    Outcome.MADE: "green",
}
