"""The ceiling: picows, a WebSocket library written in C, that sends every message back and does nothing else.

`python -m benchmarks.ocpp_echo serve PORT`, or `flood PORT SOCKETS SECONDS`: the messages of the mix in turn, each when
the one before has come back; prints how many that were in a second, and in all.
"""

import asyncio
import itertools
import json
import sys

import uvloop
from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect, ws_create_server

from benchmarks.ocpp_load import PAYLOADS

MESSAGES = [
    b'[2,"12","%b",%b]' % (name.encode(), payload(1, 5, b"2027-01-01T00:00:00Z"))
    for name, payload in PAYLOADS.items()
    if name in ("MeterValues", "Heartbeat", "StatusNotification")
]
WARM_UP_S = 1.0


class Echo(WSListener):
    """Sends back what comes."""

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """A message."""
        transport.send(WSMsgType.TEXT, frame.get_payload_as_memoryview())


class Flood(WSListener):
    """Sends the next message when one has come back."""

    answered = 0

    def on_ws_connected(self, transport: WSTransport) -> None:
        """The first message."""
        self.messages = itertools.cycle(MESSAGES)
        transport.send(WSMsgType.TEXT, next(self.messages))

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """The next one."""
        Flood.answered += 1
        transport.send(WSMsgType.TEXT, next(self.messages))


async def serve(port: int) -> None:
    """Send back for ever."""
    server = await ws_create_server(lambda _request: Echo(), "127.0.0.1", port)
    await server.serve_forever()


async def flood(port: int, sockets: int, seconds: float) -> tuple[float, int]:
    """Messages a second, and how many there were with those of the warm-up."""
    for _ in range(sockets):
        await ws_connect(Flood, f"ws://127.0.0.1:{port}/")
    await asyncio.sleep(WARM_UP_S)
    before = Flood.answered
    await asyncio.sleep(seconds)
    return (Flood.answered - before) / seconds, Flood.answered


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        uvloop.run(serve(int(sys.argv[2])))
    else:
        print(json.dumps(uvloop.run(flood(int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])))))
