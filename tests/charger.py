"""A charger for tests: the demo's virtual station on a thread of its own, driven step by step in plain code."""

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from demo.physics import Car, Current
from demo.plans import Habits, Memory, PlugPlan, StationPlan
from demo.plugs import Plug
from demo.station import VirtualStation

T = TypeVar("T")
PATIENCE_S = 15.0
# By hand: nobody plugs in or drives off by himself; quick to tell, quick to dial again.
BY_HAND = Habits(
    plug_in_after=None,
    unplug_after=None,
    sample_every=1,
    tick=0.1,
    first_pause=0.1,
    longest_pause=0.5,
    answer_within=10.0,
    restart_takes=0.3,
)
# A driver who plugs in at once, and a battery that fills sixty times as fast as the clock runs.
IN_A_HURRY = Habits(
    plug_in_after=(0.1, 0.2),
    unplug_after=(0.2, 0.3),
    sample_every=1,
    tick=0.1,
    pace=60.0,
    first_pause=0.1,
    longest_pause=0.5,
    answer_within=10.0,
    restart_takes=0.3,
)


def plan(
    identity: str, password: str, *, plugs: int = 1, current: Current = Current.AC, power_w: int = 11_000
) -> StationPlan:
    """A station with so many plugs of one kind."""
    return StationPlan(
        identity, password, tuple(PlugPlan(number, current, power_w, 1_000 * number) for number in range(1, plugs + 1))
    )


class Charger:
    """Drive a virtual station step by step. Every method may be called from the test's thread."""

    def __init__(self, address: str, plan: StationPlan, habits: Habits = BY_HAND, memory: Memory | None = None) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name=f"charger {plan.identity}", daemon=True)
        self._thread.start()
        self.station: VirtualStation = self._do(_made(address, plan, habits, memory))
        self._running = asyncio.run_coroutine_threadsafe(self.station.run(), self._loop)

    @property
    def frames(self) -> list[tuple[str, str]]:
        """The last frames, oldest first: ("in" or "out", text)."""
        return list(self.station.frames)

    @property
    def connected(self) -> bool:
        """Whether the socket is open."""
        return self.station.socket is not None

    def plug(self, number: int = 1) -> Plug:
        """The state of one plug."""
        return self.station.plugs[number]

    def connect(self) -> None:
        """Wait until the socket is open and the station has told its states."""
        self.station.dialling = True
        self.wait_for(lambda: self.connected and self.station.settled)

    def disconnect(self) -> None:
        """Drop the line without a good-bye and stay away until `connect`."""
        self.station.dialling = False
        self._call(self._drop)
        self.wait_for(lambda: not self.connected)

    def present(self, id_tag: str, number: int = 1) -> None:
        """Hold a tag to the reader."""
        self._call(self.station.present, number, id_tag)

    def plug_in(self, number: int = 1, *, car: Car | None = None) -> None:
        """Plug a car in."""
        self._call(lambda: self.station.plug_in(number, car=car))

    def send_values(self, number: int = 1) -> None:
        """Tell the meter now."""
        self._call(self.station.send_values, number)

    def stop(self, number: int = 1, reason: str = "Local") -> None:
        """End the transaction at the station."""
        self._call(self.station.stop, number, reason)

    def unplug(self, number: int = 1) -> None:
        """Take the cable out."""
        self._call(self.station.unplug, number)

    def refuse_next_start(self) -> None:
        """Answer the next RemoteStartTransaction with Rejected."""
        self.station.refuse_next_start = True

    def raw(self, text: str) -> str:
        """Send any text as a frame; the next frame that comes is returned."""
        seen = len([frame for frame in self.frames if frame[0] == "in"])
        socket = self.station.socket
        assert socket is not None, "not connected"
        self._do(socket.send(text))
        self.wait_for(lambda: len([frame for frame in self.frames if frame[0] == "in"]) > seen)
        return [frame[1] for frame in self.frames if frame[0] == "in"][-1]

    def wait_for(self, holds: Callable[[], T], *, seconds: float = PATIENCE_S) -> T:
        """Wait until something is true; its value. Fails with the last frames when it never is."""
        deadline = time.monotonic() + seconds
        while not (value := holds()):
            assert time.monotonic() < deadline, f"did not happen within {seconds} s; last frames: {self.frames[-6:]}"
            assert not self._running.done(), self._running.exception()
            time.sleep(0.02)
        return value

    def wait_for_transaction(self, number: int = 1) -> int:
        """Wait until a transaction runs and the platform gave it a number; that number."""
        return self.wait_for(lambda: (running := self.plug(number).transaction) and running.id)  # type: ignore[return-value]

    def wait_for_status(self, status: str, number: int = 1) -> None:
        """Wait until the plug has this OCPP status."""
        self.wait_for(lambda: self.plug(number).status == status)

    def wait_until_told(self) -> None:
        """Wait until everything that has to reach the platform was answered."""
        self.wait_for(lambda: self.connected and self.station.all_told)

    def close(self) -> None:
        """Hang up for good and end the thread."""
        self.station.dialling = False
        self._do(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    async def _end(self) -> None:
        if self.station.socket is not None:
            await self.station.socket.close()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def _drop(self) -> None:
        socket = self.station.socket
        if socket is not None:
            socket.transport.abort()

    def _call(self, deed: Callable[..., object], *arguments: Any) -> None:
        async def done() -> None:
            deed(*arguments)

        self._do(done())

    def _do(self, deed: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(deed, self._loop).result(PATIENCE_S)


async def _made(address: str, plan: StationPlan, habits: Habits, memory: Memory | None) -> VirtualStation:
    return VirtualStation(address, plan, habits=habits, memory=memory)


@contextmanager
def charger(
    address: str, plan: StationPlan, *, habits: Habits = BY_HAND, memory: Memory | None = None
) -> Iterator[Charger]:
    """A connected charger, gone at the end of the block. `address` is ws://host:port."""
    driven = Charger(address, plan, habits, memory)
    try:
        driven.connect()
        yield driven
    finally:
        driven.close()
