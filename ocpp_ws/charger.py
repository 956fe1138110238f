"""One socket of one charger on the hub's thread: what it says goes to the writer, and the answer follows."""

from datetime import datetime
from functools import partial
from math import inf
from typing import TYPE_CHECKING, Any

from accounts.access import Actor
from kit import clock, crash, websocket
from kit.hub import Connection, Ended
from kit.ids import new_id
from ocpp_ws import dispatch, frames, message_log
from ocpp_ws.caller import Caller
from ocpp_ws.catching_up import CatchUp
from ocpp_ws.frames import Call, Reply
from stations.queries import SocketStation, quirks_in_mind
from stations.values import SILENCE_BEFORE_OUT_OF_SERVICE, Ending

if TYPE_CHECKING:
    from ocpp_ws.sockets import Gateway

BOOT_AWAITED_S = 60.0
MOST_IN_FLIGHT, FEW_IN_FLIGHT = 50, 10
MOST_PER_S = 500  # frames of one charger; whoever sends more is read more slowly
_ENDINGS = {
    Ended.LOST: Ending.LOST,
    Ended.PEER: Ending.HUNG_UP,
    Ended.OURS: Ending.RESTART,
    Ended.SILENT: Ending.SILENT,
    Ended.BROKEN: Ending.BROKEN,
    Ended.SLOW: Ending.SLOW,
}


class FrameJob:
    """A charger's call on its way through the writer."""

    __slots__ = ("at", "call", "charger")

    def __init__(self, charger: "Charger", call: Call, at: datetime) -> None:
        self.charger = charger
        self.call = call
        self.at = at

    def run(self) -> Reply:
        """On the writer's thread, inside of its transaction."""
        answer = dispatch.handle(self.charger.caller, self.call)
        crash.point(self.call.action, "before_commit")
        return answer


