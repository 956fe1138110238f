"""The people of every test here, and the letters they got."""

from pathlib import Path

import pytest

from accounts.reactions import REACTIONS
from kit import mail, worker
from kit.settings import Settings
from tests import make, people


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The demo's settings; letters become files."""
    return make.settings_for(tmp_path / "var")


@pytest.fixture
def everybody(database: str, settings: Settings) -> people.People:
    """Alice, Bob and Charlie."""
    return people.everybody()


@pytest.fixture
def letters(database: str, settings: Settings) -> "Letters":
    """The letters that the reactions of this room write."""
    worker.bind([REACTIONS], [])
    return Letters()


class Letters:
    """Reads the mail of one address after everything recorded was carried out."""

    def to(self, address: str) -> list[mail.Letter]:
        """All letters to this address, newest first."""
        worker.drain()
        return [letter for letter in mail.letters() if letter.to == address]

    def link(self, address: str, path: str) -> str:
        """The token of the newest link under this path, for example `confirm`."""
        for letter in self.to(address):
            for word in letter.text.split():
                if f"/{path}/" in word:
                    return word.rpartition("/")[2]
        raise AssertionError(f"no link to /{path}/ in the letters to {address}")
