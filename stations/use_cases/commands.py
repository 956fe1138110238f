"""Commands to chargers: asked for here, sent by the gateway that holds the socket, finished with what came of it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, select, update

from accounts.access import SYSTEM, Actor, allowed, system
from accounts.rights import Right
from kit import clock, db
from kit.errors import Conflict, NotFound
from kit.events import record
from kit.masking import mask
from kit.notes import tell
from kit.use_case import use_case
from stations.events import CommandFinished
from stations.models import GatewayRun, Station, StationCommand
from stations.passwords import hash_password, password_matches
from stations.payloads import is_password_change, profile_change
from stations.quirks import unable_to
from stations.use_cases.told import note_told
from stations.values import NEW_PROFILE, Action, CommandId, CommandState, GatewayId, SecurityProfile, StationId
from stations.wishes import PATIENCE, USUAL_TRIES, judge_delivery, judged_wish, tries_of

CONNECTION_LOST = "connection lost"
# what is told of a command that is over
ANNOUNCED = (
    StationCommand.id,
    StationCommand.station_id,
    StationCommand.work_order_id,
    StationCommand.action,
    StationCommand.unchecked,
)
# Start and stop belong to a permission or a session; `charging` asks for them after its own check.
_OF_CHARGING = (Action.REMOTE_START, Action.REMOTE_STOP)
_UNANSWERED = (CommandState.TIMED_OUT, CommandState.EXPIRED, CommandState.CANCELLED)


@use_case
def request_command(
    actor: Actor,
    station_id: StationId,
    action: Action,
    payload: Mapping[str, Any],
    *,
    expires_in: timedelta = PATIENCE,
    tries: int = USUAL_TRIES,
    unchecked: bool = False,
    requested_by: str | None = None,
    request_key: str | None = None,
) -> StationCommand:
    """Ask a charger to do something. The command waits `expires_in` for a charger that is away.

    A message that does no more when it comes twice is sent up to `tries` times, where the connection went before the
    answer; others once. `unchecked` sends the payload as it is, except for a new password. Start and stop only by the
    program itself; `requested_by` is then the reference of whoever wished it. Asked again with the same `request_key`,
    it is the command of the first time. Raises Invalid with the field of the payload that can't be taken, or for
    `expires_in`, `tries`, `payload`, `request_key`; Conflict(`other_request`, and `can_not_unlock` where the
    station is known not to).
    """
    if action in _OF_CHARGING:
        system(actor)
    station = allowed(actor, Right.COMMAND_STATIONS, Station, station_id)
    judge_delivery(expires_in, tries, request_key)
    wished = {"station_id": station.id, **judged_wish(action, payload, unchecked=unchecked)}
    if unable := unable_to(station, action, unchecked=wished["unchecked"]):
        raise Conflict(unable)
    now = clock.now()
    asker = requested_by or actor.reference
    if request_key and (earlier := _asked_before(asker, request_key, wished)):
        return earlier
    command = StationCommand(
        account_id=station.account_id,
        **wished,
        state=CommandState.PENDING,
        tries_allowed=tries_of(action, tries),
        requested_by=asker,
        request_key=request_key or None,
        requested_at=now,
        expires_at=now + expires_in,
    )
    db.session().add(command)
    db.session().flush()
    tell("command", data=station.id.hex.encode())
    tell("station", station.id)
    return command


@use_case
def mark_command_sent(actor: Actor, command_id: CommandId, gateway_id: GatewayId | None = None) -> bool:
    """This gateway is about to send it. False: it is not pending any more (expired, or taken by another gateway)."""
    system(actor)
    command = _locked(command_id)
    if command.state is not CommandState.PENDING:
        return False
    if command.expires_at <= clock.now():  # the writer was held up: nobody wants it any more
        command.state = CommandState.EXPIRED
        announce(command, command.state)
        return False
    command.state, command.sent_at, command.gateway_id = CommandState.SENT, clock.now(), gateway_id
    command.tries += 1
    if is_password_change(command.action, command.payload):
        _expect_password(command)
    _expect_profile(command)
    _tell(command)
    return True


@use_case
def lose_command(actor: Actor, command_id: CommandId, *, sent: bool = True) -> None:
    """The connection went before the answer came, or (`sent` is False) before the message left.

    It waits for the next connection where it may be sent again; else it ends without an answer.
    """
    system(actor)
    command = _locked(command_id)
    if command.state is not CommandState.SENT:
        return
    if not sent:
        command.tries -= 1
    if command.expires_at > clock.now() and command.tries < command.tries_allowed:
        command.state = CommandState.PENDING
        tell("command", data=command.station_id.hex.encode())  # it may be back already
        _tell(command)
    elif sent and command.action is Action.REMOTE_START:
        return  # it may have been taken: what the charger does next tells, or the clock ends it
    elif not sent:
        finish_command(actor, command_id, CommandState.EXPIRED)
    else:
        finish_command(actor, command_id, CommandState.TIMED_OUT, error=CONNECTION_LOST)


@use_case
def recover_commands(actor: Actor) -> int:
    """No answer comes any more to what a gateway had sent that is gone. How many there were."""
    system(actor)
    sent = select(StationCommand.id).where(
        StationCommand.state == CommandState.SENT,
        StationCommand.gateway_id.is_(None) | StationCommand.gateway_id.not_in(select(GatewayRun.id)),
    )
    ids = db.session().scalars(sent.order_by(StationCommand.id)).all()
    for command_id in ids:
        lose_command(actor, CommandId(command_id))
    return len(ids)


@use_case
def cancel_command(actor: Actor, command_id: CommandId) -> StationCommand:
    """Take back a command that waits to be sent. Raises Conflict(`command_sent`, `command_over`)."""
    command = allowed(actor, Right.COMMAND_STATIONS, StationCommand, command_id, lock=True)
    if command.state is not CommandState.PENDING:
        raise Conflict("command_over" if command.state.final else "command_sent")
    return finish_command(SYSTEM, command_id, CommandState.CANCELLED)


@use_case
def finish_command(
    actor: Actor,
    command_id: CommandId,
    state: CommandState,
    *,
    answer: dict[str, Any] | None = None,
    error: str | None = None,
) -> StationCommand:
    """Write down what became of a command; the first outcome stands, but a late answer replaces a missing one.

    `answer` and `error` are the charger's words, or `error` one of ours where it said none (`CONNECTION_LOST`, ...).
    """
    system(actor)
    assert state.final, "a command is finished with a final state"
    command = _locked(command_id)
    answered = state not in _UNANSWERED
    if command.state.final and not (command.state in _UNANSWERED and answered):
        return command
    command.late = command.state.final
    command.state, command.answer, command.error = state, mask(answer), mask(error)
    command.answered_at = clock.now() if answered else None
    if answered and is_password_change(command.action, command.payload):
        _expect_password(command, refused=state is not CommandState.ACCEPTED)
    if answered:
        _expect_profile(command, refused=state is not CommandState.ACCEPTED)
    note_told(command)
    announce(command, command.state)
    return command


@use_case
def expire_commands(actor: Actor, *, most: int = 500) -> int:
    """End those that could not be sent in time, many at once: a large order ends in one moment. How many there were."""
    system(actor)
    overdue = select(StationCommand.id).where(
        StationCommand.state == CommandState.PENDING, StationCommand.expires_at <= clock.now()
    )
    ids = db.session().scalars(overdue.order_by(StationCommand.id).limit(most)).all()
    return end_unsent(CommandState.EXPIRED, StationCommand.id.in_(ids)) if ids else 0


@use_case
def withhold_command(actor: Actor, command_id: CommandId, error: str) -> None:
    """The gateway does not send it: the message is not what the standard wants, `error` says where."""
    system(actor)
    command = _locked(command_id)
    if command.state is CommandState.PENDING:
        command.state, command.error = CommandState.FAILED, mask(error)
        announce(command, command.state)


def _asked_before(asker: str, request_key: str, wished: Mapping[str, Any]) -> StationCommand | None:
    known = select(StationCommand).where(
        StationCommand.requested_by == asker, StationCommand.request_key == request_key
    )
    found = db.session().scalars(known).one_or_none()
    if found is not None and any(getattr(found, name) != value for name, value in wished.items()):
        raise Conflict("other_request")
    return found


def end_unsent(state: CommandState, which: ColumnElement[bool]) -> int:
    """End those of the commands that wait to be sent; how many. For this room, within its doors."""
    session = db.session()
    waiting = select(*ANNOUNCED).where(StationCommand.state == CommandState.PENDING, which)
    rows = session.execute(waiting.order_by(StationCommand.id).with_for_update()).all()
    those = StationCommand.id.in_([row.id for row in rows])
    session.execute(update(StationCommand).where(those).values(state=state, waits_turn=False))
    for row in rows:
        announce(row, state)
    return len(rows)


def announce(command: Any, state: CommandState) -> None:
    """A command, or its columns `ANNOUNCED`, came to this end. For this room, within its doors."""
    record(
        CommandFinished(
            command_id=command.id,
            station_id=command.station_id,
            action=command.action.value,
            state=state.value,
            unchecked=command.unchecked,
        )
    )
    _tell(command)


def _tell(command: Any) -> None:
    tell("station", command.station_id)
    if command.work_order_id is not None:
        tell("work_order", command.work_order_id)


def _locked(command_id: CommandId) -> StationCommand:
    command = db.session().get(StationCommand, command_id, with_for_update=True, populate_existing=True)
    if command is None:
        raise NotFound()
    return command


def _expect_password(command: StationCommand, *, refused: bool = False) -> None:
    """The charger uses a new password from one of its next connects on; from which, nobody knows when the answer is
    lost. So both open a connection, until it comes with the new one (`take_over_password`) or refuses it.
    """
    station = db.session().get(Station, command.station_id, with_for_update=True, populate_existing=True)
    assert station is not None, "a command without a station"
    sent = str(command.payload["value"]).encode()
    if not refused and not password_matches(sent, station.password_hash):
        station.next_password_hash = hash_password(sent)
        if station.security_profile is SecurityProfile.OPEN:  # once it came with a password, it has to
            station.next_security_profile = station.next_security_profile or SecurityProfile.PASSWORD
    elif refused and password_matches(sent, station.next_password_hash or ""):
        station.next_password_hash = None
        if station.next_security_profile is SecurityProfile.PASSWORD:
            station.next_security_profile = None
    tell(NEW_PROFILE, data=station.id.hex.encode())


def _expect_profile(command: StationCommand, *, refused: bool = False) -> None:
    """As with passwords: a charger told to take another security profile may come with the old or the new one, until
    it came with the new one (`take_over_profile`) or refused it. Chargers never go back to a lower one.
    """
    told = profile_change(command.action, command.payload)
    if told is None:
        return
    station = db.session().get(Station, command.station_id, with_for_update=True, populate_existing=True)
    assert station is not None, "a command without a station"
    if not refused and told.value > station.security_profile.value:
        station.next_security_profile = told
    elif refused and station.next_security_profile is told:
        station.next_security_profile = None
    tell(NEW_PROFILE, data=station.id.hex.encode())
