"""Every habit of chargers in `docs/quirks.md` has a test that is named after its number."""

import re

from tests.house.walk import ROOT

ROW = re.compile(r"^\| Q(\d+) \| (.+) \| (.+) \|$", re.MULTILINE)


def listed() -> list[int]:
    """The numbers of the rows."""
    return [int(match[1]) for match in ROW.finditer((ROOT / "docs/quirks.md").read_text(encoding="utf-8"))]


def named() -> set[int]:
    """The numbers in the names of tests."""
    texts = (path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    return {int(number) for text in texts for number in re.findall(r"def test_q(\d+)_", text)}


def test_every_row_has_its_test() -> None:
    missing = [f"Q{number}" for number in listed() if number not in named()]
    assert missing == [], "write test_qNN_..., which tries it through the door that chargers come in by"


def test_every_number_in_a_name_is_a_row_and_stands_once() -> None:
    rows = listed()
    assert len(rows) == len(set(rows)) >= 86
    assert sorted(named() - set(rows)) == []
