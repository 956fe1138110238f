"""People, their letters, and a company that becomes a partner."""

from pathlib import Path

import pytest

import accounts.reactions
import partners.reactions
from kit import mail, worker
from kit.settings import Settings
from tests import make, people


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The demo's settings; letters become files."""
    return make.settings_for(tmp_path / "var")


@pytest.fixture
def everybody(database: str, settings: Settings) -> people.People:
    """Alice, Bob and Charlie; all reactions that write letters are at work."""
    worker.bind([accounts.reactions.REACTIONS, partners.reactions.REACTIONS], [])
    return people.everybody()


def letters(address: str) -> list[mail.Letter]:
    """All letters to this address, newest first."""
    worker.drain()
    return [letter for letter in mail.letters() if letter.to == address]
