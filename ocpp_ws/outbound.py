"""Commands to one charger: one at a time, never inside a call of its own, each with an end.

Everything here runs on the hub's thread; doors are walked through by the writer (`Gateway.do`).
"""

from collections import OrderedDict, deque
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

import structlog

from accounts.access import SYSTEM
from kit import clock, crash
from ocpp_ws import frames, schemas
from ocpp_ws.frames import Answer, Failure
from stations.queries import PendingCommand
from stations.use_cases import finish_command, lose_command, mark_command_sent, withhold_command
from stations.values import Action, CommandId, CommandState

if TYPE_CHECKING:
    from ocpp_ws.sockets import Charger, Gateway

log = structlog.get_logger()

PATIENCE_S = 30.0
MOST_UNANSWERED = 3  # then the socket counts as half-dead
LATE_ANSWERS = 8
_YES = frozenset({"accepted", "acceptedcanceled", "unlocked", "scheduled", "rebootrequired"})
# Their answers have no status: that there is one is a yes.
_TELLING = frozenset(
    {Action.GET_CONFIGURATION, Action.GET_LOCAL_LIST_VERSION, Action.GET_DIAGNOSTICS, Action.UPDATE_FIRMWARE}
)


class Outbound:
    """The queue of commands of one station, whichever socket it has just now."""

    __slots__ = ("_charger", "_gateway", "_known", "_late", "_queue", "_timer", "_unanswered", "_waiting_for")

    def __init__(self, gateway: "Gateway") -> None:
        self._gateway = gateway
        self._charger: Charger | None = None
        self._queue: deque[PendingCommand] = deque()
        self._known: set[object] = set()
        self._waiting_for: PendingCommand | None = None
        self._late: OrderedDict[str, PendingCommand] = OrderedDict()
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
        sent = self._timer is not None
        command = self._done()
        if command is None:
            return
        if sent:
            self._expect_late(command)
        self._gateway.do(partial(lose_command, SYSTEM, CommandId(command.id), sent=sent))

    def offer(self, commands: Iterable[PendingCommand]) -> None:
        """Send these when it is their turn; known ones are passed over."""
        for command in commands:
            if command.id not in self._known:
                self._known.add(command.id)
                self._queue.append(command)
        self.next()

    def next(self) -> None:
        """Send the next command, if the charger is not busy with a call of its own or of ours."""
        charger = self._charger
        if charger is None or self._waiting_for is not None or charger.in_flight:
            return
        if charger.quiet_until > self._gateway.hub.time():
            return
        now = clock.now()
        while self._queue:
            command = self._queue.popleft()
            if command.expires_at > now and self._proper(command):
                self._waiting_for = command
                mark = partial(mark_command_sent, SYSTEM, CommandId(command.id))
                self._gateway.do(mark, partial(self._send, charger, command))
                return
            self._known.discard(command.id)

    def answered(self, frame: Answer | Failure) -> None:
        """The charger answered, in time or late."""
        self._unanswered = 0
        command = self._waiting_for
        if command is not None and command.id.hex == frame.id:
            crash.point(command.action.value, "answered")
            self._done()
            self._settle(command.id, command.action, frame)
            self.next()
        elif frame.id in self._late:
            late = self._late.pop(frame.id)
            self._settle(late.id, late.action, frame)
        else:
            log.info("command.unknown_answer", message_id=frame.id[:64])

    def _send(self, charger: "Charger", command: PendingCommand, marked: object) -> None:
        """On disk as sent, so now it goes out; unless somebody else has it, or the socket is gone meanwhile."""
        if self._waiting_for is not command:
            return
        if marked is not True or self._charger is not charger or charger.connection is None:
            if marked is True:
                self._gateway.do(partial(lose_command, SYSTEM, CommandId(command.id), sent=False))
            self._done()
            self.next()
            return
        crash.point(command.action.value, "marked")
        charger.connection.send(frames.call(command.id.hex, command.action.value, command.payload))
        if crash.FILE is not None:  # the bytes leave after this turn of the loop
            self._gateway.hub.call_later(0.05, crash.point, command.action.value, "sent")
        self._timer = self._gateway.hub.call_later(PATIENCE_S, self._give_up, command)

    def _proper(self, command: PendingCommand) -> bool:
        """Whether the message is what the standard wants: no charger gets anything else, unless somebody wished so."""
        found = None if command.unchecked else schemas.violation(command.action.value, command.payload)
        if found is not None:
            where, what = found
            error = f"{where or 'payload'}: {what}"
            self._gateway.do(partial(withhold_command, SYSTEM, CommandId(command.id), error))
        return found is None

    def _give_up(self, command: PendingCommand) -> None:
        if self._waiting_for is not command:
            return
        self._done()
        self._expect_late(command)
        self._finish(command.id, CommandState.TIMED_OUT)
        self._unanswered += 1
        if self._unanswered >= MOST_UNANSWERED and self._charger is not None:
            log.warning("charger.answers_nothing", station_id=str(self._charger.caller.station_id))
            self._charger.drop()
            return
        self.next()

    def _expect_late(self, command: PendingCommand) -> None:
        self._late[command.id.hex] = command
        if len(self._late) > LATE_ANSWERS:
            self._late.popitem(last=False)

    def _done(self) -> PendingCommand | None:
        command, self._waiting_for = self._waiting_for, None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if command is not None:
            self._known.discard(command.id)
        return command

    def _settle(self, command_id: UUID, action: Action, frame: Answer | Failure) -> None:
        if isinstance(frame, Failure):
            self._finish(command_id, CommandState.FAILED, error=f"{frame.code}: {frame.text}"[:500])
            return
        self._finish(command_id, state_of(action, frame.payload), answer=frame.payload)

    def _finish(self, command_id: UUID, state: CommandState, **facts: Any) -> None:
        deed: Callable[[], object] = partial(finish_command, SYSTEM, CommandId(command_id), state, **facts)
        self._gateway.do(deed)


def state_of(action: Action, payload: dict[str, Any]) -> CommandState:
    """What an answer means. What only tells something has no status: an answer is a yes."""
    status = payload.get("status")
    if status is None and action in _TELLING:
        return CommandState.ACCEPTED
    if not isinstance(status, str):
        return CommandState.FAILED
    return CommandState.ACCEPTED if status.strip().lower() in _YES else CommandState.REFUSED
