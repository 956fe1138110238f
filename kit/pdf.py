"""HTML to PDF, drawn by processes of their own: 150 ms of work must not hold up pages and chargers.

One or two processes are started at the first document, used again for each, and replaced when they break.
"""

import contextlib
import functools
import os
import queue
import select
import struct
import subprocess
import sys
import threading
import time
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotInTime
from dataclasses import dataclass, field
from pathlib import Path

import orjson
import structlog
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from kit import i18n
from kit.errors import Unavailable

ROOT = Path(__file__).resolve().parent.parent
LENGTH = struct.Struct(">I")
PROCESSES = min(2, os.cpu_count() or 1)
LONGEST_S = 30.0
LARGEST_HTML = 5_000_000
KEPT_VARIABLES = ("PATH", "LD_LIBRARY_PATH", "HOME", "TMPDIR")
log = structlog.get_logger()


class Ended(Exception):
    """The drawing process is gone."""


class TooLate(Exception):
    """The drawing process did not answer in time."""


@dataclass
class _Job:
    request: bytes
    answer: "Future[bytes]" = field(default_factory=Future)


class _Process:
    """One drawing process, spoken to by one thread."""

    def __init__(self) -> None:
        kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
        # the libraries read these: no machine's fonts, and no time or chance in the bytes
        fixed = {"FONTCONFIG_FILE": str(ROOT / "kit" / "fonts.conf"), "SOURCE_DATE_EPOCH": "0", "PYTHONHASHSEED": "0"}
        self._process = subprocess.Popen(  # noqa: S603  # our own module, by our own interpreter
            [sys.executable, "-W", "ignore::UserWarning", "-m", "kit.pdf_process", str(os.getpid())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env={**kept, **fixed, "PYTHONPATH": str(ROOT)},
        )

    def draw(self, request: bytes) -> bytes:
        """The PDF; raises Ended, TooLate, or Unavailable with the process's own words."""
        assert self._process.stdin is not None
        deadline = time.monotonic() + LONGEST_S
        try:
            self._process.stdin.write(LENGTH.pack(len(request)) + request)
            self._process.stdin.flush()
        except OSError as error:
            raise Ended() from error
        head = self._read(1 + LENGTH.size, deadline)
        content = self._read(LENGTH.unpack(head[1:])[0], deadline)
        if head[:1] == b"+":
            return content
        log.error("pdf.refused", problem=content.decode(errors="replace"))
        raise Unavailable("document_failed")

    def _read(self, length: int, deadline: float) -> bytes:
        assert self._process.stdout is not None
        descriptor = self._process.stdout.fileno()
        poll = select.poll()  # not select(): a process with many sockets has descriptors above 1024
        poll.register(descriptor, select.POLLIN)
        content = bytearray()
        while len(content) < length:
            ready = poll.poll(max(0.0, deadline - time.monotonic()) * 1000)
            if not ready:
                raise TooLate()
            piece = os.read(descriptor, min(65536, length - len(content)))
            if not piece:
                raise Ended()
            content += piece
        return bytes(content)

    def end(self) -> None:
        """Kill it and wait for its end."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            with contextlib.suppress(OSError):  # what was not taken any more can't be flushed
                pipe.close()


class _Hand:
    """What one thread draws with: a process, started when it is needed and replaced when it broke."""

    def __init__(self) -> None:
        self._process: _Process | None = None

    def draw(self, request: bytes) -> bytes:
        """The PDF; once more with a new process where the old one had ended since its last page."""
        used_before = self._process is not None
        try:
            return self._draw(request)
        except Ended:
            log.warning("pdf.process_lost")
            if not used_before:
                raise
            return self._draw(request)

    def rest(self) -> None:
        """End the process, if there is one."""
        if self._process is not None:
            self._process.end()
        self._process = None

    def _draw(self, request: bytes) -> bytes:
        self._process = self._process or _Process()
        try:
            return self._process.draw(request)
        except (Ended, TooLate):
            self.rest()
            raise


class Pool:
    """Hands pages to its processes. Each has a thread of its own that lives as long as this process does.

    (Linux ends a child when the *thread* that started it ends, so a request's thread must not start one.)
    """

    def __init__(self, processes: int = PROCESSES) -> None:
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._threads = [threading.Thread(target=self._serve, name="pdf", daemon=True) for _ in range(processes)]
        for thread in self._threads:
            thread.start()

    def draw(self, html: str, style: str = "") -> bytes:
        """The PDF of this page. Raises Unavailable when it can't be drawn, or not in time."""
        return self.ask({"html": html, "style": style})

    def ask(self, request: dict[str, str]) -> bytes:
        """What a drawing process answers to this. Raises Unavailable."""
        job = _Job(orjson.dumps(request))
        self._jobs.put(job)
        try:
            return job.answer.result(timeout=2 * LONGEST_S)
        except NotInTime:
            job.answer.cancel()
            raise Unavailable("document_busy") from None

    def close(self) -> None:
        """End the processes; for tests."""
        for _ in self._threads:
            self._jobs.put(None)
        for thread in self._threads:
            thread.join()

    def _serve(self) -> None:
        hand = _Hand()
        while job := self._jobs.get():
            if not job.answer.set_running_or_notify_cancel():
                continue
            try:
                job.answer.set_result(hand.draw(job.request))
            except Unavailable as refusal:
                job.answer.set_exception(refusal)
            except Exception as error:
                log.error("pdf.failed", error=type(error).__name__)
                hand.rest()
                job.answer.set_exception(Unavailable("document_failed"))
        hand.rest()


_pool: Pool | None = None
_guard = threading.Lock()


def render(html: str, style: str = "") -> bytes:
    """The page as a tagged PDF/A. The same page and library versions give the same bytes. Raises Unavailable.

    A style sheet given apart is read once and kept, as long as its text stays the same.
    Its fonts are those of static/lib; nothing else is loaded. Title, author and dates come from its own meta tags.
    """
    assert len(html) <= LARGEST_HTML, "a document of this size is a mistake"
    return _running().draw(html, style)


def _running() -> Pool:
    global _pool
    with _guard:
        _pool = _pool or Pool()
        return _pool


def close() -> None:
    """End the drawing processes of this process, if there are any."""
    global _pool
    with _guard:
        if _pool is not None:
            _pool.close()
        _pool = None


def environment(*folders: Path) -> Environment:
    """Templates of documents: words and formats of the language in force; a missing value is a mistake."""
    loader = FileSystemLoader([str(folder) for folder in folders])
    pages = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    i18n.install(pages)
    return pages


@functools.cache
def library_versions() -> dict[str, str]:
    """What the bytes of a PDF depend on, besides its page. Raises Unavailable."""
    versions: dict[str, str] = orjson.loads(_running().ask({}))
    return versions
