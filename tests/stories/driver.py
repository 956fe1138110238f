"""A driver with a phone but without scripts, over real HTTP: he reloads when the server does not answer."""

import re
import time
from collections.abc import Callable
from html.parser import HTMLParser
from urllib.parse import urljoin

import requests

PATIENCE_S = 60.0
GOOD_CARD = "4242424242424242"
GONE = (requests.ConnectionError, requests.exceptions.ChunkedEncodingError)  # before the answer, or in its middle


class _Forms(HTMLParser):
    """The forms of a page: where each goes, and what it would send."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        of = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append((of.get("action", ""), {}))
        elif tag == "input" and self.found and "name" in of and of.get("type") != "checkbox":
            self.found[-1][1][of["name"]] = of.get("value", "")


class Driver:
    """Cookies, the page he looks at, and patience."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.browser = requests.Session()
        self.browser.headers["Accept-Language"] = "en"
        self.page: requests.Response | None = None

    def open(self, url: str) -> requests.Response:
        """Look at a page; again and again while nobody answers."""
        self.page = self._again(lambda: self.browser.get(url, timeout=10))
        return self.page

    def press(self, action_ends: str, **fields: str) -> requests.Response:
        """Fill in the form of the page whose address ends so, and send it once; no answer is for the caller to see."""
        assert self.page is not None
        forms = _Forms(self.page.text).found
        action, hidden = next(form for form in forms if form[0].partition("#")[0].endswith(action_ends))
        self.page = self.browser.post(urljoin(self.page.url, action), data=hidden | fields, timeout=20)
        return self.page

    def shows(self, action_ends: str) -> bool:
        """Whether the page has such a form."""
        assert self.page is not None
        return any(action.endswith(action_ends) for action, _ in _Forms(self.page.text).found)

    def scan(self, code: str) -> None:
        """From the label to the provider's page. Stays where the way ends when the connector is taken."""
        self.open(f"{self.url}/q/{code}")
        if self.shows(f"/q/{code}"):
            self.press(f"/q/{code}", email="driver@example.org", terms="yes")

    def pay(self) -> str:
        """Enter the card, and reload the provider's page until it leads back; the link of the session."""
        assert self.page is not None
        provider_page = self.page.url
        deadline = time.monotonic() + PATIENCE_S
        while "/s/" not in self.page.url:
            assert time.monotonic() < deadline, self.page.text
            try:
                if self.shows("/pay"):
                    self.press("/pay", card_number=GOOD_CARD)
                else:
                    self.open(provider_page)
            except GONE:
                self.open(provider_page)
        return self.page.url

    def stop(self, link: str) -> None:
        """Press stop (or cancel) where the page offers it."""
        self.open(link)
        if self.shows("/stop"):
            try:
                self.press("/stop")
            except GONE:
                self.open(link)

    def reads(self, link: str, words: str) -> bool:
        """Whether the session's page says this now."""
        return re.search(words, self.open(link).text) is not None

    def _again(self, deed: Callable[[], requests.Response]) -> requests.Response:
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                return deed()
            except GONE:
                assert time.monotonic() < deadline, "the server does not come back"
                time.sleep(0.1)
