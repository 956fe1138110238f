"""The client's side of a WebSocket with nothing between the test and the bytes."""

import json
import socket
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from websockets.frames import apply_mask  # type: ignore[attr-defined]  # in C where there is a compiler

from kit import websocket
from kit.websocket import TEXT

MASK = b"\x11\x22\x33\x44"
PATIENCE_S = 10.0


def masked(payload: bytes, opcode: int = TEXT, *, final: bool = True, mask: bytes = MASK) -> bytes:
    """A client's frame."""
    size = len(payload)
    first = (0x80 if final else 0) | opcode
    if size < 126:
        head = bytes((first, 0x80 | size))
    elif size < 1 << 16:
        head = bytes((first, 0xFE)) + size.to_bytes(2, "big")
    else:
        head = bytes((first, 0xFF)) + size.to_bytes(8, "big")
    return head + mask + apply_mask(payload, mask)


def pair() -> tuple[socket.socket, socket.socket]:
    """Two ends of a TCP connection."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        near = socket.create_connection(server.getsockname())
        far, _ = server.accept()
    return near, far


def until(what: Callable[[], Any]) -> Any:
    """Wait for something to become true; it is returned."""
    deadline = time.monotonic() + PATIENCE_S
    while not (found := what()):
        assert time.monotonic() < deadline, "did not happen"
        time.sleep(0.01)
    return found


class Client:
    """The other end, with nothing between test and bytes."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.sock.settimeout(PATIENCE_S)
        self._orders: deque[Any] = deque()

    def send(self, payload: bytes, opcode: int = websocket.TEXT) -> None:
        self.sock.sendall(masked(payload, opcode))

    def receive(self) -> tuple[int, bytes]:
        """The next frame's opcode and payload; (0, b"") at the end."""
        head = self._exactly(2)
        if not head:
            return 0, b""
        size = head[1]
        if size == 126:
            size = int.from_bytes(self._exactly(2), "big")
        elif size == 127:
            size = int.from_bytes(self._exactly(8), "big")
        return head[0] & 0x0F, self._exactly(size)

    def _exactly(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            try:
                more = self.sock.recv(count - len(data))
            except ConnectionResetError:
                return b""
            if not more:
                return b""
            data += more
        return data

    def call(self, message_id: str, action: str, payload: dict[str, Any]) -> Any:
        """Send an OCPP call and wait for its answer."""
        self.send(json.dumps([2, message_id, action, payload]).encode())
        return self.answer()

    def answer(self) -> Any:
        """The next answer; orders that come before it are kept for `next_frame`."""
        while (frame := self._from_wire()) and frame[0] == 2:
            self._orders.append(frame)
        return frame

    def next_frame(self) -> Any:
        """The next OCPP frame, passing over pings; None at the end."""
        return self._orders.popleft() if self._orders else self._from_wire()

    def _from_wire(self) -> Any:
        while True:
            opcode, payload = self.receive()
            if opcode == TEXT:
                return json.loads(payload)
            if opcode != websocket.PING:
                return None

    def close(self) -> None:
        """Hang up without a word."""
        self.sock.close()
