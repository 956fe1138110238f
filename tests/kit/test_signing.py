"""Signed texts for links."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from kit import clock, signing
from kit.ids import new_id
from tests import make


@pytest.fixture(autouse=True)
def _settings(tmp_path: Path) -> None:
    make.settings_for(tmp_path)


def test_a_text_is_read_for_its_purpose_until_its_time_is_over() -> None:
    text = signing.sign("confirm", {"user": "7"})
    assert signing.read("confirm", text, valid_for=timedelta(hours=1)) == {"user": "7"}
    with pytest.raises(signing.LinkBroken):
        signing.read("reset", text, valid_for=timedelta(hours=1))
    with clock.moved_to(clock.now() + timedelta(minutes=61)), pytest.raises(signing.LinkExpired):
        signing.read("confirm", text, valid_for=timedelta(hours=1))


@pytest.mark.parametrize("broken", ["", "x", "a.b.c", "ü" * 20])
def test_what_we_never_made_is_broken(broken: str) -> None:
    with pytest.raises(signing.LinkBroken):
        signing.read("confirm", broken, valid_for=timedelta(hours=1))


def test_another_key_makes_old_links_worthless(tmp_path: Path) -> None:
    text = signing.sign("confirm", {"user": "7"})
    make.settings_for(tmp_path / "other")
    with pytest.raises(signing.LinkBroken):
        signing.read("confirm", text, valid_for=timedelta(hours=1))


def test_a_seal_stands_for_its_row_and_for_one_purpose_only() -> None:
    row_id = new_id()
    sealed = signing.seal("upload", row_id)
    assert len(sealed) == signing.SEAL_LENGTH
    assert signing.unseal("upload", sealed) == row_id
    other = signing.seal("upload", UUID(int=row_id.int ^ 1))
    changed = [sealed[:20] + ("A" if sealed[20] != "A" else "B") + sealed[21:], other[:22] + sealed[22:]]
    for broken in [*changed, sealed[:-1], sealed + "A", "", "ü" * 43, "." * 43]:
        with pytest.raises(signing.LinkBroken):
            signing.unseal("upload", broken)
    with pytest.raises(signing.LinkBroken):
        signing.unseal("download", sealed)
