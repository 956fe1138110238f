"""Many chargers in one process, told step by step what to do: `python -m benchmarks.ocpp_load`.

The first line of standard input is the plan, each further one a step, `["flood", {"mix": ["Heartbeat"], ...}]`; each is
answered by one line of JSON. Own minimal framing and prepared payloads, so that the load costs far less than what it
measures.
"""

import asyncio
import base64
import itertools
import json
import math
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

import uvloop

from benchmarks.processor import processor_s

PATIENCE_S = 120.0
AT_ONCE = 50  # of those that come in good order
MASK_OF_ZEROS = b"\0\0\0\0"
_PHASES = b"".join(
    b',{"value":"16.0","measurand":"Current.Import","unit":"A","phase":"L%d"}'
    b',{"value":"230.1","measurand":"Voltage","unit":"V","phase":"L%d"}' % (number, number)
    for number in (1, 2, 3)
)
_METER = (
    b'{"connectorId":1,"transactionId":%d,"meterValue":[{"timestamp":"%b","sampledValue":['
    b'{"value":"%d","measurand":"Energy.Active.Import.Register","unit":"Wh"},'
    b'{"value":"11040","measurand":"Power.Active.Import","unit":"W"}' + _PHASES + b"]}]}"
)
_STATUS = b'{"connectorId":1,"errorCode":"NoError","status":"Charging","timestamp":"%b"}'
_START = b'{"connectorId":1,"idTag":"BENCH","meterStart":%d,"timestamp":"%b"}'
_STOP = b'{"transactionId":%d,"meterStop":%d,"timestamp":"%b","reason":"Local"}'
# each of: the transaction, the register in Wh, the time as a charger writes it
PAYLOADS: dict[str, Callable[[int, int, bytes], bytes]] = {
    "Authorize": lambda *_: b'{"idTag":"BENCH"}',
    "BootNotification": lambda *_: b'{"chargePointVendor":"Bench","chargePointModel":"Load"}',
    "Heartbeat": lambda *_: b"{}",
    "MeterValues": lambda transaction, register, at: _METER % (transaction, at, register),
    "StartTransaction": lambda _, register, at: _START % (register, at),
    "StatusNotification": lambda _, __, at: _STATUS % at,
    "StopTransaction": lambda transaction, register, at: _STOP % (transaction, register, at),
}
SESSION = ("Authorize", "StartTransaction", *["MeterValues"] * 10, "StopTransaction")
ARRIVAL = ("BootNotification", "StatusNotification", "StatusNotification")


@dataclass
class Plan:
    """Where the server listens, its process, and who comes: identities and passwords."""

    port: int
    server: int
    stations: list[tuple[str, str]]


def frame(text: bytes) -> bytes:
    """A masked text frame; the mask is zero."""
    size = len(text)
    head = bytes((0x81, 0x80 | size)) if size < 126 else bytes((0x81, 0xFE)) + size.to_bytes(2, "big")
    return head + MASK_OF_ZEROS + text


