"""Commands to one charger: one at a time, never inside a call of its own, each with an end.

Everything here runs on the hub's thread; doors are walked through by the writer (`Gateway.do`).
"""

from collections import OrderedDict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

import structlog

from accounts.access import SYSTEM
from kit import clock, crash
from kit.spelling import plain
from ocpp_ws import frames, message_log, schemas
from ocpp_ws.caller import Caller
from ocpp_ws.frames import Answer, Failure
from stations.messages import LONGEST_WORD, Fate
from stations.queries import PendingCommand
from stations.use_cases import (
    finish_command,
    log_answer,
    log_call,
    lose_command,
    mark_command_sent,
    withhold_command,
)
from stations.values import Action, CommandId, CommandState, Ending, GatewayId

if TYPE_CHECKING:
    from ocpp_ws.charger import Charger
    from ocpp_ws.sockets import Gateway

log = structlog.get_logger()

PATIENCE_S = 30.0
LONGEST_HELD = timedelta(seconds=30)
MOST_UNANSWERED = 3  # then the socket counts as half-dead
LATE_ANSWERS = 8
_YES = frozenset({"accepted", "acceptedcanceled", "unlocked", "scheduled", "rebootrequired"})
# Their answers have no status: that there is one is a yes.
_TELLING = frozenset(
    {Action.GET_CONFIGURATION, Action.GET_LOCAL_LIST_VERSION, Action.GET_DIAGNOSTICS, Action.UPDATE_FIRMWARE}
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A command that went out: its number in the message log, and when."""

    command: PendingCommand
    log_id: int
    at: datetime


class Outbound:
    """The queue of commands of one station, whichever socket it has just now."""

    __slots__ = (
        "_asked",
        "_charger",
        "_gateway",
        "_held",
        "_known",
        "_late",
        "_queue",
        "_station_id",
        "_timer",
        "_unanswered",
        "_waiting_for",
    )

    def __init__(self, gateway: "Gateway", station_id: UUID) -> None:
        self._gateway = gateway
        self._station_id = station_id
        self._charger: Charger | None = None
        self._queue: deque[PendingCommand] = deque()
        self._known: set[object] = set()
        self._waiting_for: PendingCommand | None = None
        self._held: Asked | None = None  # marked as sent, and not sent yet
        self._asked: Asked | None = None
        self._late: OrderedDict[str, Asked] = OrderedDict()
        self._timer: Any = None
        self._unanswered = 0

    def attach(self, charger: "Charger") -> None:
        """The station has a new socket; what was asked on the old one gets no answer any more."""
        self.detach()
        self._charger = charger
        self._unanswered = 0

    def detach(self) -> None:
        """The socket is gone."""
        self._charger = None
        self._queue.clear()
        self._known.clear()
        asked, held = self._asked, self._held
        command = self._done()
        if command is None:
            return
        if held is not None:
            self._log(held, error=Fate.NOT_SENT.value)
        if asked is not None:
            self._expect_late(asked)
            self._log(asked, error=Fate.CONNECTION_LOST.value)
        self._do(partial(lose_command, SYSTEM, CommandId(command.id), sent=asked is not None))

    def offer(self, commands: Iterable[PendingCommand]) -> None:
        """Send these when it is their turn; known ones are passed over."""
        for command in commands:
            if command.id not in self._known:
                self._known.add(command.id)
                self._queue.append(command)
        self.next()

    def knows(self, command_id: UUID) -> bool:
        """Whether it is in the queue, or on its way."""
        return command_id in self._known

    def next(self) -> None:
        """Send the next command, if the charger is not busy with a call of its own or of ours."""
        charger, held = self._charger, self._held
        if charger is None or charger.in_flight:
            return
        if held is not None:
            self._go(charger, held)
        if self._waiting_for is None and not charger.quiet:
            self._mark_next(charger)

    def _mark_next(self, charger: "Charger") -> None:
        now = clock.now()
        while self._queue:
            command = self._queue.popleft()
            if command.expires_at > now and self._proper(command):
                self._waiting_for = command
                mark = partial(_marked, charger.caller, command, self._gateway.lease.id)
                self._do(mark, partial(self._send, charger, command))
                return
            self._known.discard(command.id)

    def answered(self, frame: Answer | Failure) -> bool:
        """The charger answered, in time or late. False: we asked nothing of this id."""
        self._unanswered = 0
        asked = self._asked
        if asked is not None and asked.command.id.hex == frame.id:
            crash.point(asked.command.action.value, "answered")
            self._done()
            self._settle(asked, frame)
            self.next()
            return True
        late = self._late.pop(frame.id, None)
        if late is not None:
            self._settle(late, frame)
        return late is not None

    def _send(self, charger: "Charger", command: PendingCommand, marked: object) -> None:
        """On disk as sent, so now it goes out; unless somebody else has it, or the socket is gone meanwhile."""
        asked = marked if isinstance(marked, Asked) else None
        if asked is None or self._waiting_for is not command or self._charger is not charger:
            self._not_sent(command, asked)
        else:
            self._go(charger, asked)

    def _go(self, charger: "Charger", asked: Asked) -> None:
        """Out with it; behind the answer that the charger waits for by now, or later when it wants quiet by now."""
        command, connection, now = asked.command, charger.connection, clock.now()
        self._held = None
        if charger.in_flight:
            self._held = asked
            return
        if connection is None or charger.quiet or command.expires_at <= now or now - asked.at > LONGEST_HELD:
            self._put_back(asked)
            return
        self._asked = asked
        crash.point(command.action.value, "marked")
        connection.send(frames.call(command.id.hex, command.action.value, command.payload))
        if crash.FILE is not None:  # the bytes leave after this turn of the loop
            self._gateway.hub.call_later(0.05, crash.point, command.action.value, "sent")
        self._timer = self._gateway.hub.call_later(PATIENCE_S, self._give_up, asked)

    def _put_back(self, asked: Asked) -> None:
        """It was not sent after all, and is the next one again."""
        command = asked.command
        self._done()
        self._log(asked, error=Fate.NOT_SENT.value)
        self._do(partial(lose_command, SYSTEM, CommandId(command.id), sent=False))
        self._known.add(command.id)
        self._queue.appendleft(command)
        self.next()

    def _not_sent(self, command: PendingCommand, asked: Asked | None) -> None:
        here = self._waiting_for is command
        if asked is not None:
            self._log(asked, error=Fate.NOT_SENT.value)
            if here:
                self._do(partial(lose_command, SYSTEM, CommandId(command.id), sent=False))
        if here:
            self._done()
            self.next()

    def _proper(self, command: PendingCommand) -> bool:
        """Whether the message is what the standard wants: no charger gets anything else, unless somebody wished so."""
        found = None if command.unchecked else schemas.violation(command.action.value, command.payload)
        if found is not None:
            where, what = found
            error = f"{where or 'payload'}: {what}"
            self._do(partial(withhold_command, SYSTEM, CommandId(command.id), error))
        return found is None

    def _give_up(self, asked: Asked) -> None:
        if self._asked is not asked:
            return
        self._done()
        self._expect_late(asked)
        self._finish(asked.command.id, CommandState.TIMED_OUT)
        self._log(asked, error=Fate.TIMED_OUT.value)
        self._unanswered += 1
        if self._unanswered >= MOST_UNANSWERED and self._charger is not None:
            log.warning("charger.answers_nothing", station_id=str(self._charger.caller.station_id))
            self._charger.drop(Ending.UNANSWERED)
            return
        self.next()

    def _expect_late(self, asked: Asked) -> None:
        self._late[asked.command.id.hex] = asked
        if len(self._late) > LATE_ANSWERS:
            self._late.popitem(last=False)

    def _done(self) -> PendingCommand | None:
        command, self._waiting_for, self._held, self._asked = self._waiting_for, None, None, None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if command is not None:
            self._known.discard(command.id)
        return command

    def _settle(self, asked: Asked, frame: Answer | Failure) -> None:
        command, error = asked.command, ""
        if isinstance(frame, Failure):
            error = frame.code[:LONGEST_WORD]
            said = ": ".join(part for part in (frame.code, frame.text) if part)
            self._finish(command.id, CommandState.FAILED, error=said[:500])
        else:
            self._finish(command.id, state_of(command.action, frame.payload), answer=frame.payload)
        latency_ms = message_log.elapsed_ms(asked.at, clock.now())
        self._log(asked, answer=message_log.answer_text(frame), error=error, latency_ms=latency_ms)

    def _do(self, deed: Callable[[], object], then: Callable[[Any], None] | None = None) -> None:
        self._gateway.do(deed, then, of=self._station_id)

    def _finish(self, command_id: UUID, state: CommandState, **facts: Any) -> None:
        self._do(partial(finish_command, SYSTEM, CommandId(command_id), state, **facts))

    def _log(self, asked: Asked, *, error: str, answer: str | None = None, latency_ms: int | None = None) -> None:
        self._do(partial(log_answer, SYSTEM, asked.log_id, answer=answer, error=error, latency_ms=latency_ms))


def _marked(caller: Caller, command: PendingCommand, gateway_id: GatewayId) -> Asked | None:
    """On the writer's thread: the command counts as sent, and stands in the log. None: it is not ours to send."""
    if not mark_command_sent(SYSTEM, CommandId(command.id), gateway_id):
        return None
    at = clock.now()
    return Asked(command, log_call(SYSTEM, message_log.of_command(caller, command, at)), at)


def state_of(action: Action, payload: dict[str, Any]) -> CommandState:
    """What an answer means. What only tells something has no status: an answer is a yes."""
    status = payload.get("status")
    if status is None and action in _TELLING:
        return CommandState.ACCEPTED
    if not isinstance(status, str):
        return CommandState.FAILED
    return CommandState.ACCEPTED if plain(status) in _YES else CommandState.REFUSED
