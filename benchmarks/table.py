"""How measured figures are printed."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One figure: what was measured, its value with unit, and what one must know to compare it."""

    what: str
    value: str
    remark: str = ""


def printed(rows: Sequence[Row]) -> str:
    """The rows as a table of Markdown, in columns that people can read, too."""
    wide = max((len(row.what) for row in rows), default=0)
    value = max((len(row.value) for row in rows), default=0)
    head = f"| {'figure':<{wide}} | {'measured':>{value}} | |\n|{'-' * (wide + 2)}|{'-' * (value + 1)}:|---|\n"
    return head + "\n".join(f"| {row.what:<{wide}} | {row.value:>{value}} | {row.remark} |" for row in rows)
