"""One WebSocket in the hub's hands: frames in and out, pings, and why it ended."""

import asyncio
from collections.abc import Callable
from enum import Enum
from typing import TYPE_CHECKING, Any, Protocol, cast

import structlog

from kit import websocket
from kit.websocket import FrameReader, ProtocolError

if TYPE_CHECKING:
    from kit.hub import Hub

log = structlog.get_logger()

PING_AFTER_S = 45.0
CLOSE_PATIENCE_S = 5.0
LARGEST_WRITE_BUFFER = 1 << 20


class Ended(Enum):
    """Why a connection is gone."""

    LOST = "lost"  # the line broke, without a word
    PEER = "peer"  # the other side said goodbye
    OURS = "ours"  # we said goodbye
    SILENT = "silent"
    BROKEN = "broken"  # the other side broke the rules of framing, or we failed
    SLOW = "slow"  # it read too slowly


class Peer(Protocol):
    """What a connection tells its owner, on the hub's thread. Must return at once."""

    @property
    def silence_s(self) -> float:
        """Without a frame or pong for so long, the connection is closed."""

    @property
    def ping_after_s(self) -> float:
        """Ping it when it has said nothing for so long; 0: never."""

    def opened(self, connection: "Connection") -> None:
        """The hub has the socket; called once, before anything else."""

    def received(self, message: bytes) -> None:
        """A whole text or binary message; not checked for UTF-8."""

    def closed(self) -> None:
        """The connection is gone; called once."""


class Connection(asyncio.Protocol):
    """One WebSocket after its handshake. Everything here happens on the hub's thread."""

    __slots__ = (
        "_early",
        "_hub",
        "_peer",
        "_pinged_at",
        "_reader",
        "_transport",
        "closing",
        "ended",
        "ponged",
        "seen_at",
    )

    def __init__(self, hub: "Hub", peer: Peer, early: bytes) -> None:
        self._hub = hub
        self._peer = peer
        self._early = early
        self._reader = FrameReader()
        self._transport: asyncio.Transport | None = None
        self._pinged_at = 0.0
        self.seen_at = hub.time()
        self.closing = False
        self.ended = Ended.LOST
        self.ponged = False  # whether it ever answered a ping

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """asyncio: the socket is ours."""
        transport = cast(asyncio.Transport, transport)  # uvloop's own class
        self._transport = transport
        transport.set_write_buffer_limits(high=LARGEST_WRITE_BUFFER)
        self._hub.add(self)
        self._guarded(self._peer.opened, self)
        if self._early:
            early, self._early = self._early, b""
            self.data_received(early)

    def data_received(self, data: bytes) -> None:
        """asyncio: bytes came."""
        self.seen_at = self._hub.time()
        peer = self._peer
        try:
            for opcode, payload in self._reader.feed(data):
                if self.closing:
                    if opcode == websocket.CLOSE:
                        self._hang_up()
                    continue
                if opcode <= websocket.BINARY:
                    self._guarded(peer.received, payload)
                elif opcode == websocket.PING:
                    self._write(websocket.frame(payload, websocket.PONG))
                elif opcode == websocket.PONG:
                    self.ponged = True
                elif opcode == websocket.CLOSE:
                    self.closing, self.ended = True, Ended.PEER
                    self._write(websocket.close_answer(payload))
                    self._hang_up()
        except ProtocolError as error:
            self.close(error.code, error.reason, Ended.BROKEN)

    def connection_lost(self, error: Exception | None) -> None:
        """asyncio: the socket is gone."""
        self.closing = True
        self._transport = None
        self._hub.remove(self)
        self._guarded(self._peer.closed)

    def pause_writing(self) -> None:
        """asyncio: the other side reads too slowly; what it has not read by now is not kept for it."""
        log.info("socket.reads_too_slowly")
        self.abort(Ended.SLOW)

    def send(self, text: bytes) -> None:
        """Send a text message; nothing happens when the connection is closing."""
        if not self.closing:
            self._write(websocket.frame(text))

    def pause(self) -> None:
        """Read nothing more until `resume`: the sender feels it."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.pause_reading()

    def resume(self) -> None:
        """Read on; while the hub ends, only for the other side's goodbye."""
        if self._transport is not None and not self._transport.is_closing() and (self.closing or not self._hub.ending):
            self._transport.resume_reading()

    def close(self, code: int, reason: str = "", ended: Ended = Ended.OURS) -> None:
        """Say goodbye, and hang up when the other side said so too or takes too long."""
        if self.closing:
            return
        self._write(websocket.close_frame(code, reason))
        self.closing, self.ended = True, ended
        self._hub.call_later(CLOSE_PATIENCE_S, self.abort)

    def abort(self, ended: Ended = Ended.OURS) -> None:
        """Drop the connection at once."""
        if not self.closing:
            self.closing, self.ended = True, ended
        if self._transport is not None:
            self._transport.abort()

    def sweep(self, now: float) -> None:
        """Ping an idle socket; drop one that has been silent for too long."""
        idle, ping_after_s = now - self.seen_at, self._peer.ping_after_s
        if idle > self._peer.silence_s:
            self.abort(Ended.SILENT)
        elif ping_after_s and min(idle, now - self._pinged_at) > ping_after_s and not self.closing:
            self._pinged_at = now
            self._write(websocket.frame(b"", websocket.PING))

    def _write(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)

    def _hang_up(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def _guarded(self, deed: Callable[..., None], *arguments: Any) -> None:
        try:
            deed(*arguments)
        except Exception:
            log.exception("socket.failed")
            self.close(websocket.BROKEN, ended=Ended.BROKEN)
