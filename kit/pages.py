"""Live pages on the hub: rendered elsewhere, sent when changed, gone when their viewer may no longer look."""

from collections.abc import Callable
from hashlib import blake2b
from typing import TYPE_CHECKING

import structlog

from kit import websocket

if TYPE_CHECKING:
    from asyncio import TimerHandle

    from kit.hub import Connection, Hub

log = structlog.get_logger()

PING_AFTER_S, SILENCE_S = 45.0, 150.0
QUICKEST_S = 0.25  # notes that come faster are answered by one rendering


class Page:
    """One open page: what it waits for and the digest of what it shows."""

    __slots__ = (
        "_closed",
        "_connection",
        "_digest",
        "_dirty",
        "_ends",
        "_every_s",
        "_hub",
        "_render",
        "_rendering",
        "_timer",
        "_topics",
    )

    silence_s = SILENCE_S
    ping_after_s = PING_AFTER_S

    def __init__(
        self,
        hub: "Hub",
        topics: frozenset[str],
        render: Callable[[], str | None],
        every_s: float,
        ends: frozenset[str] = frozenset(),
        closed: Callable[[], object] | None = None,
    ) -> None:
        self._hub = hub
        self._topics = topics
        self._render = render
        self._every_s = every_s
        self._ends = ends
        self._closed = closed
        self._connection: Connection | None = None
        self._digest = b""
        self._rendering = False
        self._dirty = False
        self._timer: TimerHandle | None = None

    def opened(self, connection: "Connection") -> None:
        """Start to listen and render."""
        self._connection = connection
        for topic in self._topics:
            self._hub.listen(topic, self._news)
        for topic in self._ends:
            self._hub.listen(topic, self._ended)
        self._start()

    def received(self, message: bytes) -> None:
        """A live page only listens; what it sends is passed over."""

    def closed(self) -> None:
        """Stop to listen."""
        self._connection = None
        for topic in self._topics:
            self._hub.unlisten(topic, self._news)
        for topic in self._ends:
            self._hub.unlisten(topic, self._ended)
        if self._timer is not None:
            self._timer.cancel()
        told, self._closed = self._closed, None
        if told is not None:
            told()

    def _ended(self, _data: bytes) -> None:
        """The viewer may look no longer."""
        if self._connection is not None:
            self._connection.close(websocket.NORMAL)

    def _news(self, _data: bytes) -> None:
        self._dirty = True
        if not self._rendering:
            self._start()

    def _start(self) -> None:
        if self._connection is None or self._connection.closing:
            return
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._rendering, self._dirty = True, False
        self._hub.draw(self._draw)

    def _draw(self) -> None:
        """On a thread of the pool."""
        html: str | None = None
        code = websocket.NORMAL
        try:
            html = self._render()
        except Exception:
            code = websocket.BROKEN
            log.exception("page.render")
        self._hub.call_soon(self._drawn, html, code)

    def _drawn(self, html: str | None, code: int) -> None:
        if self._connection is None:
            return
        if html is None:
            self._connection.close(code)
            return
        raw = html.encode()
        digest = blake2b(raw, digest_size=16).digest()
        if digest != self._digest:
            self._digest = digest
            self._connection.send(raw)
        self._timer = self._hub.call_later(QUICKEST_S, self._rested)

    def _rested(self) -> None:
        self._rendering = False
        self._timer = None
        if self._dirty:
            self._start()
        else:
            self._timer = self._hub.call_later(max(0.0, self._every_s - QUICKEST_S), self._start)
