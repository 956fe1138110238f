"""Tables as CSV, the way spreadsheets here open them by a double click, and without letting a cell become a formula."""

import csv
import io
from collections.abc import Iterable, Sequence

# Excel in Swiss languages splits at semicolons only, and takes a file for UTF-8 only if it begins with a mark.
SEPARATOR, MARK = ";", "\ufeff"
_FORMULAS = ("=", "+", "-", "@", "\t", "\r")


def csv_text(rows: Iterable[Sequence[object]]) -> str:
    """Rows as lines of CSV. A text that a spreadsheet would calculate is shown as it is, behind an apostrophe."""
    lines = io.StringIO()
    csv.writer(lines, delimiter=SEPARATOR).writerows([[_harmless(cell) for cell in row] for row in rows])
    return lines.getvalue()


def _harmless(cell: object) -> object:
    if not isinstance(cell, str):
        return cell
    text = cell.replace("\0", "")
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULAS) else text
