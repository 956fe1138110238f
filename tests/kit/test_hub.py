"""The hub over real sockets: delivery, goodbyes, pings, live pages, stopping; and taking a socket from gunicorn."""

import selectors
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import ClassVar

import pytest

from kit import bus, db, hub, websocket
from kit.hub import Connection, Hub
from tests.wire import PATIENCE_S, Client, masked, pair


class Peer:
    """Notes what it is told; echoes texts."""

    silence_s = 900.0
    ping_after_s = hub.PING_AFTER_S

    def __init__(self, on_message: Callable[[bytes], None] | None = None) -> None:
        self.connection: Connection | None = None
        self.messages: list[bytes] = []
        self.open, self.gone = threading.Event(), threading.Event()
        self.on_message = on_message

    def opened(self, connection: Connection) -> None:
        self.connection = connection
        self.open.set()

    def received(self, message: bytes) -> None:
        self.messages.append(message)
        if self.on_message is not None:
            self.on_message(message)
        assert self.connection is not None, "opened comes first"
        self.connection.send(b"echo " + message)

    def closed(self) -> None:
        self.gone.set()


@pytest.fixture
def running() -> Iterator[Hub]:
    made = Hub()
    made.start()
    yield made
    made.stop()


def connect(owner: Hub, peer: Peer, early: bytes = b"") -> Client:
    near, far = pair()
    owner.adopt(far, peer, early=early)
    assert peer.open.wait(PATIENCE_S)
    return Client(near)


def test_messages_travel_both_ways(running: Hub) -> None:
    client = connect(running, Peer())
    client.send(b"one")
    client.send("zwölf".encode(), websocket.BINARY)
    assert client.receive() == (websocket.TEXT, b"echo one")
    assert client.receive() == (websocket.TEXT, "echo zwölf".encode())


def test_bytes_that_came_behind_the_handshake_are_not_lost(running: Hub) -> None:
    client = connect(running, Peer(), early=masked(b"first")[:5])
    client.sock.sendall(masked(b"first")[5:])
    assert client.receive() == (websocket.TEXT, b"echo first")


def test_a_ping_is_answered_with_its_content(running: Hub) -> None:
    client = connect(running, Peer())
    client.send(b"are you there", websocket.PING)
    assert client.receive() == (websocket.PONG, b"are you there")


def test_a_goodbye_is_answered_and_the_socket_closed(running: Hub) -> None:
    peer = Peer()
    client = connect(running, peer)
    client.send((1000).to_bytes(2, "big"), websocket.CLOSE)
    assert client.receive() == (websocket.CLOSE, (1000).to_bytes(2, "big"))
    assert client.receive() == (0, b"")
    assert peer.gone.wait(PATIENCE_S)


def test_broken_framing_closes_with_1002_and_a_huge_message_with_1009(running: Hub) -> None:
    for data, code in ((b"\x81\x01x", 1002), (b"\x81\xff" + (1 << 21).to_bytes(8, "big"), 1009)):
        client = connect(running, Peer())
        client.sock.sendall(data)
        opcode, payload = client.receive()
        assert (opcode, int.from_bytes(payload[:2], "big")) == (websocket.CLOSE, code)


def test_an_owner_that_fails_loses_only_its_own_connection(running: Hub) -> None:
    def fail(message: bytes) -> None:
        raise ValueError(message)

    bad, good = connect(running, Peer(fail)), connect(running, Peer())
    bad.send(b"x")
    assert bad.receive()[1][:2] == (1011).to_bytes(2, "big")
    good.send(b"y")
    assert good.receive() == (websocket.TEXT, b"echo y")


def test_a_reset_connection_is_noticed(running: Hub) -> None:
    peer = Peer()
    client = connect(running, peer)
    client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
    client.sock.close()
    assert peer.gone.wait(PATIENCE_S)


