"""A virtual station: real OCPP over a real socket, an imaginary car behind it.

What has to reach the platform (start, values, stop) waits in a queue until it is answered, across lost connections.
"""

import asyncio
import random
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

import structlog
from ocpp.exceptions import OCPPError
from ocpp.v16 import call
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import WebSocketException

from demo.commands import Commands
from demo.line import Line, dial, first_to_end
from demo.plans import Habits, Memory, StationPlan
from demo.plugs import Plug, Transaction, instant, some_car
from kit import clock

log = structlog.get_logger()
TRIES = 5


@dataclass
class Letter:
    """Something to tell. `kept`: it survives a lost connection. `write` is called when it is sent, not before."""

    write: Callable[[], Any]
    kept: bool = False
    answered: Callable[[Any], None] = lambda _: None
    tries: int = 0


class VirtualStation(Commands):
    """Runs until `close`: dials, boots, tells, answers, dials again."""

    def __init__(
        self, address: str, plan: StationPlan, *, habits: Habits | None = None, memory: Memory | None = None
    ) -> None:
        super().__init__(plan, habits or Habits(), memory or Memory())
        self.address = address
        self.password = self.memory.password or plan.password
        self.socket: ClientConnection | None = None
        self.frames: list[tuple[str, str]] = []
        self.dialling = True
        self.settled = False
        self._letters: deque[Letter] = deque()
        self._news = asyncio.Event()
        self._booted = False
        self._pause = self.habits.first_pause
        self._heartbeat_s = 300.0
        self._take_up_again()

    # -- the connection

    async def run(self) -> None:
        """Be a charger for as long as nobody cancels it."""
        await first_to_end(self._live(), self._stay_connected())

    async def _stay_connected(self) -> None:
        while True:
            if self.dialling:
                try:
                    await self._connect()
                except (OSError, WebSocketException, TimeoutError):
                    pass  # the platform is away, or closed the socket: dial again
                except Exception:
                    log.exception("station.failed", identity=self.plan.identity)
            await asyncio.sleep(self._pause * random.uniform(0.5, 1.0))
            self._pause = min(self._pause * 2, self.habits.longest_pause)

    async def _connect(self) -> None:
        socket = await dial(self.address, self.plan.identity, self.password)
        self.socket = socket
        line = Line(self, socket)
        try:
            await first_to_end(line.start(), self._tell(line), self._beat(line))
        finally:
            self.socket, self.settled = None, False
            self._letters = deque(letter for letter in self._letters if letter.kept)
            await socket.close()

    async def _tell(self, line: Line) -> None:
        while not self._booted:
            await self._boot(line)
        self._pause = self.habits.first_pause
        for plug in (None, *self.plugs.values()):
            await line.call(self._status(plug))
        self.settled = True
        while True:
            while self._letters:
                await self._deliver(line, self._letters[0])
            self._news.clear()
            await self._news.wait()

    async def _boot(self, line: Line) -> None:
        plan = self.plan
        answer = await line.call(
            call.BootNotification(
                charge_point_model=plan.model,
                charge_point_vendor=plan.vendor,
                firmware_version=self.firmware,
                charge_point_serial_number=plan.serial or None,
            ),
            suppress=False,
        )
        self._heartbeat_s = float(answer.interval or 300)
        self._booted = answer.status == "Accepted"
        if not self._booted:
            await asyncio.sleep(min(self._heartbeat_s, 30.0))

    async def _deliver(self, line: Line, letter: Letter) -> None:
        letter.tries += 1
        try:
            answer = await line.call(letter.write(), suppress=False)
        except OCPPError as error:
            log.warning("station.refused", identity=self.plan.identity, error=repr(error), tries=letter.tries)
            if letter.kept and letter.tries < TRIES:
                await asyncio.sleep(letter.tries)
                return
            answer = None
        if self._letters and self._letters[0] is letter:
            self._letters.popleft()
        if answer is not None:
            letter.answered(answer)

    async def _beat(self, line: Line) -> None:
        while True:
            await asyncio.sleep(self._heartbeat_s)
            await line.call(call.Heartbeat())

    def post(
        self, write: Callable[[], Any], *, kept: bool = False, answered: Callable[[Any], None] = lambda _: None
    ) -> None:
        """Tell the platform, now or once it can be reached; what is not `kept` is only told now."""
        if kept or self.socket is not None:
            self._letters.append(Letter(write, kept, answered))
            self._news.set()

    @property
    def all_told(self) -> bool:
        """Whether nothing waits to be answered by the platform."""
        return not self._letters

    def hang_up(self, pause: float | None = None) -> None:
        """Close the socket; the station dials again after `pause` seconds."""
        self._pause = self.habits.first_pause if pause is None else pause
        if self.socket is not None:
            self.soon(self.socket.close())

    @property
    def firmware(self) -> str:
        """The version that runs."""
        return self.memory.firmware or self.plan.firmware

    def new_firmware(self, version: str) -> None:
        """Another version runs from the next start on."""
        self.memory.firmware = version
        self.remember()

    def restart(self, kind: str) -> None:
        """Stop what runs, tell it, then go away and boot anew."""
        for plug in self.plugs.values():
            self.stop(plug.number, f"{kind}Reset")
        self.soon(self._go_away())

    async def _go_away(self) -> None:
        for _ in range(40):
            if not self._letters:
                break
            await asyncio.sleep(0.1)
        self._booted = False
        self.hang_up(self.habits.restart_takes)

    def soon(self, deed: Any) -> None:
        """Do this beside everything else."""
        task = asyncio.ensure_future(deed)
        self._deeds.add(task)
        task.add_done_callback(self._deeds.discard)

    # -- the imaginary street

    async def _live(self) -> None:
        loop = asyncio.get_running_loop()
        last = loop.time()
        written = last
        while True:
            await asyncio.sleep(self.habits.tick)
            now = loop.time()
            for plug in self.plugs.values():
                plug.flow(now, now - last, self.habits.pace)
                self._look_after(plug, now)
            if now - written > 15:
                self.remember()
                written = now
            last = now

    def _look_after(self, plug: Plug, now: float) -> None:
        if plug.accepted_tag and plug.transaction is None and now > plug.tag_until:
            plug.accepted_tag = None
            self.set_status(plug, "Preparing" if plug.car else "Available")
        if plug.transaction is None or plug.car is None:
            return
        if now >= plug.next_sample:
            plug.next_sample = now + float(self.configured["MeterValueSampleInterval"])
            self.send_values(plug.number)
        if plug.car.full and plug.full_since is None:
            plug.full_since = now
            self.set_status(plug, "SuspendedEV")
        if plug.full_since is not None and now - plug.full_since > self.habits.stay_when_full:
            self.unplug(plug.number)

    def plug_in(self, number: int = 1, *, car: Any = None) -> None:
        """A driver plugs his car in; charging begins when a tag was accepted before."""
        plug = self.plugs[number]
        if plug.car is not None or not plug.in_service:
            return
        plug.car = car or some_car(plug.plan.current, plug.noise)
        self.set_status(plug, "Preparing")
        if plug.accepted_tag:
            self._start(plug, plug.accepted_tag)

    def present(self, number: int, id_tag: str) -> None:
        """A driver holds a tag to the reader: asked when on-line, believed when off-line."""
        plug = self.plugs[number]
        if self.socket is None:
            self._take_tag(plug, id_tag)
            return

        def answered(answer: Any) -> None:
            if answer.id_tag_info["status"] == "Accepted":
                self._take_tag(plug, id_tag)

        self.post(lambda: call.Authorize(id_tag=id_tag), answered=answered)

    def _take_tag(self, plug: Plug, id_tag: str) -> None:
        plug.accepted_tag = id_tag
        plug.tag_until = asyncio.get_running_loop().time() + self.habits.plug_in_window
        if plug.car is not None and plug.transaction is None:
            self._start(plug, id_tag)
        elif self.habits.plug_in_after is not None:
            self.soon(self._arrive(plug))

    async def _arrive(self, plug: Plug) -> None:
        assert self.habits.plug_in_after is not None
        await asyncio.sleep(random.uniform(*self.habits.plug_in_after))
        if plug.accepted_tag and plug.car is None:
            self.plug_in(plug.number)

    def _start(self, plug: Plug, id_tag: str) -> None:
        now = asyncio.get_running_loop().time()
        transaction = Transaction(plug.number, id_tag, instant(clock.now()), int(plug.register_wh))
        plug.transaction, plug.full_since, plug.started = transaction, None, now
        plug.next_sample = now + float(self.configured["MeterValueSampleInterval"])
        self.transactions.append(transaction)
        self._post_start(transaction)
        self.set_status(plug, "Charging")
        self.remember()

    def stop(self, number: int, reason: str) -> None:
        """End the transaction of a plug; nothing happens where none runs."""
        plug = self.plugs[number]
        transaction = plug.transaction
        if transaction is None:
            return
        transaction.stopped_at = instant(clock.now())
        transaction.meter_stop, transaction.reason = int(plug.register_wh), reason
        plug.transaction, plug.accepted_tag, plug.power_w = None, None, 0.0
        self._post_stop(transaction)
        self.set_status(plug, "Finishing")
        self.remember()
        if self.habits.unplug_after is not None and plug.car is not None:
            self.soon(self._drive_off(plug))

    async def _drive_off(self, plug: Plug) -> None:
        assert self.habits.unplug_after is not None
        await asyncio.sleep(random.uniform(*self.habits.unplug_after))
        if plug.transaction is None:
            self.unplug(plug.number)

    def unplug(self, number: int = 1) -> None:
        """The driver takes the cable out, which ends a running transaction."""
        plug = self.plugs[number]
        self.stop(number, "EVDisconnected")
        plug.car = None
        self.apply_availability()
        self.set_status(plug, "Available" if plug.in_service else "Unavailable")

    # -- what is told

    def set_status(self, plug: Plug, status: str) -> None:
        """A new status, told when it differs from the last one."""
        if plug.status != status:
            plug.status = status
            told = self._status(plug)
            self.post(lambda: told)

    def _status(self, plug: Plug | None) -> Any:
        return call.StatusNotification(
            connector_id=plug.number if plug else 0,
            error_code="NoError",
            status=plug.status if plug else "Available",
            timestamp=instant(clock.now()),
        )

    def send_values(self, number: int = 1) -> None:
        """Tell what the meter shows now."""
        plug = self.plugs[number]
        transaction = plug.transaction
        values = plug.meter_value(clock.now())
        self.post(
            lambda: call.MeterValues(
                connector_id=number, meter_value=values, transaction_id=transaction.id if transaction else None
            ),
            kept=transaction is not None,
        )

    def _post_start(self, transaction: Transaction) -> None:
        def answered(answer: Any) -> None:
            transaction.id = answer.transaction_id
            self.remember()
            if answer.id_tag_info["status"] != "Accepted" and transaction.running:
                self.stop(transaction.plug, "DeAuthorized")

        self.post(
            lambda: call.StartTransaction(
                connector_id=transaction.plug,
                id_tag=transaction.id_tag,
                meter_start=transaction.meter_start,
                timestamp=transaction.started_at,
            ),
            kept=True,
            answered=answered,
        )

    def _post_stop(self, transaction: Transaction) -> None:
        def answered(_: Any) -> None:
            self.transactions.remove(transaction)
            self.remember()

        self.post(
            lambda: call.StopTransaction(
                transaction_id=transaction.id or 0,
                id_tag=transaction.id_tag,
                meter_stop=transaction.meter_stop,
                timestamp=transaction.stopped_at,
                reason=transaction.reason,
            ),
            kept=True,
            answered=answered,
        )

    # -- a power cut

    def _take_up_again(self) -> None:
        for kept in self.memory.transactions:
            transaction = Transaction(**kept)
            if transaction.running:
                transaction.stopped_at, transaction.reason = instant(clock.now() - timedelta(seconds=1)), "PowerLoss"
                transaction.meter_stop = int(self.plugs[transaction.plug].register_wh)
            self.transactions.append(transaction)
            if transaction.id is None:
                self._post_start(transaction)
            self._post_stop(transaction)

    def remember(self) -> None:
        """Write down what has to survive a power cut."""
        self.memory.registers = {str(plug.number): round(plug.register_wh, 1) for plug in self.plugs.values()}
        self.memory.transactions = [asdict(transaction) for transaction in self.transactions]
        self.memory.password = None if self.password == self.plan.password else self.password
        self.memory.write()
