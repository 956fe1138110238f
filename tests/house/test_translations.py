"""Four languages, no leftovers: every word is in the catalogues, and no translation is still English."""

import ast
import io
from functools import cache

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from tests.house.walk import ROOT, place, source_files, tree

LANGUAGES = ("de", "fr", "it")
PACKAGES = (
    "accounts",
    "announcements",
    "billing",
    "charging",
    "closures",
    "graphql_api",
    "handovers",
    "imports",
    "kit",
    "licensing",
    "mass_changes",
    "partners",
    "portal",
    "smart_me",
    "stations",
    "webhooks",
)
SAME_IN = {line.strip() for line in (ROOT / "translations" / "same.txt").read_text(encoding="utf-8").splitlines()}


@cache
def _used() -> frozenset[str | tuple[str, ...]]:
    """Every message of the program, found as `make messages` finds it."""
    with (ROOT / "translations" / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]  # theirs
    keywords = {"_": None, "gettext": None, "ngettext": (1, 2), "lazy_": None, "word": None}
    found: set[str | tuple[str, ...]] = set()
    for package in PACKAGES:
        for _file, _line, message, _comments, _context in extract_from_dir(
            ROOT / package, method_map=methods, options_map=options, keywords=keywords
        ):
            found.add(message)
    return frozenset(found)


@cache
def catalogue(language: str) -> Catalog:
    """What a language says."""
    text = (ROOT / "translations" / language / "LC_MESSAGES" / "messages.po").read_text(encoding="utf-8")
    return read_po(io.StringIO(text), locale=language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_is_translated(language: str) -> None:
    translated = catalogue(language)
    missing = []
    for message in _used():
        entry = translated.get(message)
        strings = entry.string if entry and isinstance(entry.string, tuple | list) else [entry.string if entry else ""]
        if entry is None or entry.fuzzy or not all(strings):
            missing.append(message)
    assert missing == [], f"{len(missing)} messages lack a translation in {language}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_translation_is_still_the_source(language: str) -> None:
    same = [m.id for m in catalogue(language) if m.id and m.id == m.string and f"{language}: {m.id}" not in SAME_IN]
    assert same == [], f"translate them, or add `{language}: …` to translations/same.txt"


@pytest.mark.parametrize("language", LANGUAGES)
def test_catalogues_hold_no_dead_words(language: str) -> None:
    used = _used()
    dead = [m.id for m in catalogue(language) if m.id and tuple_or_text(m.id) not in used]
    assert dead == [], "remove what the program no longer says"


@pytest.mark.parametrize("language", LANGUAGES)
def test_placeholders_survive_translation(language: str) -> None:
    for message in catalogue(language):
        if message.id:
            errors = [str(error) for error in message.check(catalogue(language))]
            assert errors == [], message.id


def test_no_word_hides_in_an_f_string() -> None:
    hidden = [
        place(path, text)
        for path in source_files(*PACKAGES)
        for text in ast.walk(tree(path))
        if isinstance(text, ast.JoinedStr) and _says_words(text)
    ]
    assert hidden == [], "the collector of words does not look into f-strings"


def _says_words(text: ast.JoinedStr) -> bool:
    calls = [node for node in ast.walk(text) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    return any(ast.unparse(call.func) in ("_", "ngettext") and isinstance(call.args[0], ast.Constant) for call in calls)


def tuple_or_text(message_id: object) -> object:
    """A plural's id as the extractor writes it."""
    return tuple(message_id) if isinstance(message_id, list | tuple) else message_id
