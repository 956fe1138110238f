"""The vocabulary of imports."""

from dataclasses import dataclass
from enum import Enum
from typing import NewType
from uuid import UUID

ImportId = NewType("ImportId", UUID)
MOST_ROWS, LARGEST_FILE = 20_000, 10 * 1024 * 1024

MADE_TAG = "made_tag"  # among the facts of a row: the tag that was made along with somebody's price


class What(Enum):
    """What a row is about."""

    STATIONS = "stations"
    PEOPLE = "people"
    TAGS = "tags"
    HISTORY = "history"


class Source(Enum):
    """What kind of file it was: a table, or an answer of eCarUp's public API."""

    CSV = "csv"
    ECARUP = "ecarup"


class ImportState(Enum):
    """Where an import stands."""

    PREVIEW = "preview"
    RUNNING = "running"
    DONE = "done"
    UNDONE = "undone"


class Outcome(Enum):
    """What becomes of a row: to be made, left out for a reason, wrong; and what was made, or undone again."""

    MAKE = "make"
    SKIP = "skip"
    WRONG = "wrong"
    MADE = "made"
    UNDONE = "undone"


@dataclass(frozen=True)
class Row:
    """A row of a file as texts by our names of the columns; `number` counts from 1, without the headings."""

    number: int
    what: What
    facts: dict[str, str]


@dataclass(frozen=True)
class Judged:
    """A row and what is to become of it. `key` names the thing, so that the same again is found."""

    row: Row
    outcome: Outcome
    key: str = ""
    field: str = ""
    code: str = ""
