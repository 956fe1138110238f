"""Commands to chargers: asked for here, sent by the gateway that holds the socket, finished with what came of it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from accounts.access import Actor, allowed, system
from accounts.rights import Right
from kit import clock, db
from kit.errors import Conflict, NotFound
from kit.events import record
from kit.masking import mask
from kit.notes import tell
from kit.use_case import use_case
from stations.events import CommandFinished
from stations.models import Station, StationCommand
from stations.passwords import hash_password
from stations.payloads import is_password_change, judged, profile_change
from stations.quirks import profile_of
from stations.values import NEW_PROFILE, Action, CommandId, CommandState, SecurityProfile, StationId

PATIENCE = timedelta(minutes=2)
# Start and stop belong to a permission or a session; `charging` asks for them after its own check.
_OF_CHARGING = (Action.REMOTE_START, Action.REMOTE_STOP)
_LATE_ANSWER_POSSIBLE = (CommandState.TIMED_OUT, CommandState.EXPIRED)


@use_case
def request_command(
    actor: Actor,
    station_id: StationId,
    action: Action,
    payload: Mapping[str, Any],
    *,
    expires_in: timedelta = PATIENCE,
    requested_by: str | None = None,
) -> StationCommand:
    """Ask a charger to do something. The command waits `expires_in` for a charger that is away.

    Start and stop only by the program itself; `requested_by` is then the reference of whoever wished it. Raises Invalid
    with the field of the payload that can't be taken, Conflict(`can_not_unlock`) where the station is known not to.
    """
    if action in _OF_CHARGING:
        system(actor)
    station = allowed(actor, Right.COMMAND_STATIONS, Station, station_id)
    if action is Action.UNLOCK and not profile_of(station).quirks.can_unlock:
        raise Conflict("can_not_unlock")
    now = clock.now()
    command = StationCommand(
        account_id=station.account_id,
        station_id=station.id,
        action=action,
        payload=judged(action, payload),
        state=CommandState.PENDING,
        requested_by=requested_by or actor.reference,
        requested_at=now,
        expires_at=now + expires_in,
    )
    db.session().add(command)
    db.session().flush()
    tell("command", data=station.id.hex.encode())
    tell("station", station.id)
    return command


@use_case
def mark_command_sent(actor: Actor, command_id: CommandId) -> bool:
    """The gateway is about to send it. False: it is not pending any more (expired, or taken by another gateway)."""
    system(actor)
    command = _locked(command_id)
    if command.state is not CommandState.PENDING:
        return False
    command.state, command.sent_at = CommandState.SENT, clock.now()
    if is_password_change(command.action, command.payload):
        _expect_password(command)
    _expect_profile(command)
    tell("station", command.station_id)
    return True


@use_case
def finish_command(
    actor: Actor,
    command_id: CommandId,
    state: CommandState,
    *,
    answer: dict[str, Any] | None = None,
    error: str | None = None,
) -> StationCommand:
    """Write down what became of a command; the first outcome stands, but a late answer replaces a missing one."""
    system(actor)
    assert state.final, "a command is finished with a final state"
    command = _locked(command_id)
    answered = state not in _LATE_ANSWER_POSSIBLE
    if command.state.final and not (command.state in _LATE_ANSWER_POSSIBLE and answered):
        return command
    command.state, command.answer, command.error = state, mask(answer), error
    command.answered_at = clock.now() if answered else None
    if answered and is_password_change(command.action, command.payload):
        _expect_password(command, refused=state is not CommandState.ACCEPTED)
    if answered:
        _expect_profile(command, refused=state is not CommandState.ACCEPTED)
    record(
        CommandFinished(
            command_id=command.id, station_id=command.station_id, action=command.action.value, state=state.value
        )
    )
    tell("station", command.station_id)
    return command


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
    sent = hash_password(str(command.payload["value"]).encode())
    if not refused and station.password_hash != sent:
        station.next_password_hash = sent
        if station.security_profile is SecurityProfile.OPEN:  # once it came with a password, it has to
            station.next_security_profile = station.next_security_profile or SecurityProfile.PASSWORD
    elif refused and station.next_password_hash == sent:
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