class Charger:
    """One socket of one charger (a `kit.hub.Peer`)."""

    __slots__ = (
        "_catch_up",
        "_ending",
        "_first",
        "_gateway",
        "_heard",
        "_paused",
        "_second",
        "_slowed",
        "_writer",
        "asked",
        "caller",
        "connection",
        "id",
        "in_flight",
        "joined_at",
        "login_renewed_at",
        "quiet_until",
    )

    def __init__(self, gateway: "Gateway", station: SocketStation, *, flapping: bool = False) -> None:
        self.id = new_id()  # of this connection, in the log
        self.caller = Caller(
            Actor.station(station.id),
            station.id,
            station.account_id,
            waiting=station.waiting,
            unstored=station.unstored,
            flapping=flapping,
        )
        self.connection: Connection | None = None
        self.in_flight = 0  # calls of the charger that are not answered yet
        self.login_renewed_at = station.login_renewed_at  # as it was when it proved itself
        self.joined_at = 0.0  # by the hub's clock, as the following
        self.quiet_until = 0.0  # some take no call soon after their boot
        self.asked = station.waiting  # what it did not tell by itself after it came
        self._gateway = gateway
        self._writer = gateway.writers.of(station.id)
        self._catch_up: CatchUp | None = None
        self._ending: Ending | None = None
        self._first = ""  # the action that it began with
        self._paused = self._slowed = False
        self._second, self._heard = 0.0, 0

    @property
    def ping_after_s(self) -> float:
        """Some chargers answer no ping, or fall over it."""
        return quirks_in_mind(self.caller.station_id).ping_every_s

    @property
    def silence_s(self) -> float:
        """Silence says something only of a charger that answers pings; of others, TCP tells when they are gone."""
        answers = self.connection is not None and self.connection.ponged
        return SILENCE_BEFORE_OUT_OF_SERVICE.total_seconds() if answers else inf

    @property
    def quiet(self) -> bool:
        """Whether it takes no call now."""
        return self.quiet_until > self._gateway.hub.time()

    @property
    def ending(self) -> Ending:
        """Why the socket is gone."""
        return self._ending or _ENDINGS[self.connection.ended if self.connection is not None else Ended.LOST]

    def opened(self, connection: Connection) -> None:
        """The hub has the socket."""
        self.connection = connection
        self._gateway.join(self)

    def received(self, message: bytes) -> None:
        """A frame: answered from memory, given to the writer, or to whoever waits for it."""
        self._count()
        frame, at = dispatch.read(message), clock.now()
        if type(frame) is Call:
            self._begin_with(frame.action)
            reply = dispatch.from_memory(self.caller, frame)
            if reply is not None:
                self._send(reply.frame)
                self._gateway.note(message_log.of_call(self.caller, frame, reply, at, clock.now()))
                return
            self.in_flight += 1
            room = self._put(FrameJob(self, frame, at))
            if self.in_flight >= MOST_IN_FLIGHT or not room:
                self._pause()
        elif isinstance(frame, frames.Unreadable):
            dispatch.unreadable(self.caller, frame, message)
            self._gateway.note(message_log.of_unreadable(self.caller, frame, message, at))
            if frame.reply is not None:
                self._send(frame.reply)
        elif isinstance(frame, frames.Answer | frames.Failure):
            self._gateway.answered(self, frame, at)

    def _put(self, job: FrameJob) -> bool:
        """Have it written, in its turn."""
        if not self.caller.unstored:
            return self._writer.put(job)
        if self._catch_up is None:
            self._catch_up = CatchUp(self._gateway, self.caller, self._caught_up)
        self._catch_up.behind.append(job)
        return True

    def _caught_up(self) -> None:
        """What is held of it is stored: what it said since may follow."""
        waited, self._catch_up = self._catch_up, None
        for job in waited.behind if waited is not None else ():
            self._writer.put(job)

    def closed(self) -> None:
        """The socket is gone."""
        self._gateway.leave(self)
        self.connection = None

    def settled(self, job: FrameJob, outcome: Any) -> None:
        """A call is on disk (or failed): answer it."""
        call = job.call
        if not isinstance(outcome, Exception):
            crash.point(call.action, "stored")
            self.caller.remember(call, outcome)
            self._answer(call, outcome)
        elif isinstance(outcome, dispatch.HeldFirst):
            self._put(job)
        elif call.action in dispatch.OF_SESSIONS:
            keep = partial(dispatch.keep, self.caller, call)
            self._gateway.do(keep, partial(self._failed, job, outcome), of=self.caller.station_id)
        else:
            self._failed(job, outcome)

    def _failed(self, job: FrameJob, error: Exception, kept: object = None) -> None:
        reply = dispatch.failed(self.caller, job.call, error, kept if isinstance(kept, Reply) else None)
        self.caller.owed |= isinstance(kept, Reply) and not self.caller.waiting
        self._gateway.note(message_log.of_call(self.caller, job.call, reply, job.at, clock.now()))
        self._answer(job.call, reply)

    def _answer(self, call: Call, reply: Reply) -> None:
        self.in_flight -= 1
        self._send(reply.frame)
        if call.action == dispatch.BOOT:
            self._keep_quiet(quirks_in_mind(self.caller.station_id).quiet_after_boot_s)
        self._resume()
        if not self.in_flight:
            self._gateway.idle(self)

    def drop(self, why: Ending) -> None:
        """Close the socket, from our side."""
        if self.connection is not None:
            self._ending = why
            self.connection.close(websocket.POLICY)

    def _send(self, answer: bytes) -> None:
        if self.connection is not None:
            self.connection.send(answer)

    def await_boot(self) -> None:
        """Some take no call before their boot was answered, either; and some do not say one when they come back."""
        quiet_s = quirks_in_mind(self.caller.station_id).quiet_after_boot_s
        if quiet_s and not self.caller.booted:
            goes_on = self._first not in ("", dispatch.BOOT)
            self._keep_quiet(min(quiet_s, BOOT_AWAITED_S) if goes_on else BOOT_AWAITED_S)

    def _begin_with(self, action: str) -> None:
        """A charger that starts says so first: when it begins with something else, no boot is waited for any more."""
        if not self._first:
            self._first = action
            if self.quiet:
                self.await_boot()

    def _keep_quiet(self, quiet_s: float) -> None:
        """Ask nothing for so long, then what has waited."""
        self.quiet_until = self._gateway.hub.time() + quiet_s
        if quiet_s:
            self._gateway.hub.call_later(quiet_s + 0.01, self._gateway.idle, self)

    def _count(self) -> None:
        """Read on in the next second when this one has brought a lot: nobody is sent away for a burst."""
        now = self.connection.seen_at if self.connection is not None else 0.0
        if now - self._second >= 1.0:
            self._second, self._heard = now, 0
        self._heard += 1
        if self._heard == MOST_PER_S:
            self._slowed = True
            self._pause()
            self._gateway.hub.call_later(max(0.0, self._second + 1.0 - now), self._speed_up)

    def _speed_up(self) -> None:
        self._slowed = False
        self._resume()

    def _resume(self) -> None:
        if self._paused and not self._slowed and self.in_flight <= FEW_IN_FLIGHT and self.connection is not None:
            self._paused = False
            self.connection.resume()

    def _pause(self) -> None:
        if not self._paused and self.connection is not None:
            self._paused = True
            self.connection.pause()
