"""The hub: one thread with an event loop that owns every long-lived socket, chargers' and live pages' alike.

A request thread does the handshake, takes the socket away from the web server (`take_over`) and hands it over. From
then on there is no thread, no request and no database session per socket. Nothing on this thread may wait: work goes to
the writer (`kit.group_commit`) or to the pool for rendering, and comes back by `call_soon`.
Nowhere else is an event loop.
"""

import asyncio
import contextlib
import gc
import resource
import socket
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import structlog
import uvloop

from kit import bus, engines, websocket
from kit.hub.connection import PING_AFTER_S, Connection, Ended, Peer
from kit.pages import Page

__all__ = ["PING_AFTER_S", "UPGRADE_OPTIONS", "Connection", "Ended", "Hub", "Peer", "current", "take_over"]
log = structlog.get_logger()

SWEEP_S = 10.0
TURN_S = 0.0002  # of a thread that computes: a message takes the lock a dozen times on its way to the disk and back
KEEP_ALIVE_S = 60  # how often the kernel asks a silent peer
DEAD_PEER_MS = 180_000  # the kernel gives up on a peer that acknowledges nothing
RENDER_THREADS, ERRAND_THREADS = 4, 2
ANSWERED_WITHIN_S = 2.5  # at the end, what was received
CLOSED_PER_S, LONGEST_SPREAD_S = 250, 4.0  # so that those who dial again do not all come at the same moment
GOODBYE_S = 1.0
STOP_S = ANSWERED_WITHIN_S + LONGEST_SPREAD_S + GOODBYE_S  # at the most


class Hub:
    """The loop thread. `start` once per process, after the web server forked it."""

    def __init__(self) -> None:
        self._loop = uvloop.new_event_loop()
        self._connections: set[Connection] = set()
        self._listeners: dict[str, set[Callable[[bytes], None]]] = {}
        self._before_stop: list[Callable[[float], None]] = []
        self._adopting: set[asyncio.Task[Any]] = set()
        self.ending, self._end_once = False, threading.Lock()
        self._pages = ThreadPoolExecutor(RENDER_THREADS, thread_name_prefix="render")
        self._errands = ThreadPoolExecutor(ERRAND_THREADS, thread_name_prefix="errand")
        self._thread = threading.Thread(target=self._run, name="hub", daemon=True)
        self.time = self._loop.time

    # ------------------------------------------------------------------ from any thread

    def start(self) -> None:
        """Start the thread, and set the process up for it."""
        global _hub
        _prepare_process()
        bus.current().listen(self._heard)
        self._thread.start()
        _hub = self

    def stop(self) -> None:
        """Read nothing more, let what was received be answered, say goodbye (1012) to one after another, and end.

        That takes `STOP_S` at most. Called again, it waits for the end.
        """
        global _hub
        with self._end_once:
            if self.ending:
                return
            _hub = None
            answered_by = self.time() + ANSWERED_WITHIN_S
            self.ending = True
            self.call_soon(self._pause_all)
            for deed in self._before_stop:
                _logged(deed, max(0.0, answered_by - self.time()))
            self.call_soon(self._end)
            self._thread.join(STOP_S + 1.0)
            bus.current().unlisten(self._heard)
            for pool in (self._pages, self._errands):
                pool.shutdown(wait=False, cancel_futures=True)

    def before_stop(self, deed: Callable[[float], None]) -> None:
        """Have something finished (in so many seconds) after the last read and before the sockets close."""
        self._before_stop.append(deed)

    def adopt(self, sock: socket.socket, peer: Peer, *, early: bytes = b"") -> None:
        """Own this socket from now on. `early`: bytes that came behind the handshake."""
        self.call_soon(self._adopt, sock, peer, early)

    def adopt_page(
        self,
        sock: socket.socket,
        *,
        early: bytes,
        topics: frozenset[str],
        render: Callable[[], str | None],
        every_s: float,
        ends: frozenset[str] = frozenset(),
        closed: Callable[[], object] | None = None,
    ) -> None:
        """Keep an open page fresh.

        `render` runs on a small pool of threads: at once, at each note on one of the topics, and every `every_s`. Its
        text is sent when it differs from the last one; None closes the socket, and so does a note on one of the topics
        in `ends`. `closed` is told once, on the hub's thread, when the socket is gone.
        """
        self.adopt(sock, Page(self, topics, render, every_s, ends, closed), early=early)

    def call_soon(self, deed: Callable[..., object], *arguments: Any) -> None:
        """Do something on the hub's thread; quietly nothing when it has ended."""
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(deed, *arguments)

    def on_pool(self, deed: Callable[..., object], *arguments: Any) -> None:
        """Do something that may wait on one of the few threads for it; never held up by pages."""
        with contextlib.suppress(RuntimeError):
            self._errands.submit(_logged, deed, *arguments)

    def draw(self, deed: Callable[..., object], *arguments: Any) -> None:
        """Render a page on one of the few threads for it."""
        with contextlib.suppress(RuntimeError):
            self._pages.submit(_logged, deed, *arguments)

    # ------------------------------------------------------------------ on the hub's thread only

    def call_later(self, delay_s: float, deed: Callable[..., object], *arguments: Any) -> asyncio.TimerHandle:
        """Do something on this thread after a while; the handle can be cancelled."""
        return self._loop.call_later(delay_s, deed, *arguments)

    def listen(self, topic: str, listener: Callable[[bytes], None]) -> None:
        """Hear the bus's notes on a topic, on the hub's thread."""
        self._listeners.setdefault(topic, set()).add(listener)

    def unlisten(self, topic: str, listener: Callable[[bytes], None]) -> None:
        """Hear no more of a topic."""
        listeners = self._listeners.get(topic, set())
        listeners.discard(listener)
        if not listeners:
            self._listeners.pop(topic, None)

    def add(self, connection: Connection) -> None:
        """A connection began."""
        self._connections.add(connection)

    def remove(self, connection: Connection) -> None:
        """A connection ended."""
        self._connections.discard(connection)

    # ------------------------------------------------------------------ inside

    def _run(self) -> None:
        engines.forbid_on_this_thread()
        asyncio.set_event_loop(self._loop)
        self._loop.call_later(SWEEP_S, self._sweep)
        try:
            self._loop.run_forever()
        finally:
            self._loop.close()

    def _adopt(self, sock: socket.socket, peer: Peer, early: bytes) -> None:
        if self.ending:
            sock.close()
            return
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, DEAD_PEER_MS)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, KEEP_ALIVE_S)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, KEEP_ALIVE_S)
        task = self._loop.create_task(self._own(sock, peer, early))
        self._adopting.add(task)
        task.add_done_callback(self._adopting.discard)

    async def _own(self, sock: socket.socket, peer: Peer, early: bytes) -> None:
        try:
            await self._loop.connect_accepted_socket(lambda: Connection(self, peer, early), sock)
        except Exception as error:  # the other side is gone already
            log.info("socket.lost_early", error=str(error))
            sock.close()
            peer.closed()

    def _sweep(self) -> None:
        now = self.time()
        for connection in tuple(self._connections):
            connection.sweep(now)
        self._loop.call_later(SWEEP_S, self._sweep)

    def _heard(self, topic: str, data: bytes) -> None:
        """A note on the bus, on any thread; only topics that somebody here waits for are carried over."""
        if topic in self._listeners:
            self.call_soon(self._tell, topic, data)

    def _tell(self, topic: str, data: bytes) -> None:
        for listener in tuple(self._listeners.get(topic, ())):
            listener(data)

    def _pause_all(self) -> None:
        for connection in self._connections:
            connection.pause()

    def _end(self) -> None:
        """Evenly over the time: a fleet that dials again at once is spread by it, one that waits first as well."""
        all_of_them = tuple(self._connections)
        spread_s = min(LONGEST_SPREAD_S, len(all_of_them) / CLOSED_PER_S)
        for number, connection in enumerate(all_of_them):
            self._loop.call_later(spread_s * number / len(all_of_them), self._say_goodbye, connection)
        self._loop.call_later(spread_s, self._wait_for_goodbyes, self.time() + spread_s + GOODBYE_S)

    def _say_goodbye(self, connection: Connection) -> None:
        connection.close(websocket.RESTART, "restart")
        connection.resume()

    def _wait_for_goodbyes(self, deadline: float) -> None:
        if self._connections and self.time() < deadline:
            self._loop.call_later(0.02, self._wait_for_goodbyes, deadline)
            return
        for connection in tuple(self._connections):
            connection.abort()
        self._loop.call_later(0.05, self._loop.stop)


