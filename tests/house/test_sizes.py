"""Small enough to read: functions of at most 40 lines, modules of at most 400."""

import ast
from pathlib import Path

import pytest

from tests.house.walk import functions, name, source_files

LONGEST_FUNCTION, LONGEST_MODULE = 40, 400


@pytest.mark.parametrize("path", source_files(), ids=name)
def test_modules_and_functions_stay_small(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= LONGEST_MODULE, f"{name(path)} has {lines} lines: make it a package of the same name, cut by noun"
    for function in functions(path):
        body = function.body[1:] if _has_docstring(function) else function.body
        length = (function.end_lineno or 0) - (body[0].lineno if body else function.lineno) + 1
        assert length <= LONGEST_FUNCTION, f"{name(path)}:{function.name} has {length} lines: cut it"


def _has_docstring(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return ast.get_docstring(function) is not None
