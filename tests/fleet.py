"""Many chargers that lose nothing: each keeps a message until it is answered, and a notebook of what was.

They charge one session after another over real sockets, dial again when the line drops, and repeat what was not
answered, as chargers do. In the end, what they had acknowledged has to be what the database holds.
"""

import asyncio
import base64
import itertools
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

TAG = "FLEET"
ANSWER_WITHIN_S = 45.0  # longer than a database may be away
LONGEST_REDIAL_S = 2.0
STEP_WH = 5


@dataclass
class Notebook:
    """What the platform acknowledged, by its business keys, and what it refused."""

    starts: dict[tuple[str, int], int] = field(default_factory=dict)  # (identity, register) -> transaction
    readings: set[tuple[int, int]] = field(default_factory=set)  # (transaction, register)
    stops: dict[int, int] = field(default_factory=dict)  # transaction -> register
    refused: Counter[str] = field(default_factory=Counter)
    dials: int = 0
    goodbyes: list[tuple[int, float]] = field(default_factory=list)  # code of each close of the platform, and when
    latencies: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class Pace:
    """How a charger behaves: readings per session, and seconds between any two of its messages."""

    readings: int = 5
    pause_s: float = 0.2


class _Member:
    """One charger."""

    def __init__(self, fleet: "Fleet", identity: str, password: str) -> None:
        self.fleet, self.identity = fleet, identity
        secret = base64.b64encode(f"{identity}:{password}".encode()).decode()
        self._headers = {"Authorization": f"Basic {secret}"}
        self._ids = itertools.count(1)
        self._register = 1_000
        self._socket: ClientConnection | None = None

    async def live(self) -> None:
        """Charge until the fleet is told to finish; the running session is brought to its end."""
        await asyncio.sleep(random.random() * self.fleet.pace.pause_s)
        while not self.fleet.finishing:
            await self._session()
        if self._socket is not None:
            await self._socket.close()

    async def _session(self) -> None:
        notes = self.fleet.notebook
        await self._tell("Authorize", {"idTag": TAG})
        self._register += 1
        start_wh = self._register
        facts = {"connectorId": 1, "idTag": TAG, "meterStart": start_wh, "timestamp": _now()}
        transaction = int((await self._tell("StartTransaction", facts))["transactionId"])
        notes.starts[self.identity, start_wh] = transaction
        for _ in range(self.fleet.pace.readings):
            self._register += STEP_WH
            sample = {"value": str(self._register), "measurand": "Energy.Active.Import.Register", "unit": "Wh"}
            value = {"timestamp": _now(), "sampledValue": [sample]}
            await self._tell("MeterValues", {"connectorId": 1, "transactionId": transaction, "meterValue": [value]})
            notes.readings.add((transaction, self._register))
        stop = {"transactionId": transaction, "meterStop": self._register, "timestamp": _now(), "reason": "Local"}
        await self._tell("StopTransaction", stop)
        notes.stops[transaction] = self._register

    async def _tell(self, action: str, payload: dict[str, Any]) -> dict[str, Any]:
        """Say it again and again, on new lines if need be, until it is taken."""
        await asyncio.sleep(self.fleet.pace.pause_s)
        while True:
            answer = await self._once(action, payload)
            if answer is not None:
                return answer
            await asyncio.sleep(0.2 + random.random() * LONGEST_REDIAL_S)

    async def _once(self, action: str, payload: dict[str, Any]) -> dict[str, Any] | None:
        try:
            if self._socket is None:
                await self._dial()
            return await self._ask(action, payload)
        except (OSError, TimeoutError, WebSocketException) as error:
            if isinstance(error, ConnectionClosed) and error.rcvd is not None:
                self.fleet.notebook.goodbyes.append((error.rcvd.code, time.monotonic()))
            if self._socket is not None:
                self._socket.transport.abort()
            self._socket = None
            return None

    async def _dial(self) -> None:
        self.fleet.notebook.dials += 1
        self._socket = await connect(
            f"{self.fleet.address}/ocpp/{self.identity}",
            subprotocols=["ocpp1.6"],  # type: ignore[list-item]  # theirs is a NewType of str
            additional_headers=self._headers,
            compression=None,
            ping_interval=None,
            open_timeout=ANSWER_WITHIN_S,
            close_timeout=1,
        )
        await self._ask("BootNotification", {"chargePointVendor": "Fleet", "chargePointModel": "Persistent"})

    async def _ask(self, action: str, payload: dict[str, Any]) -> dict[str, Any] | None:
        socket, message_id = self._socket, str(next(self._ids))
        assert socket is not None, "dialled before"
        began = time.perf_counter()
        await socket.send(json.dumps([2, message_id, action, payload]))
        async with asyncio.timeout(ANSWER_WITHIN_S):
            while True:
                kind, answered, *rest = json.loads(await socket.recv())
                if kind == 2:  # nothing is asked of it that it could do
                    await socket.send(json.dumps([4, answered, "NotSupported", "", {}]))
                elif answered == message_id:
                    break
        self.fleet.notebook.latencies.append(time.perf_counter() - began)
        if kind == 3:
            found: dict[str, Any] = rest[0]
            return found
        self.fleet.notebook.refused[f"{action} {rest[0]}"] += 1
        return None


class Fleet:
    """All of them, on a thread of their own. `stations`: identity and password of each."""

    def __init__(self, address: str, stations: Sequence[tuple[str, str]], pace: Pace) -> None:
        self.address, self.pace = address, pace
        self.notebook = Notebook()
        self.finishing = False
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, args=(stations,), name="fleet", daemon=True)
        self._thread.start()

    def wait_for(self, holds: Callable[[Notebook], bool], *, seconds: float) -> None:
        """Wait until the notebook says so."""
        deadline = time.monotonic() + seconds
        while not holds(self.notebook):
            assert self._failure is None, self._failure
            assert time.monotonic() < deadline, f"did not happen: {self.summary()}"
            time.sleep(0.02)

    def wait_for_more(self, acknowledged: int, *, seconds: float = 60.0) -> None:
        """Wait until so many more readings were acknowledged from now on."""
        wanted = len(self.notebook.readings) + acknowledged
        self.wait_for(lambda notes: len(notes.readings) >= wanted, seconds=seconds)

    def finish(self, *, seconds: float = 120.0) -> Notebook:
        """Let every charger end its session, and hang up; the notebook."""
        self.finishing = True
        self._thread.join(seconds)
        assert self._failure is None, self._failure
        assert not self._thread.is_alive(), f"chargers are still trying: {self.summary()}"
        return self.notebook

    def summary(self) -> str:
        """Where it stands, in a line."""
        notes = self.notebook
        counts = f"{len(notes.starts)} starts, {len(notes.readings)} readings, {len(notes.stops)} stops acknowledged"
        return f"{counts}; {notes.dials} dials; refused: {dict(notes.refused)}"

    def _run(self, stations: Sequence[tuple[str, str]]) -> None:
        async def all_of_them() -> None:
            await asyncio.gather(*(_Member(self, *station).live() for station in stations))

        try:
            asyncio.run(all_of_them())
        except BaseException as failure:
            self._failure = failure


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
