"""Many chargers in one process: each sends its next message when the last one is answered.

Started as `python -m benchmarks.ocpp_load` with a JSON plan on standard input; prints `measuring` when all are
connected and warm, and one JSON line with the result.
Own minimal framing, so that the load costs far less than what it measures.
"""

import asyncio
import base64
import itertools
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, cast

import uvloop

MASK_OF_ZEROS = b"\0\0\0\0"
LINE_UP_S = 60.0


@dataclass
class Plan:
    """What the load shall do. `mix`: names of messages in turn, or only `Session` for whole sessions."""

    port: int
    stations: list[tuple[str, str]]
    seconds: float
    warm_up_s: float
    mix: list[str]


@dataclass
class Tally:
    """What was measured."""

    answered: int = 0
    refused: int = 0
    latencies: list[float] = field(default_factory=list)
    counting: bool = False


def frame(text: bytes) -> bytes:
    """A masked text frame; the mask is zero."""
    size = len(text)
    head = bytes((0x81, 0x80 | size)) if size < 126 else bytes((0x81, 0xFE)) + size.to_bytes(2, "big")
    return head + MASK_OF_ZEROS + text


def stamp() -> str:
    """Now, as a charger writes it."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def samples(register_wh: int) -> list[dict[str, str]]:
    """Eight sampled values of a three-phase charger."""
    values = [
        {"value": str(register_wh), "measurand": "Energy.Active.Import.Register", "unit": "Wh"},
        {"value": "11040", "measurand": "Power.Active.Import", "unit": "W"},
    ]
    for phase in ("L1", "L2", "L3"):
        values.append({"value": "16.0", "measurand": "Current.Import", "unit": "A", "phase": phase})
        values.append({"value": "230.1", "measurand": "Voltage", "unit": "V", "phase": phase})
    return values


class Station(asyncio.Protocol):
    """One charger."""

    def __init__(self, plan: Plan, identity: str, password: str, tally: Tally) -> None:
        self.plan, self.identity, self.tally = plan, identity, tally
        self.secret = base64.b64encode(f"{identity}:{password}".encode()).decode()
        self.open: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.started: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.buffer = b""
        self.ids = itertools.count(1)
        self.transaction = 0
        self.register = 1000
        self.sent_at = 0.0
        self.messages = self.conversation()

    def conversation(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Boot, start, then the mix for ever (or whole sessions)."""
        yield "BootNotification", {"chargePointVendor": "Bench", "chargePointModel": "Load"}
        if self.plan.mix == ["Session"]:
            while True:
                yield from self.session()
        yield "StartTransaction", self.start()
        for name in itertools.cycle(self.plan.mix):
            yield self.message(name)

    def session(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """A whole session: 13 messages."""
        yield "Authorize", {"idTag": "BENCH"}
        yield "StartTransaction", self.start()
        for _ in range(10):
            yield self.message("MeterValues")
        stop = {"transactionId": self.transaction, "meterStop": self.register, "timestamp": stamp(), "reason": "Local"}
        yield "StopTransaction", stop

    def start(self) -> dict[str, Any]:
        """The payload of a start."""
        self.register += 1
        return {"connectorId": 1, "idTag": "BENCH", "meterStart": self.register, "timestamp": stamp()}

    def message(self, name: str) -> tuple[str, dict[str, Any]]:
        """One message of the mix."""
        if name == "MeterValues":
            self.register += 3
            value = {"timestamp": stamp(), "sampledValue": samples(self.register)}
            return name, {"connectorId": 1, "transactionId": self.transaction, "meterValue": [value]}
        if name == "StatusNotification":
            return name, {"connectorId": 1, "errorCode": "NoError", "status": "Charging", "timestamp": stamp()}
        return name, {}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """asyncio: connected; ask for the upgrade."""
        self.transport = cast(asyncio.Transport, transport)
        self.transport.write(
            f"GET /ocpp/{self.identity} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            f"Sec-WebSocket-Protocol: ocpp1.6\r\nAuthorization: Basic {self.secret}\r\n\r\n".encode()
        )

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
                self.answered(payload)

    def answered(self, payload: bytes) -> None:
        """Count, and send the next message."""
        tally = self.tally
        if tally.counting:
            tally.answered += 1
            tally.latencies.append(time.perf_counter() - self.sent_at)
            if not payload.startswith(b"[3"):
                tally.refused += 1
        if b"transactionId" in payload:
            self.transaction = json.loads(payload)[2]["transactionId"]
            if not self.started.done():
                self.started.set_result(None)
                return
        self.next()

    def next(self) -> None:
        """Send the next message of the conversation."""
        action, payload = next(self.messages)
        text = json.dumps([2, str(next(self.ids)), action, payload], separators=(",", ":")).encode()
        self.sent_at = time.perf_counter()
        self.transport.write(frame(text))

    def connection_lost(self, error: Exception | None) -> None:
        """asyncio: gone."""
        if not self.open.done():
            self.open.set_exception(error or ConnectionError("closed"))


async def load(plan: Plan) -> dict[str, Any]:
    """Connect all, let each boot and start, then measure."""
    loop = asyncio.get_running_loop()
    tally = Tally()
    everybody: list[Station] = []
    began = time.perf_counter()
    for first in range(0, len(plan.stations), 50):
        some = [Station(plan, identity, password, tally) for identity, password in plan.stations[first : first + 50]]
        for station in some:
            await loop.create_connection(lambda station=station: station, "127.0.0.1", plan.port)  # type: ignore[misc]
        await asyncio.gather(*(station.open for station in some))
        everybody += some
    connected_s = time.perf_counter() - began
    for station in everybody:
        station.next()
    async with asyncio.timeout(LINE_UP_S):
        await asyncio.gather(*(station.started for station in everybody))
    for station in everybody:
        station.next()
    await asyncio.sleep(plan.warm_up_s)
    print("measuring", flush=True)
    tally.counting = True
    began = time.perf_counter()
    await asyncio.sleep(plan.seconds)
    seconds = time.perf_counter() - began
    tally.counting = False
    ordered = sorted(tally.latencies)
    return {
        "connected_s": connected_s,
        "answered": tally.answered,
        "per_second": tally.answered / seconds,
        "refused": tally.refused,
        "p50_ms": ordered[len(ordered) // 2] * 1000,
        "p99_ms": ordered[len(ordered) * 99 // 100] * 1000,
    }


def main() -> None:
    """Read the plan, run it, print the result."""
    given = json.loads(sys.stdin.read())
    given["stations"] = [tuple(station) for station in given["stations"]]
    print(json.dumps(uvloop.run(load(Plan(**given)))))


if __name__ == "__main__":
    main()