def test_an_idle_socket_is_pinged_and_a_silent_one_dropped(running: Hub) -> None:
    peer = Peer()
    client = connect(running, peer)
    assert peer.connection is not None
    running.call_soon(peer.connection.sweep, running.time() + hub.PING_AFTER_S + 1)
    assert client.receive() == (websocket.PING, b"")
    running.call_soon(peer.connection.sweep, running.time() + peer.silence_s + 1)
    assert peer.gone.wait(PATIENCE_S)


def test_a_peer_that_reads_nothing_is_dropped_before_it_fills_the_memory(running: Hub) -> None:
    peer = Peer()
    connect(running, peer)
    assert peer.connection is not None
    for _ in range(64):
        running.call_soon(peer.connection.send, b"x" * (1 << 18))
    assert peer.gone.wait(PATIENCE_S)


def test_the_database_is_out_of_bounds_on_the_hubs_thread(running: Hub, database: str) -> None:
    caught: list[BaseException] = []

    def try_it() -> None:
        try:
            with db.transaction(writing=False) as unit:
                unit.session.connection()
        except AssertionError as error:
            caught.append(error)

    done = threading.Event()
    running.call_soon(try_it)
    running.call_soon(done.set)
    assert done.wait(PATIENCE_S)
    assert [str(error) for error in caught] == ["no database work on this thread"]


def page(owner: Hub, render: Callable[[], str | None], *, every_s: float = 60.0) -> Client:
    near, far = pair()
    owner.adopt_page(far, early=b"", topics=frozenset({"station:1"}), render=render, every_s=every_s)
    return Client(near)


def test_a_page_is_sent_at_once_and_again_only_when_news_changed_it(running: Hub) -> None:
    shown, drawn = ["one"], threading.Semaphore(0)

    def render() -> str:
        drawn.release()
        return shown[0]

    client = page(running, render)
    assert client.receive() == (websocket.TEXT, b"one")
    assert drawn.acquire(timeout=PATIENCE_S)
    bus.current().publish("station:1")
    assert drawn.acquire(timeout=PATIENCE_S)  # drawn again, the same, not sent
    shown[0] = "two"
    bus.current().publish("station:2")  # not its topic
    bus.current().publish("station:1")
    assert client.receive() == (websocket.TEXT, b"two")


def test_many_notes_at_once_are_few_drawings(running: Hub) -> None:
    count = [0]

    def render() -> str:
        count[0] += 1
        return str(count[0])

    client = page(running, render)
    client.receive()
    for _ in range(500):
        bus.current().publish("station:1")
    client.receive()
    time.sleep(0.4)
    assert count[0] <= 4


def test_a_page_is_drawn_by_the_clock_too(running: Hub) -> None:
    numbers = iter(range(100))
    client = page(running, lambda: str(next(numbers)), every_s=0.3)
    assert [client.receive()[1] for _ in range(3)] == [b"0", b"1", b"2"]


def test_a_viewer_who_may_no_longer_look_is_shown_out(running: Hub) -> None:
    answers = iter(["secret", None])
    client = page(running, lambda: next(answers))
    assert client.receive() == (websocket.TEXT, b"secret")
    bus.current().publish("station:1")
    assert client.receive() == (websocket.CLOSE, (1000).to_bytes(2, "big"))


def test_pages_that_draw_slowly_hold_up_no_errand(running: Hub) -> None:
    drawing, ran = threading.Event(), threading.Event()
    for _ in range(2 * hub.RENDER_THREADS):
        running.draw(drawing.wait, PATIENCE_S)
    running.on_pool(ran.set)
    assert ran.wait(1.0)
    drawing.set()


