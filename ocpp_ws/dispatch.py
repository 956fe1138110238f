"""From a charger's call to its answer, without any socket: tests feed text.

`handle` runs inside of the writer's transaction; its answer is sent after the commit.
"""

from collections.abc import Iterable
from typing import Any

import structlog

from accounts.access import SYSTEM
from charging.use_cases import load_running, read_expected, record_deviation
from kit import clock
from ocpp_ws import frames, held, message_log, numbers, schemas
from ocpp_ws.caller import Caller
from ocpp_ws.frames import Call, Reply, Unreadable
from ocpp_ws.v16 import heartbeat, waiting
from ocpp_ws.v16.handlers import EXPECTS, HANDLERS
from stations.use_cases import held_messages, log_exchanges, waiting_state

log = structlog.get_logger()

BOOT, HEARTBEAT, START = "BootNotification", "Heartbeat", "StartTransaction"
OF_SESSIONS = frozenset({"MeterValues", START, "StopTransaction"})
_NAMES = {action.casefold(): action for action in HANDLERS}
_VALIDATORS = {action: schemas.schema(action) for action in HANDLERS}


class HeldFirst(Exception):
    """What is held of this charger has to be stored before its call."""


def answer(caller: Caller, raw: bytes) -> bytes | None:
    """The whole way of one message, as the gateway does it: read, look at memory, handle, log. None: no answer."""
    frame, at = read(raw), clock.now()
    if isinstance(frame, Call):
        reply = from_memory(caller, frame)
        if reply is None:
            reply = _in_turn(caller, frame)
            caller.remember(frame, reply)
        log_exchanges(SYSTEM, [message_log.of_call(caller, frame, reply, at, clock.now())])
        return reply.frame
    if isinstance(frame, Unreadable):
        log_exchanges(SYSTEM, [message_log.of_unreadable(caller, frame, raw, at)])
        return frame.reply
    return None


def _in_turn(caller: Caller, call: Call) -> Reply:
    try:
        return handle(caller, call)
    except HeldFirst:
        held.store(caller, held_messages(caller.actor))
        caller.unstored = False
        return handle(caller, call)


def read(raw: bytes) -> frames.Frame:
    """The frame, by the standard's name of its action where only case and blanks are others."""
    frame = frames.parse(raw)
    if type(frame) is Call and frame.action not in HANDLERS:
        meant = _NAMES.get(frame.action.strip().casefold())
        if meant is not None:
            frame.odd, frame.action = f'the action is written "{frame.action}"', meant
    return frame


def from_memory(caller: Caller, call: Call) -> Reply | None:
    """The answer that needs no database: heartbeats, and what was answered before."""
    if call.action == HEARTBEAT:
        call.exact = _VALIDATORS[HEARTBEAT].is_valid(call.payload)
        return frames.reply(call.id, heartbeat.answer(caller, call.payload))
    return caller.answered_before(call)


def read_ahead(told: Iterable[tuple[Caller, Call]]) -> None:
    """Read at once what the calls of a batch will ask for, each by itself."""
    told = list(told)
    of_stations = [(caller, call) for caller, call in told if not (caller.waiting or caller.unstored or caller.owed)]
    load_running(SYSTEM, {caller.station_id for caller, call in of_stations if call.action in OF_SESSIONS})
    for caller, call in of_stations:
        expect = EXPECTS.get(call.action)
        if expect is not None:
            expect(caller, call.payload)
    read_expected(SYSTEM)


def handle(caller: Caller, call: Call) -> Reply:
    """Store what a call says and return what answers it. Raises HeldFirst."""
    handler = HANDLERS.get(call.action)
    if handler is None:
        return frames.refused(call.id, frames.NOT_IMPLEMENTED, "this action is not known here")
    call.exact = _VALIDATORS[call.action].is_valid(call.payload)
    if caller.waiting:
        if waiting_state(caller.actor) is not None:
            return _to_visitor(caller, call)
        caller.waiting, caller.unstored = False, True
    if caller.unstored:
        raise HeldFirst
    if caller.owed and call.action in OF_SESSIONS:
        held.store_before(caller, call.action, call.payload)
    if call.odd and caller.first_time(f"{call.action} {call.odd}"):
        record_deviation(caller.actor, action=call.action, where="", what=call.odd, detail=_as_it_came(call))
    if not call.exact:
        _doubt(caller, call)
    return frames.reply(call.id, handler(caller, call.payload))


def _to_visitor(caller: Caller, call: Call) -> Reply:
    return _if_room(call, waiting.answer(caller, call.action, call.payload))


def _if_room(call: Call, payload: dict[str, Any] | None) -> Reply:
    if payload is None:
        return frames.refused(call.id, frames.INTERNAL, "no room for this before the operator accepts this charger")
    return frames.reply(call.id, payload)


def keep(caller: Caller, call: Call) -> Reply:
    """What a charger tells once, and could not be stored: it is kept as it came, and so it is taken.

    A charger that is refused drops its record after a few tries.
    """
    return _if_room(call, held.keep(caller, call.action, call.payload, _as_it_came(call)))


def failed(caller: Caller, call: Call, error: Exception, kept: Reply | None = None) -> Reply:
    """What answers a call that could not be stored, where it is not `kept`; what went wrong stays in our log."""
    log.error(
        "frame.failed",
        station_id=str(caller.station_id),
        action=call.action,
        message_id=str(call.id)[:64],
        exc_info=error,
    )
    return kept or frames.refused(call.id, frames.INTERNAL, "could not be stored, please try again later")


def unreadable(caller: Caller, frame: Unreadable, raw: bytes) -> None:
    """Note a frame that could not be read, as it came; each kind of problem once per socket."""
    numbers.UNREADABLE.inc()
    if caller.first_time(frame.problem):
        log.warning("frame.unreadable", station_id=str(caller.station_id), problem=frame.problem, raw=repr(raw[:300]))


def _doubt(caller: Caller, call: Call) -> None:
    found = schemas.violation(call.action, call.payload)
    if found is not None and caller.first_time(f"{call.action} {found[0]} {found[1][-80:]}"):
        where, what = found
        record_deviation(caller.actor, action=call.action, where=where, what=what, detail=_as_it_came(call))


def _as_it_came(call: Call) -> str:
    if call.mended:
        return frames.escaped(call.raw)
    return frames.call(str(call.id), call.action, call.payload).decode()
