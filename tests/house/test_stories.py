"""docs/stories.md: each promise has its story, which looks through a real browser and asks by GraphQL.

Judged is what the story itself reaches: its own words and those of the functions of the tests that it calls.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.house.walk import ROOT, functions, tree

PROMISES = {1, 2, 13, 14, *range(16, 26)}
ROWS = [
    (int(number), ROOT / file, name)
    for number, file, name in re.findall(
        r"^\| M(\d+) \|.*\| `(.+)::(\w+)` \|$", (ROOT / "docs" / "stories.md").read_text(encoding="utf-8"), re.M
    )
]
HAND_OVER = ROOT / "tests" / "stories" / "test_hand_over.py"
Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def named(path: Path) -> dict[str, tuple[Path, str]]:
    """What a name of the file means, where it is a function of the tests: its own, or one that it imports."""
    found = {one.name: (path, one.name) for one in tree(path).body if isinstance(one, Function)}
    for line in tree(path).body:
        if isinstance(line, ast.ImportFrom) and (line.module or "").startswith("tests."):
            file = ROOT.joinpath(*str(line.module).split(".")).with_suffix(".py")
            found |= {alias.asname or alias.name: (file, alias.name) for alias in line.names if file.exists()}
    return found


def reached(path: Path, name: str, seen: set[tuple[Path, str]]) -> Iterator[Function]:
    """A function and those of the tests that it names, and so on."""
    function = next((one for one in functions(path) if one.name == name), None)
    if function is None or (path, name) in seen:
        return
    seen.add((path, name))
    yield function
    for word in {node.id for node in ast.walk(function) if isinstance(node, ast.Name)} & set(named(path)):
        yield from reached(*named(path)[word], seen)


def does(path: Path, name: str) -> set[str]:
    """Which of the three a story does: open pages of a browser, look at what they show, ask at /graphql."""
    done = set()
    for node in (node for function in reached(path, name, set()) for node in ast.walk(function)):
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            done |= {called} & {"new_page", "goto", "expect"}
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.endswith("/graphql"):
            done.add("graphql")
    return done


def test_every_promise_has_its_story() -> None:
    assert {number for number, _, _ in ROWS} == PROMISES


def test_every_story_looks_through_a_browser_and_asks_with_a_key() -> None:
    stories = {(path, name) for _, path, name in ROWS}
    stories |= {(HAND_OVER, one.name) for one in functions(HAND_OVER) if one.name.startswith("test_")}
    assert len(stories) > 5
    for path, name in stories:
        assert does(path, name) == {"new_page", "goto", "expect", "graphql"}, f"{path.name}::{name}"


def test_a_story_beside_others_is_judged_by_what_it_does_itself() -> None:
    beside = ROOT / "tests" / "stories" / "test_operators.py"
    assert does(beside, "server") == set()
    assert does(ROOT / "tests" / "stories" / "test_people_and_prices.py", "charged") == set()
