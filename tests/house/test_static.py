"""Every browser file and icon that a page names is really brought by the set-up."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = sorted(path for folder in ("portal", "graphql_api") for path in (ROOT / folder).rglob("*.html"))
CODE = sorted(path for folder in ("portal", "graphql_api") for path in (ROOT / folder).rglob("*.py"))
ICONS = set((ROOT / "setup" / "icons.txt").read_text(encoding="utf-8").split())


def test_a_page_names_only_files_and_icons_that_exist() -> None:
    unknown = {str(page.relative_to(ROOT)): missing for page in PAGES if (missing := _unknown(page.read_text("utf-8")))}
    assert unknown == {}, "add it to setup/copy_frontend.py or setup/icons.txt"


def _unknown(page: str) -> set[str]:
    """Files below static/lib and icons that a page names and nobody brings."""
    files = set(re.findall(r"""["'/](lib/[\w./-]+\.\w+)["'?]""", page))
    calls = re.findall(r"\bicon\(([^)]*)\)", page)
    icons = {
        name for call in calls for name in re.findall(r"""^["']([a-z0-9-]+)["']|else ["']([a-z0-9-]+)["']""", call)
    }
    missing = {name for name in files if not (ROOT / "static" / name).is_file()}
    return missing | {name for pair in icons for name in pair if name} - ICONS


def test_icons_chosen_by_code_exist() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in CODE)
    assert set(re.findall(r"""\bicon=["']([a-z0-9-]+)["']""", text)) <= ICONS, "add it to setup/icons.txt"


def test_the_list_of_icons_is_sorted_and_names_none_twice() -> None:
    names = (ROOT / "setup" / "icons.txt").read_text(encoding="utf-8").split()
    assert names == sorted(set(names))


def test_no_source_map_and_no_foreign_address_is_asked_for() -> None:
    for path in (ROOT / "static" / "lib").rglob("*"):
        if path.suffix in (".js", ".css"):
            text = path.read_text(encoding="utf-8")
            assert "sourceMappingURL=" not in text[-300:], path
            assert not re.search(r"@import\s+(url\()?[\"']?https?:", text), path


def test_the_licences_of_all_libraries_are_there() -> None:
    words = (ROOT / "static" / "lib" / "LICENSES.txt").read_text(encoding="utf-8")
    for package in ("@tabler/core", "htmx.org", "leaflet", "uplot", "graphiql", "react-dom", "@fontsource/inter"):
        assert f"\n{package}\nLicence: " in words
