"""WebSocket framing (RFC 6455), server side, without any socket in it: bytes in, whole messages out, frames back.

No extensions: compression is never agreed to, so reserved bits are a mistake of the other side.
"""

from collections.abc import Iterator

from websockets.frames import apply_mask  # type: ignore[attr-defined]  # in C where there is a compiler

TEXT, BINARY, CLOSE, PING, PONG = 0x1, 0x2, 0x8, 0x9, 0xA
_CONTINUATION = 0x0
_FINAL, _RESERVED, _OPCODE, _MASKED, _SIZE = 0x80, 0x70, 0x0F, 0x80, 0x7F
LARGEST_MESSAGE = 1 << 20
LARGEST_CONTROL = 125

NORMAL, GOING_AWAY, PROTOCOL_ERROR, POLICY, TOO_BIG, BROKEN, RESTART = 1000, 1001, 1002, 1008, 1009, 1011, 1012
_MAY_BE_SENT = frozenset({1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014})


class ProtocolError(Exception):
    """The other side broke the rules of framing; the connection ends with `code`."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


def frame(payload: bytes, opcode: int = TEXT) -> bytes:
    """One whole, unmasked frame, as a server sends it."""
    size = len(payload)
    if size < 126:
        return bytes((_FINAL | opcode, size)) + payload
    if size < 1 << 16:
        return bytes((_FINAL | opcode, 126)) + size.to_bytes(2, "big") + payload
    return bytes((_FINAL | opcode, 127)) + size.to_bytes(8, "big") + payload


def close_frame(code: int, reason: str = "") -> bytes:
    """The last frame of a connection; the reason is cut to what fits."""
    text = reason.encode()[: LARGEST_CONTROL - 2].decode(errors="ignore").encode()
    return frame(code.to_bytes(2, "big") + text, CLOSE)


def close_answer(payload: bytes) -> bytes:
    """The frame that answers the other side's last one: the same code where it is one that may be sent."""
    if not payload:
        return frame(b"", CLOSE)
    code = int.from_bytes(payload[:2], "big") if len(payload) >= 2 else 0
    known = code in _MAY_BE_SENT or 3000 <= code < 5000
    return close_frame(code if known else PROTOCOL_ERROR)


class FrameReader:
    """Puts messages together from bytes as they arrive. Keeps nothing between messages but an unfinished frame."""

    __slots__ = ("_buffer", "_opcode", "_parts", "largest")

    def __init__(self, largest: int = LARGEST_MESSAGE) -> None:
        self.largest = largest
        self._buffer: bytearray | None = None
        self._parts: bytearray | None = None
        self._opcode = 0

    def feed(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """Yield (opcode, payload) of every message and control frame that is complete now; raises ProtocolError."""
        view: bytes | bytearray = data
        if self._buffer is not None:
            self._buffer += data
            view = self._buffer
        position, end = 0, len(view)
        while end - position >= 2:
            first, second = view[position], view[position + 1]
            size, start = second & _SIZE, position + 2
            if size > LARGEST_CONTROL:
                start += 2 if size == 126 else 8
                if end < start:
                    break
                size = int.from_bytes(view[position + 2 : start], "big")
            self._check(first, second, size)
            start += 4
            if end < start + size:
                break
            payload = apply_mask(view[start : start + size], view[start - 4 : start])
            position = start + size
            if first == _FINAL | TEXT:
                yield TEXT, payload
            else:
                yield from self._take(first, payload)
        self._keep(view, position)

    def _keep(self, view: bytes | bytearray, position: int) -> None:
        if position == len(view):
            self._buffer = None
        elif self._buffer is None:
            self._buffer = bytearray(view[position:])
        else:
            del self._buffer[:position]

    def _check(self, first: int, second: int, size: int) -> None:
        opcode = first & _OPCODE
        if first & _RESERVED:
            raise ProtocolError(PROTOCOL_ERROR, "reserved bits are set")
        if not second & _MASKED:
            raise ProtocolError(PROTOCOL_ERROR, "frame is not masked")
        if opcode >= CLOSE:
            if opcode > PONG:
                raise ProtocolError(PROTOCOL_ERROR, "unknown opcode")
            if size > LARGEST_CONTROL or not first & _FINAL:
                raise ProtocolError(PROTOCOL_ERROR, "control frame is too long or cut")
            return
        if opcode > BINARY:
            raise ProtocolError(PROTOCOL_ERROR, "unknown opcode")
        if (opcode == _CONTINUATION) is (self._parts is None):
            raise ProtocolError(PROTOCOL_ERROR, "message is continued wrongly")
        if size + len(self._parts or b"") > self.largest:
            raise ProtocolError(TOO_BIG, "message is too big")

    def _take(self, first: int, payload: bytes) -> Iterator[tuple[int, bytes]]:
        opcode, final = first & _OPCODE, first & _FINAL
        if opcode >= CLOSE or (final and opcode != _CONTINUATION):
            yield opcode, payload
        elif opcode != _CONTINUATION:
            self._opcode, self._parts = opcode, bytearray(payload)
        else:
            assert self._parts is not None, "checked before"
            self._parts += payload
            if final:
                whole, self._parts = bytes(self._parts), None
                yield self._opcode, whole
