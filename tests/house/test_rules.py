"""Rules that matter, checked by walking the code."""

import ast
from typing import TypeGuard

from tests.house.walk import ROOMS, SURFACES, functions, name, place, source_files, tree

MONEY_FILES = [path for path in source_files("billing", "licensing") if "benchmark" not in path.name] + [
    path for path in source_files("kit") if path.name == "money.py"
]


def test_no_float_near_money() -> None:
    floats = [
        place(path, node)
        for path in MONEY_FILES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float"
    ]
    assert floats == [], "money is never a float"


def test_only_the_transaction_commits() -> None:
    commits = [
        place(path, node)
        for path in source_files()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and node.attr == "commit" and name(path) != "kit/db.py"
    ]
    assert commits == [], "doors commit, through kit.db.transaction()"


def test_async_lives_in_the_hub_only() -> None:
    elsewhere = [
        place(path, function)
        for path in source_files()
        for function in functions(path)
        if isinstance(function, ast.AsyncFunctionDef) and not name(path).startswith(("kit/hub", "demo/", "benchmarks/"))
    ]
    assert elsewhere == [], "no async outside the hub"


def test_no_vague_names() -> None:
    vague = ("util", "helper", "manager", "service", "common", "misc")
    found = [name(path) for path in source_files() if any(word in path.stem for word in vague)]
    assert found == [], "name it by a noun of the business"


def test_modules_and_public_things_say_what_they_are() -> None:
    silent = [
        place(path, node)
        for path in source_files(*ROOMS, *SURFACES, "kit")
        for node in [tree(path), *tree(path).body]
        if _is_public(node) and not ast.get_docstring(node)
    ]
    assert silent == [], "a docstring, on top and below each public name"


def _is_public(node: ast.AST) -> TypeGuard[ast.FunctionDef | ast.ClassDef | ast.Module]:
    if isinstance(node, ast.Module):
        return bool(node.body)
    return isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