class Station(asyncio.Protocol):
    """One charger. `heard` gets each answer, and when its call was sent; `asked` the calls of the other side."""

    __slots__ = (
        "asked",
        "buffer",
        "gone",
        "heard",
        "ids",
        "loop",
        "open",
        "port",
        "register",
        "request",
        "sent_at",
        "transaction",
        "transport",
    )

    def __init__(self, port: int, identity: str, password: str) -> None:
        secret = base64.b64encode(f"{identity}:{password}".encode()).decode()
        self.port = port
        self.loop = asyncio.get_running_loop()
        self.request = (
            f"GET /ocpp/{identity} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            f"Sec-WebSocket-Protocol: ocpp1.6\r\nAuthorization: Basic {secret}\r\n\r\n"
        ).encode()
        self.ids = itertools.count(1)
        self.transaction, self.register = 0, 1000
        self.heard: Callable[[bytes, float], object] = _nothing
        self.asked: Callable[[bytes], object] = lambda _call: None
        self.gone: Callable[[], object] = lambda: None

    async def connect(self) -> None:
        """Come (again)."""
        self.open: asyncio.Future[None] = self.loop.create_future()
        self.buffer = b""
        self.sent_at: dict[bytes, float] = {}
        await self.loop.create_connection(lambda: self, "127.0.0.1", self.port)
        await self.open

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """asyncio: connected; ask for the upgrade."""
        self.transport = cast(asyncio.Transport, transport)
        self.transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        """asyncio: an answer, or a part of it."""
        self.buffer += data
        if not self.open.done():
            head, found, rest = self.buffer.partition(b"\r\n\r\n")
            if not found:
                return
            if b" 101 " not in head.partition(b"\r\n")[0]:
                self.open.set_exception(RuntimeError(head.decode()[:200]))
                return
            self.buffer = rest
            self.open.set_result(None)
        while len(self.buffer) >= 2:
            size, start = self.buffer[1], 2
            if size == 126:
                size, start = int.from_bytes(self.buffer[2:4], "big"), 4
            if len(self.buffer) < start + size:
                return
            payload, kind = self.buffer[start : start + size], self.buffer[0] & 0x0F
            self.buffer = self.buffer[start + size :]
            if kind == 1:
                self._said(payload)

    def connection_lost(self, error: Exception | None) -> None:
        """asyncio: gone."""
        if not self.open.done():
            self.open.set_exception(error or ConnectionError("closed"))
        self.gone()

    def call(self, action: str) -> None:
        """Send a message of this kind."""
        if action in ("MeterValues", "StartTransaction"):
            self.register += 3
        call_id = b"%d" % next(self.ids)
        payload = PAYLOADS[action](self.transaction, self.register, stamp())
        self.sent_at[call_id] = time.perf_counter()
        self.transport.write(frame(b'[2,"%b","%b",%b]' % (call_id, action.encode(), payload)))

    def answer(self, call: bytes) -> None:
        """Agree to a call."""
        self.transport.write(frame(json.dumps([3, json.loads(call)[1], {"status": "Accepted"}]).encode()))

    def _said(self, payload: bytes) -> None:
        if payload.startswith(b"[2"):
            self.asked(payload)
            return
        if b'"transactionId"' in payload:
            self.transaction = json.loads(payload)[2]["transactionId"]
        self.heard(payload, self.sent_at.pop(payload.split(b'"', 2)[1], 0.0))


