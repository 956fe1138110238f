"""Rules that matter, checked by walking the code."""

import ast
from pathlib import Path

import pytest

from tests.house.walk import ROOMS, SURFACES, functions, name, source_files, tree

MONEY_FILES = [path for path in source_files("billing", "licensing") if "benchmark" not in path.name] + [
    path for path in source_files("kit") if path.name == "money.py"
]


@pytest.mark.parametrize("path", MONEY_FILES, ids=name)
def test_no_float_near_money(path: Path) -> None:
    for node in ast.walk(tree(path)):
        is_call = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float"
        assert not is_call, f"{name(path)}:{node.lineno}: money is never a float"  # type: ignore[attr-defined]


@pytest.mark.parametrize("path", source_files(), ids=name)
def test_only_the_transaction_commits(path: Path) -> None:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Attribute) and node.attr == "commit" and name(path) != "kit/db.py":
            pytest.fail(f"{name(path)}:{node.lineno}: doors commit, through kit.db.transaction()")


@pytest.mark.parametrize("path", source_files(), ids=name)
def test_async_lives_in_the_hub_only(path: Path) -> None:
    if name(path).startswith(("kit/hub", "demo/", "benchmarks/")):
        return
    for function in functions(path):
        assert not isinstance(function, ast.AsyncFunctionDef), f"{name(path)}:{function.name}: no async outside the hub"


@pytest.mark.parametrize("path", source_files(), ids=name)
def test_no_vague_names(path: Path) -> None:
    vague = ("util", "helper", "manager", "service", "common", "misc")
    assert not any(word in path.stem for word in vague), f"{name(path)}: name it by a noun of the business"


@pytest.mark.parametrize("path", source_files(*ROOMS, *SURFACES, "kit"), ids=name)
def test_modules_and_public_things_say_what_they_are(path: Path) -> None:
    module = tree(path)
    if not module.body:
        return
    assert ast.get_docstring(module), f"{name(path)}: a docstring on top"
    for node in module.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            assert ast.get_docstring(node), f"{name(path)}:{node.name}: a docstring"
