"""How the tests look at pages: Chromium for what moves, a reviewer for every page's source."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

CHROMIUM = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage")
PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 900}
NEVER_LABELLED = ("hidden", "submit", "button", "image", "reset")
_PLACEHOLDER = re.compile(r"%\([a-z_]+\)[sd]|\{\{|\}\}|\{%")


@contextmanager
def chromium(executable: str | None) -> Iterator[Browser]:
    """A browser; `executable` None means the one that Playwright brings."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=executable, args=list(CHROMIUM))
        try:
            yield started
        finally:
            started.close()


@contextmanager
def window(browser: Browser, size: dict[str, int] = DESK, language: str = "en") -> Iterator[Page]:
    """A fresh window with its own cookies. At its end, whatever its console complained about is a mistake of ours."""
    context: BrowserContext = browser.new_context(viewport=size, locale=f"{language}-CH")  # type: ignore[arg-type]
    page = context.new_page()
    page.set_default_timeout(20_000)
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    try:
        yield page
    finally:
        context.close()
    assert complaints == []


def fits(page: Page) -> bool:
    """Whether nothing sticks out to the right."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


@dataclass
class _Found(HTMLParser):
    """What the reviewer notes while reading a page."""

    faults: list[str] = field(default_factory=list)
    headings: int = 0
    title: str = ""
    language: str = ""
    ids: set[str] = field(default_factory=set)
    labelled: set[str] = field(default_factory=set)
    fields: list[tuple[str, str]] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    _open: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        of = {name: value or "" for name, value in attrs}
        self._open.append(tag)
        self._review_anything(tag, of)
        if tag == "html":
            self.language = of.get("lang", "")
        elif tag == "h1":
            self.headings += 1
        elif tag == "label" and "for" in of:
            self.labelled.add(of["for"])
        elif tag == "a" and "href" in of:
            self.links.append(of["href"])
        elif tag == "script":
            self._review_script(of)
        elif tag == "img" and "alt" not in of:
            self.faults.append(f"a picture without words: {of.get('src')}")
        elif tag in ("input", "select", "textarea"):
            self._review_field(tag, of)
        elif tag == "button" and "type" not in of:
            self.faults.append("a button that does not say whether it sends")
        if tag in ("input", "img", "br", "hr", "meta", "link", "source", "wbr", "col"):
            self._open.pop()

    def _review_anything(self, tag: str, of: dict[str, str]) -> None:
        if "id" in of:
            if of["id"] in self.ids:
                self.faults.append(f"two elements with the id {of['id']}")
            self.ids.add(of["id"])
        for name in of:
            if name.startswith("on") or name == "style":
                self.faults.append(f"<{tag} {name}=…>: nothing inline, the policy of the page forbids it")

    def _review_script(self, of: dict[str, str]) -> None:
        data = of.get("type") in ("application/json", "importmap")
        if "src" not in of and "nonce" not in of and not data:
            self.faults.append("an inline script")
        if of.get("src", "").startswith(("http:", "https:", "//")):
            self.faults.append(f"a script from elsewhere: {of['src']}")

    def _review_field(self, tag: str, of: dict[str, str]) -> None:
        if tag == "input" and of.get("type", "text") in NEVER_LABELLED:
            return
        if "aria-label" in of or "aria-labelledby" in of or "label" in self._open:
            return
        self.fields.append((of.get("id", ""), of.get("name", tag)))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] == "title" and "svg" not in self._open:
            self.title += data
        if not {"script", "style"} & set(self._open):
            self.words.append(data)


@dataclass(frozen=True)
class Review:
    """What is the matter with a page, where it leads, and what it says."""

    faults: tuple[str, ...]
    links: tuple[str, ...]
    text: str
    language: str


def review(html: str) -> Review:
    """Read a whole page as a strict person would: one title, one main heading, a label for every field, nothing inline,
    no two equal ids, no placeholder left over.
    """
    found = _Found()
    found.feed(html)
    faults = list(found.faults)
    if not found.title.strip():
        faults.append("no title")
    if found.headings != 1:
        faults.append(f"{found.headings} main headings")
    if found.language not in ("de", "fr", "it", "en"):
        faults.append(f"the page speaks {found.language!r}")
    faults += [f"a field without a label: {name}" for key, name in found.fields if key not in found.labelled]
    text = " ".join(" ".join(found.words).split())
    if left := _PLACEHOLDER.search(text):
        faults.append(f"a placeholder is left: {left.group()}")
    return Review(tuple(faults), tuple(found.links), text, found.language)