class Tally:
    """Answers that count, and what they tell."""

    def __init__(self) -> None:
        self.latencies: list[float] = []
        self.refused = 0

    def note(self, payload: bytes, sent_at: float) -> None:
        """An answer."""
        self.latencies.append(time.perf_counter() - sent_at)
        if not payload.startswith(b"[3"):
            self.refused += 1

    def figures(self) -> dict[str, Any]:
        """Counts, and quantiles in ms."""
        ordered = sorted(self.latencies)
        return {
            "answered": len(ordered),
            "refused": self.refused,
            "p50_ms": ordered[len(ordered) // 2] * 1000 if ordered else math.inf,
            "p99_ms": ordered[len(ordered) * 99 // 100] * 1000 if ordered else math.inf,
        }


class Load:
    """All chargers, and what they can be told to do."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.everybody = [Station(plan.port, *station) for station in plan.stations]

    async def connect(self, first: int = 0, last: int | None = None) -> dict[str, Any]:
        """Some come, in good order, and tell what they are and how their connectors are."""
        began = time.perf_counter()
        some = self.everybody[first:last]
        for start in range(0, len(some), AT_ONCE):
            await asyncio.gather(*(_arrive(station) for station in some[start : start + AT_ONCE]))
        return {"seconds": time.perf_counter() - began}

    async def storm(self) -> dict[str, Any]:
        """All are thrown out and come back, all at the same time; how long until each has been answered everything."""
        for station in self.everybody:
            station.transport.abort()
        await asyncio.sleep(1.0)
        began = time.perf_counter()
        async with asyncio.timeout(PATIENCE_S):
            found = await asyncio.gather(*(_arrive(station) for station in self.everybody), return_exceptions=True)
        errors = [str(one) for one in found if isinstance(one, BaseException)]
        return {"seconds": time.perf_counter() - began, "errors": len(errors), "first_error": "".join(errors[:1])}

    async def flood(self, mix: list[str], seconds: float, warm_up_s: float) -> dict[str, Any]:
        """Each starts to charge, then sends the messages of the mix in turn, each when the last one is answered."""
        tally, loop = Tally(), asyncio.get_running_loop()
        counting = False

        def heard(station: Station, names: Iterator[str], payload: bytes, sent_at: float) -> None:
            if counting:
                tally.note(payload, sent_at)
            station.call(next(names))

        if mix[0] != SESSION[0]:
            await asyncio.gather(*(_answers(station, ["StartTransaction"]) for station in self.everybody))
        for station in self.everybody:
            names = itertools.cycle(mix)
            station.heard = partial(heard, station, names)
            station.call(next(names))
        await asyncio.sleep(warm_up_s)
        counting, before, began = True, processor_s(self.plan.server), loop.time()
        await asyncio.sleep(seconds)
        counting, took_s, used_s = False, loop.time() - began, processor_s(self.plan.server) - before
        await self._stop_charging()
        found = tally.figures()
        return found | {"per_second": found["answered"] / took_s, "cpu_us": used_s / found["answered"] * 1e6}

    async def _stop_charging(self) -> None:
        """What was begun is ended, so that the next load finds free connectors."""
        for station in self.everybody:
            station.heard = _nothing
        async with asyncio.timeout(PATIENCE_S):
            while any(station.sent_at for station in self.everybody):
                await asyncio.sleep(0.05)
        await asyncio.gather(*(_answers(station, ["StopTransaction"]) for station in self.everybody))

    async def pace(
        self, mix: list[str], every_s: float, seconds: float, probe: str = "", probe_every_s: float = 0.05
    ) -> dict[str, Any]:
        """Each sends a message of the mix every so often, whether the last one is answered or not.

        With a probe, only its answers count: in turn, another charger asks for it.
        """
        tally, loop = Tally(), asyncio.get_running_loop()
        await asyncio.gather(*(_answers(station, ["StartTransaction"]) for station in self.everybody))
        ends = loop.time() + seconds

        def send(station: Station, names: Iterator[str], every_s: float, at: float) -> None:
            if at < ends:
                station.call(next(names))
                loop.call_at(at + every_s, send, station, names, every_s, at + every_s)

        for place, station in enumerate(self.everybody):
            station.heard = tally.note
            at = loop.time() + every_s * place / len(self.everybody)
            if probe and place < every_s / probe_every_s:
                at = loop.time() + probe_every_s * place
                loop.call_at(at, send, station, itertools.cycle([probe]), every_s, at)
            else:
                station.heard = _nothing if probe else tally.note
                loop.call_at(at, send, station, itertools.cycle(mix), every_s, at)
        await asyncio.sleep(seconds + 1.0)
        late = sum(len(station.sent_at) for station in self.everybody)
        await self._stop_charging()
        return tally.figures() | {"late": late}

    async def listen(self, calls: int) -> list[float]:
        """When so many calls for the first charger came (seconds of the machine's clock); it agrees to each."""
        station, came = self.everybody[0], list[float]()
        enough = asyncio.get_running_loop().create_future()

        def asked(call: bytes) -> None:
            came.append(time.perf_counter())
            station.answer(call)
            if len(came) == calls and not enough.done():
                enough.set_result(None)

        station.asked = asked
        async with asyncio.timeout(PATIENCE_S):
            await enough
        return came


def _nothing(_answer: bytes, _sent_at: float) -> None:
    """Nobody counts this answer."""


async def _arrive(station: Station) -> None:
    await station.connect()
    await _answers(station, ARRIVAL)


async def _answers(station: Station, actions: tuple[str, ...] | list[str]) -> None:
    """Send these, one after another, and wait until each is answered."""
    for action in actions:
        answered: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        station.heard = lambda _payload, _sent_at, answered=answered: answered.set_result(None)  # type: ignore[misc]
        station.gone = lambda answered=answered: answered.done() or answered.set_exception(ConnectionError("gone"))  # type: ignore[misc]
        station.call(action)
        async with asyncio.timeout(PATIENCE_S):
            await answered


_stamp = (0, b"")


def stamp() -> bytes:
    """Now, as a charger writes it."""
    global _stamp
    now = int(time.time())
    if now != _stamp[0]:
        _stamp = now, time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now)).encode()
    return _stamp[1]


async def main() -> None:
    """Read the plan, then do each step as it is told."""
    lines = asyncio.StreamReader(limit=1 << 24)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    load = Load(Plan(**json.loads(await lines.readline())))
    while line := await lines.readline():
        name, options = json.loads(line)
        print(json.dumps(await getattr(load, name)(**options)), flush=True)


if __name__ == "__main__":
    uvloop.run(main())
