"""docs/stories.md: each promise has its story, which looks through a real browser and asks by GraphQL."""

import re

from tests.house.walk import ROOT, functions

PROMISES = {1, 2, 13, 14, *range(16, 26)}
ROWS = [
    (int(number), file, name)
    for number, file, name in re.findall(
        r"^\| M(\d+) \|.*\| `(.+)::(\w+)` \|$", (ROOT / "docs" / "stories.md").read_text(encoding="utf-8"), re.M
    )
]


def test_every_promise_has_its_story() -> None:
    assert {number for number, _, _ in ROWS} == PROMISES


def test_every_story_is_there_and_uses_a_browser_and_a_key() -> None:
    for _, file, name in ROWS:
        path = ROOT / file
        story = next((one for one in functions(path) if one.name == name), None)
        assert story is not None, f"{file} has no {name}"
        assert "browser" in {argument.arg for argument in story.args.args}, f"{name} looks through no browser"
        assert re.search(r"/graphql|Ask\b", path.read_text(encoding="utf-8")), f"{file} asks nothing as a program"
