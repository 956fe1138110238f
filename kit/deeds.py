"""What doors do in plain words, for those who read audit lines. Every room has the words of its own in `deeds.py`."""

from collections.abc import Mapping

from kit.i18n import _

_words: dict[str, Mapping[str, str]] = {}


def bind(rooms: Mapping[str, Mapping[str, str]]) -> None:
    """Tell the words of each room, by the names of its doors; called once by `wsgi.py` (and by tests)."""
    _words.clear()
    _words.update(rooms)


def words_of(door: str) -> str:
    """A deed in the reader's language; one of former days, that nobody knows any more, by its name."""
    parts = door.split(".")
    words, name = _words.get(parts[0], {}).get(parts[-1]), parts[-1]
    return _(words) if words else name.replace("_", " ")
