"""Imports by command."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from charging.models import Tag
from imports import command
from kit.settings import Settings
from tests import scene
from tests.people import People


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_file_is_looked_at_carried_out_and_undone(people: People, program: Settings, tmp_path: Path) -> None:
    bring, undo = command.commands(lambda _settings: None)
    file = tmp_path / "tags.csv"
    file.write_text("Karte;Name\n04A1;Hauswart\n;niemand\n")

    def run(one: object, *words: str) -> str:
        return CliRunner().invoke(one, words, obj=program).output  # type: ignore[arg-type]

    looked = run(bring, str(people.home.id), "tags", str(file))
    assert looked.splitlines()[1:] == ["make: 1", "wrong: 1", "row 2 wrong: tag required"]
    assert scene.rows(Tag) == []
    done = run(bring, str(people.home.id), "tags", str(file), "--carry-out")
    first, *counts = done.splitlines()
    assert (first.split()[2], counts) == ("done", ["made: 1", "wrong: 1", "row 2 wrong: tag required"])
    assert [row.name for row in scene.rows(Tag)] == ["Hauswart"]
    assert run(undo, first.split()[1].rstrip(":")) == "Undone.\n"
    assert scene.rows(Tag) == []
    file.write_text("Nichts\n")
    assert run(bring, str(people.home.id), "tags", str(file)) == "Error: file: missing_columns\n"
