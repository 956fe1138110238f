"""Every case that OCPP 1.6 asks of a central system has a test that is named after it."""

import ast
import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1] / "conformance"
CASES = {
    "core": "001 003 004_1 004_2 005_1 007 010 011_1 011_2 012 013 014 017_1 017_2 018_1 019_1 019_2 021 023_1 023_2 "
    "023_3 024 026 028 030 031 032_1 037_1 037_3 039 040_1 040_2 061 064",
    "local_auth_list": "042_1 042_2 043_1 043_3 043_4 043_5",
    "firmware": "044_1 044_2 044_3 045_1 045_2",
    "reservation": "046 047 048_1 048_2 048_3 048_4 049 051 052 053",
    "remote_trigger": "054 055",
    "smart_charging": "056 057 059 066 067",
    "security": "073 074 075_1 075_2 076 077 078 079 080 081 083 085 086 087 088",
}


@pytest.mark.parametrize("profile", list(CASES))
def test_every_case_of_a_profile_has_its_test(profile: str) -> None:
    modules = [ast.parse(path.read_text(encoding="utf-8")) for path in FOLDER.glob(f"test_{profile}*.py")]
    names = [node.name for module in modules for node in module.body if isinstance(node, ast.FunctionDef)]
    found = {match[1] for name in names if (match := re.match(r"test_tc_(\d{3}(?:_\d)?)_csms_", name))}
    assert found == set(CASES[profile].split())


def test_there_are_77_cases() -> None:
    assert len({case for cases in CASES.values() for case in cases.split()}) == 77
