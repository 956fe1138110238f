"""A driver's phone without scripts: it follows redirects, fills in forms as they stand on the page, keeps cookies."""

from html import unescape
from html.parser import HTMLParser
from itertools import count
from urllib.parse import urlsplit

from flask import Flask
from werkzeug.test import TestResponse

_addresses = count(1)


class _Forms(HTMLParser):
    """The forms of a page: what each would send if nothing were changed."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        of = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append((of.get("action", ""), {}))
        elif tag == "input" and self.forms and "name" in of and _sent_untouched(of):
            self.forms[-1][1][of["name"]] = of.get("value", "")
        self._silent += tag in ("script", "style", "title", "noscript")

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in ("script", "style", "title", "noscript")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.words.append(data)


def _sent_untouched(of: dict[str, str]) -> bool:
    """Whether a field goes along when nobody touches it; boxes are left to those who tick them."""
    return of.get("type") != "checkbox" and (of.get("type") != "radio" or "checked" in of)


class Page:
    """What the phone shows: the answer, its address, its words and forms."""

    def __init__(self, response: TestResponse) -> None:
        self.status = response.status_code
        self.path = response.request.path
        self.html = response.get_data(as_text=True) if response.mimetype == "text/html" else ""
        self.raw = response.get_data()
        response.close()  # as servers do when all has left
        self.headers = response.headers
        self._parsed = _Forms()
        self._parsed.feed(self.html)

    @property
    def text(self) -> str:
        """What a person reads, blanks made single."""
        return " ".join(unescape(" ".join(self._parsed.words)).split())

    @property
    def forms(self) -> list[tuple[str, dict[str, str]]]:
        """Every form: its address, and what it would send if nothing were changed."""
        return self._parsed.forms

    def form(self, action_ends: str) -> tuple[str, dict[str, str]]:
        """The form whose address ends so."""
        return next(form for form in self._parsed.forms if form[0].partition("#")[0].endswith(action_ends))

    def has_form(self, action_ends: str) -> bool:
        """Whether there is such a form."""
        return any(action.endswith(action_ends) for action, _ in self._parsed.forms)


class Phone:
    """One browser: its cookies, its network address, its language."""

    def __init__(self, app: Flask, language: str = "en", address: str = "") -> None:
        self.client = app.test_client()
        number = next(_addresses)
        self.address = address or f"10.1.{number // 250}.{number % 250}"
        self._from = {"REMOTE_ADDR": self.address}
        self._headers = {"Accept-Language": language}

    def get(self, url: str, *, follow: bool = True) -> Page:
        """Open an address, ours or one that names our host."""
        parts = urlsplit(url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        return Page(self.client.get(target, environ_base=self._from, headers=self._headers, follow_redirects=follow))

    def send(self, page: Page, action_ends: str, *, follow: bool = True, **fields: str) -> Page:
        """Fill in a form of the page and press its button."""
        action, hidden = page.form(action_ends)
        sent = self.client.post(
            urlsplit(action).path,
            data=hidden | fields,
            environ_base=self._from,
            headers=self._headers,
            follow_redirects=follow,
        )
        return Page(sent)
