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
from importlib.metadata import version
from pathlib import Path
from typing import Any, BinaryIO

from weasyprint import CSS, HTML
from weasyprint.text.ffi import pango
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher

PR_SET_PDEATHSIG = 1
LENGTH = struct.Struct(">I")
GOOD, BAD = b"+", b"-"
MOST_SHEETS = 20
HERE = Path(__file__).resolve().parent
LIBRARIES, FONTS = HERE.parent / "static" / "lib", HERE / "fonts"
USUAL = "html { font-family: Inter; }"  # where a document says nothing else
FACES = (LIBRARIES / "inter" / "inter.css", FONTS / "liberation-sans.css")


class LocalFiles(URLFetcher):  # type: ignore[misc]  # WeasyPrint ships no types
    """Fetches files below static/lib and kit/fonts; everything else ends the rendering."""

    def __init__(self) -> None:
        super().__init__(allowed_protocols=("file",), allow_redirects=False)

    def fetch(self, url: str, headers: Any = None) -> Any:
        """The file, or FatalURLFetchingError."""
        plain = url.startswith("file:") and ".." not in url and "%" not in url
        path = Path(url.removeprefix("file://")).resolve()
        if not plain or not any(path.is_relative_to(folder) for folder in (LIBRARIES, FONTS)):
            raise FatalURLFetchingError(f"refused: {url[:200]}")
        return super().fetch(url, headers)


class Draughtsman:
    """Fonts and style sheets that stay loaded from one document to the next."""

    def __init__(self) -> None:
        self.files = LocalFiles()
        self.fonts = FontConfiguration()
        self.sheets: dict[str, Any] = {}
        self.faces = [CSS(filename=face, font_config=self.fonts, url_fetcher=self.files) for face in FACES]
        self.faces.append(CSS(string=USUAL))

    def answer(self, request: dict[str, Any]) -> bytes:
        """The PDF of the page in `html`; without a page the versions of the libraries, as JSON."""
        if "html" in request:
            return self.draw(request["html"], request["style"])
        return json.dumps(library_versions()).encode()

    def draw(self, html: str, style: str) -> bytes:
        """The document as PDF; the same page and style give the same bytes."""
        page = HTML(string=html, base_url=None, url_fetcher=self.files)
        identifier = hashlib.sha256(f"{style}\0{html}".encode()).hexdigest()[:32].encode()
        drawn = page.write_pdf(
            stylesheets=[*self.faces, self._sheet(style)],
            font_config=self.fonts,
            pdf_identifier=identifier,
            pdf_variant="pdf/a-3a",
        )
        assert isinstance(drawn, bytes)
        return drawn

    def _sheet(self, style: str) -> Any:
        if style not in self.sheets:
            if len(self.sheets) >= MOST_SHEETS:
                self.sheets.clear()
            self.sheets[style] = CSS(string=style, font_config=self.fonts, url_fetcher=self.files)
        return self.sheets[style]


def library_versions() -> dict[str, str]:
    """What the bytes of a PDF depend on, besides its page."""
    packages = {name: version(name) for name in ("weasyprint", "pydyf", "fonttools", "tinycss2", "tinyhtml5")}
    number = pango.pango_version()
    harfbuzz = ctypes.CDLL("libharfbuzz.so.0")
    harfbuzz.hb_version_string.restype = ctypes.c_char_p
    return packages | {
        "pango": f"{number // 10_000}.{number // 100 % 100}.{number % 100}",
        "harfbuzz": harfbuzz.hb_version_string().decode(),
    }


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
            answer = GOOD, draughtsman.answer(json.loads(request))
        except (Exception, FatalURLFetchingError) as error:
            answer = BAD, f"{type(error).__name__}: {error}".encode()
        answers.write(answer[0] + LENGTH.pack(len(answer[1])) + answer[1])
        answers.flush()


def _read(pages: BinaryIO) -> bytes:
    head = pages.read(LENGTH.size)
    return pages.read(LENGTH.unpack(head)[0]) if len(head) == LENGTH.size else b""


if __name__ == "__main__":
    main(int(sys.argv[1]))
