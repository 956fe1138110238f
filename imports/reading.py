"""From a file to rows of texts: tables with headings in any order, and answers of eCarUp's public API."""

import csv
import io
from collections.abc import Iterator

import orjson

from imports import ecarup
from imports.columns import REQUIRED, column_of
from imports.values import LARGEST_FILE, MOST_ROWS, Row, Source, What
from kit.errors import Invalid


def read(content: bytes, what: What) -> tuple[Source, list[Row]]:
    """The rows of a file. Raises Invalid(file=): too_large, empty, not_readable, too_many, missing_columns."""
    if len(content) > LARGEST_FILE:
        raise Invalid(file="file_too_large")
    text = _text(content)
    if text.lstrip()[:1] in ("{", "["):
        source, rows = Source.ECARUP, _json(text)
    else:
        source, rows = Source.CSV, list(_table(text, what))
    if not rows:
        raise Invalid(file="no_rows")
    return source, rows


def _text(content: bytes) -> str:
    """Excel writes UTF-8 with a mark, or the letters of Windows."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _json(text: str) -> list[Row]:
    try:
        told = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise Invalid(file="not_json") from error
    rows = list(ecarup.rows(told))
    if len(rows) > MOST_ROWS:
        raise Invalid(file="too_many")
    return rows


def _table(text: str, what: What) -> Iterator[Row]:
    first = text.partition("\n")[0]
    separator = max(";,\t", key=first.count)
    lines = csv.reader(io.StringIO(text.replace("\0", "")), delimiter=separator)
    columns = [column_of(what, cell) for cell in next(lines, [])]
    if any(name not in columns for name in REQUIRED[what]):
        raise Invalid(file="missing_columns")
    number = 0
    try:
        for cells in lines:
            if not any(cell.strip() for cell in cells):
                continue
            number += 1
            if number > MOST_ROWS:
                raise Invalid(file="too_many")
            named = zip(columns, cells, strict=False)
            yield Row(number, what, {name: _cell(cell) for name, cell in named if name is not None})
    except csv.Error as error:
        raise Invalid(file="invalid") from error


def _cell(text: str) -> str:
    """Without the apostrophe by which tables keep a text from becoming a formula."""
    text = text.strip()
    return text[1:] if text[:1] == "'" and text[1:2] in ("=", "+", "-", "@") else text
