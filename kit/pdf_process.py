"""The process that draws: reads one page of HTML after another from standard input, answers with PDFs.

It ends with its parent, whatever happens to that. It has no network, no secrets and no fonts but those of the program.
"""

import ctypes
import hashlib
import json
import os
import signal
import struct
import sys
from pathlib import Path
from typing import Any, BinaryIO

from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher

PR_SET_PDEATHSIG = 1
LENGTH = struct.Struct(">I")
GOOD, BAD = b"+", b"-"
LIBRARIES = Path(__file__).resolve().parent.parent / "static" / "lib"
FACES = LIBRARIES / "inter" / "inter.css"


class LocalFiles(URLFetcher):  # type: ignore[misc]  # WeasyPrint ships no types
    """Fetches files below static/lib; everything else ends the rendering."""

    def __init__(self) -> None:
        super().__init__(allowed_protocols=("file",), allow_redirects=False)

    def fetch(self, url: str, headers: Any = None) -> Any:
        """The file, or FatalURLFetchingError."""
        inside = url.startswith("file:") and ".." not in url and "%" not in url
        if not inside or not Path(url.removeprefix("file://")).resolve().is_relative_to(LIBRARIES):
            raise FatalURLFetchingError(f"refused: {url[:200]}")
        return super().fetch(url, headers)


class Draughtsman:
    """Fonts and style sheets that stay loaded from one document to the next."""

    def __init__(self) -> None:
        self.files = LocalFiles()
        self.fonts = FontConfiguration()
        self.faces = CSS(filename=FACES, font_config=self.fonts, url_fetcher=self.files)

    def draw(self, html: str) -> bytes:
        """The document as PDF; the same HTML gives the same bytes."""
        page = HTML(string=html, base_url=None, url_fetcher=self.files)
        identifier = hashlib.sha256(html.encode()).hexdigest()[:32].encode()
        drawn = page.write_pdf(
            stylesheets=[self.faces], font_config=self.fonts, pdf_identifier=identifier, pdf_variant="pdf/a-3a"
        )
        assert isinstance(drawn, bytes)
        return drawn


def main(parent: int) -> None:
    """Answer until standard input ends. A page is JSON `{"html": …}`; an answer is `+` and a PDF or `-` and words."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        return
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not end up between the answers
    draughtsman = Draughtsman()
    while request := _read(sys.stdin.buffer):
        try:
            answer = GOOD, draughtsman.draw(json.loads(request)["html"])
        except (Exception, FatalURLFetchingError) as error:
            answer = BAD, f"{type(error).__name__}: {error}".encode()
        answers.write(answer[0] + LENGTH.pack(len(answer[1])) + answer[1])
        answers.flush()


def _read(pages: BinaryIO) -> bytes:
    head = pages.read(LENGTH.size)
    return pages.read(LENGTH.unpack(head)[0]) if len(head) == LENGTH.size else b""


if __name__ == "__main__":
    main(int(sys.argv[1]))
