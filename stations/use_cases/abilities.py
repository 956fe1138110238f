"""What a charger turned out to be able to: its list of features is not believed, its answers are."""

from sqlalchemy import select

from accounts.access import Actor, allowed, licensed, system
from accounts.functions import Function
from accounts.rights import Right
from kit import clock, db
from kit.spelling import plain
from kit.use_case import use_case
from stations.models import Station, StationAbility, StationCommand
from stations.use_cases.commands import request_command
from stations.values import Action, CommandId, CommandState, StationId

UNABLE = frozenset({"notimplemented", "notsupported"})
_TRIGGERS = (Action.TRIGGER_MESSAGE, Action.EXTENDED_TRIGGER_MESSAGE)
PROBES: dict[Action, dict[str, object]] = {
    Action.TRIGGER_MESSAGE: {"requestedMessage": "MeterValues"},
    Action.GET_LOCAL_LIST_VERSION: {},
    Action.GET_COMPOSITE_SCHEDULE: {"connectorId": 0, "duration": 60},
}
_ABOUT_ONE_SETTING = Action.CHANGE_CONFIGURATION  # there, `NotSupported` means the setting


@use_case
def note_ability(actor: Actor, command_id: CommandId) -> None:
    """A charger answered to a message: it can do that, or it said that it can't. Remembered for its firmware."""
    system(actor)
    command = db.session().get_one(StationCommand, command_id)
    found = _found(command)
    if not found:
        return
    station = db.session().get_one(Station, command.station_id, with_for_update=True, populate_existing=True)
    known = {
        row.name: row
        for row in db.session().scalars(
            select(StationAbility).where(StationAbility.station_id == station.id, StationAbility.name.in_(found))
        )
    }
    for name, able in found.items():
        row = known.get(name)
        if row is None:
            row = StationAbility(account_id=station.account_id, station_id=station.id, name=name)
            db.session().add(row)
        elif (row.able, row.firmware) == (able, station.firmware):
            continue
        row.able, row.firmware, row.found_at = able, station.firmware, clock.now()


def _found(command: StationCommand) -> dict[str, bool]:
    """What the answer says of the message, and of the message that it asks for."""
    name, wanted = command.action.value, command.payload.get("requestedMessage")
    asked_for = f"{name} {wanted}" if command.action in _TRIGGERS and isinstance(wanted, str) else None
    if command.state is CommandState.FAILED:
        code = plain((command.error or "").partition(":")[0])
        return {name: False} if code in UNABLE else {}
    if command.state not in (CommandState.ACCEPTED, CommandState.REFUSED):
        return {}
    unable = command.answered_status in UNABLE
    if asked_for is not None:
        return {name: True, asked_for: not unable}
    return {name: not unable or command.action is _ABOUT_ONE_SETTING}


@use_case
def probe_abilities(actor: Actor, station_id: StationId) -> None:
    """Find out what a charger can do, whatever it says of itself, by asking for what changes nothing."""
    station = allowed(actor, Right.COMMAND_STATIONS, Station, station_id)
    licensed(actor, Function.MAINTENANCE, station.account_id, station.id)
    for action, payload in PROBES.items():
        request_command(actor, station_id, action, payload, tries=1)
