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
    """The rows in columns."""
    wide = max((len(row.what) for row in rows), default=0)
    value = max((len(row.value) for row in rows), default=0)
    return "\n".join(f"{row.what:<{wide}}  {row.value:>{value}}  {row.remark}".rstrip() for row in rows)
