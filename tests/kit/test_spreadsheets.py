"""CSV that a spreadsheet opens by a double click, and from which it calculates nothing."""

import pytest

from kit.spreadsheets import csv_text


def test_rows_are_lines_of_cells() -> None:
    assert csv_text([["a", 1, None], ['say "b"; c', "two\nlines", "é"]]) == 'a;1;\r\n"say ""b""; c";"two\nlines";é\r\n'


@pytest.mark.parametrize("text", ["=1+1", "+41", "-2+3", "@SUM(A1)", "\t=1", "  =1", "\0=1"])
def test_no_text_becomes_a_formula(text: str) -> None:
    (line,) = csv_text([[text]]).splitlines()
    assert line.strip('"').startswith("'")


def test_numbers_stay_numbers() -> None:
    assert csv_text([[-5, 0.5]]) == "-5;0.5\r\n"
