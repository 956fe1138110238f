"""Small enough to read: functions of at most 40 lines, modules of at most 400."""

import ast

from tests.house.walk import functions, name, source_files

LONGEST_FUNCTION, LONGEST_MODULE = 40, 400


def test_modules_stay_small() -> None:
    lines = {name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in source_files()}
    large = {name: count for name, count in lines.items() if count > LONGEST_MODULE}
    assert large == {}, "make it a package of the same name, cut by noun"


def test_functions_stay_small() -> None:
    long = {
        f"{name(path)}:{function.name}": _lines(function)
        for path in source_files()
        for function in functions(path)
        if _lines(function) > LONGEST_FUNCTION
    }
    assert long == {}, "cut it"


def _lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    body = function.body[1:] if _has_docstring(function) else function.body
    return (function.end_lineno or 0) - (body[0].lineno if body else function.lineno) + 1


def _has_docstring(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return ast.get_docstring(function) is not None