def test_a_note_ends_a_page_and_its_end_is_told_once(running: Hub) -> None:
    near, far = pair()
    ended: list[str] = []
    running.adopt_page(
        far,
        early=b"",
        topics=frozenset(),
        render=lambda: "<p>",
        every_s=60.0,
        ends=frozenset({"login:x"}),
        closed=lambda: ended.append("told"),
    )
    client = Client(near)
    assert client.receive()[1] == b"<p>"
    bus.current().publish("login:y")
    bus.current().publish("login:x")
    assert client.receive() == (websocket.CLOSE, websocket.NORMAL.to_bytes(2, "big"))
    client.close()
    deadline = time.monotonic() + PATIENCE_S
    while not ended and time.monotonic() < deadline:
        time.sleep(0.01)
    assert ended == ["told"]


def test_a_page_that_fails_to_draw_closes_with_1011(running: Hub) -> None:
    def fail() -> str:
        raise ValueError("broken")

    assert page(running, fail).receive() == (websocket.CLOSE, (1011).to_bytes(2, "big"))


def test_stopping_answers_what_was_received_and_says_1012(running: Hub) -> None:
    client = connect(running, Peer())
    client.send(b"last")
    assert client.receive() == (websocket.TEXT, b"echo last")
    drained: list[float] = []
    running.before_stop(drained.append)
    stopper = threading.Thread(target=running.stop)
    stopper.start()
    opcode, payload = client.receive()
    assert (opcode, int.from_bytes(payload[:2], "big"), payload[2:]) == (websocket.CLOSE, 1012, b"restart")
    client.send(payload[:2], websocket.CLOSE)
    assert client.receive() == (0, b"")
    stopper.join(PATIENCE_S)
    assert 1.0 < drained[0] <= hub.STOP_S
    assert hub.current() is None


def test_stopping_does_not_wait_for_those_who_say_nothing() -> None:
    made = Hub()
    made.start()
    client = connect(made, Peer())
    began = time.monotonic()
    made.stop()
    assert time.monotonic() - began < hub.STOP_S + 1
    assert client.receive()[0] == websocket.CLOSE
    assert client.receive() == (0, b"")


def test_stopping_says_goodbye_to_one_after_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "CLOSED_PER_S", 20)
    made = Hub()
    made.start()
    clients = [connect(made, Peer()) for _ in range(10)]
    stopper = threading.Thread(target=made.stop)
    stopper.start()
    times: list[float] = []
    with selectors.DefaultSelector() as waiting:
        for client in clients:
            waiting.register(client.sock, selectors.EVENT_READ, client)
        while len(times) < len(clients):
            for key, _ in waiting.select(PATIENCE_S):
                times.append(time.monotonic())
                waiting.unregister(key.fileobj)
                assert key.data.receive() == (websocket.CLOSE, (1012).to_bytes(2, "big") + b"restart")
                key.data.close()
    stopper.join(PATIENCE_S)
    assert times[-1] - times[0] > 0.3


def test_who_pauses_by_itself_reads_no_more_once_the_hub_ends(running: Hub) -> None:
    peer = Peer()
    client = connect(running, peer)
    client.send(b"first")
    assert client.receive() == (websocket.TEXT, b"echo first")

    def drain(_: float) -> None:
        assert peer.connection is not None
        paused = threading.Event()
        running.call_soon(peer.connection.resume)  # its owner has room again
        running.call_soon(paused.set)  # what came before that still counts
        assert paused.wait(5)
        client.send(b"too late")
        time.sleep(0.2)

    running.before_stop(drain)
    running.stop()
    assert client.receive()[0] == websocket.CLOSE
    assert peer.messages == [b"first"]


def test_taking_over_leaves_the_server_a_socket_of_its_own_to_close() -> None:
    near, far = pair()

    class Upgraded:
        """What flask-sock hands to a handler."""

        sock = far
        connected = True
        environ: ClassVar[dict[str, object]] = {}

    upgraded = Upgraded()
    taken, early = hub.take_over(upgraded)
    far.setblocking(True)  # as gunicorn does before it closes
    far.close()
    taken.sendall(b"still here")
    assert (near.recv(100), early, upgraded.connected) == (b"still here", b"", False)