_hub: Hub | None = None


def current() -> Hub | None:
    """The running hub of this process; None where another process has it."""
    return _hub


class _NoThread:
    """Stands in for the thread that the handshake library would start."""

    def __init__(self, target: Callable[[], None]) -> None:
        self.name = ""

    def start(self) -> None:
        """There is nothing to start: the hub reads."""


# For Flask's SOCK_SERVER_OPTIONS: the library does the handshake, we do the rest.
UPGRADE_OPTIONS: dict[str, Any] = {"thread_class": _NoThread, "event_class": object}


def take_over(upgraded: Any) -> tuple[socket.socket, bytes]:
    """Take the socket of a finished handshake away from the web server, with the bytes that came behind it.

    The server is left with a fresh, unconnected socket to close, so that its own count of connections stays right.
    """
    upgraded.connected = False  # the library must not say goodbye on our socket
    old = upgraded.sock
    family, kind = old.family, old.type
    sock = socket.socket(family, kind, fileno=old.detach())
    old.__init__(family, kind)
    reader = getattr(upgraded.environ.get("wsgi.input"), "reader", None)
    unreader = getattr(reader, "unreader", None)
    return sock, unreader.take_buffered() if unreader is not None else b""


def _prepare_process() -> None:
    """Short turns for threads that compute, as many files as the machine allows, and a calm garbage collector.

    What was loaded until now stays, so the collector need not look at it again; and under load thousands of messages
    are alive at once, which it would otherwise walk through every few hundred allocations.
    """
    sys.setswitchinterval(TURN_S)
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _logged(deed: Callable[..., object], *arguments: Any) -> None:
    try:
        deed(*arguments)
    except Exception:
        log.exception("hub.pool")
