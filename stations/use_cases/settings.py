"""The settings of a charger: read all of them or some, in the way it can answer, and set what is wished for.

One question at a time: the answer to each leads on to the next (`go_on_reading`). What differs from a wish is set only
after it was read, once per start of the charger, and read back.
"""

from collections.abc import Sequence
from datetime import timedelta

from accounts.access import SYSTEM, Actor, allowed, licensed, system
from accounts.functions import Function
from accounts.rights import Right
from kit import clock, db
from kit.errors import Invalid
from kit.notes import tell
from kit.use_case import use_case
from stations.catalogue.configuration import LONGEST_KEY
from stations.known_settings import KNOWN_SETTINGS, judged_value
from stations.models import SettingsReading, Station, StationCommand, StationSetting
from stations.platform_wishes import PLATFORM, next_value, platform_wishes
from stations.queries.settings import reading_of
from stations.quirks import profile_of
from stations.told_settings import folded, told_settings, written_raw
from stations.use_cases.commands import CONNECTION_LOST, request_command
from stations.use_cases.told import setting_row, settings_of
from stations.values import Action, CommandId, CommandState, ReadingProblem, ReadingState, StationId, WishState

FEW = 4  # the least that a charger is known to take at once, where it does not say
MOST_FRUITLESS = 3
MOST_SILENT = 2  # a third question without an answer would cost the charger its connection
MOST_LOSSES = 2
MOST_KEYS = 100
LONGEST = timedelta(hours=1)  # then something went wrong with a reading, and a new one may begin


@use_case
def read_settings(actor: Actor, station_id: StationId, *, keys: Sequence[str] = ()) -> SettingsReading:
    """Ask a charger for its settings: for all, or for these. What is wished otherwise is set on the way.

    Where it is being asked already, these come next. Raises Invalid(keys=).
    """
    station = allowed(actor, Right.COMMAND_STATIONS, Station, station_id, lock=True)
    licensed(actor, Function.MAINTENANCE, station.account_id, station.id)
    if len(keys) > MOST_KEYS or any(not 0 < len(key.strip()) <= LONGEST_KEY for key in keys):
        raise Invalid(keys="too_many" if len(keys) > MOST_KEYS else "invalid")
    return _begin(station, [key.strip() for key in keys], asker=actor.reference)


@use_case
def wish_setting(actor: Actor, station_id: StationId, key: str, value: str) -> StationSetting:
    """Say what a setting should be. It is read, set where it differs, and watched from now on.

    Raises Invalid(key=`required`, `too_long`, `read_only`, `not_as_wish`: passwords and the security profile have ways
    of their own; value=).
    """
    station = allowed(actor, Right.COMMAND_STATIONS, Station, station_id, lock=True)
    licensed(actor, Function.MAINTENANCE, station.account_id, station.id)
    wished = judged_value(key, value)
    row = setting_row(station, settings_of(station, [key]), key.strip())
    if row.read_only:
        raise Invalid(key="read_only")
    row.wish_for(wished, actor.reference, clock.now())
    _begin(station, [row.key], asker=actor.reference)
    return row


@use_case
def forget_wish(actor: Actor, station_id: StationId, key: str) -> StationSetting | None:
    """A setting may be what it is; what the charger has now stays."""
    station = allowed(actor, Right.COMMAND_STATIONS, Station, station_id, lock=True)
    row = settings_of(station, [key]).get(folded(key))
    if row is not None:
        row.forget_wish()
        tell("station", station.id)
    return row


@use_case
def set_up_station(actor: Actor, station_id: StationId) -> None:
    """A charger started, or is back after it was interrupted: read its settings, or go on with that."""
    system(actor)
    station = db.session().get_one(Station, station_id, with_for_update=True, populate_existing=True)
    reading = reading_of(station.id)
    if reading is not None and reading.state is ReadingState.INTERRUPTED:
        _resume(station, reading)
    elif not station.quiet_after_boot:
        _begin(station, [], asker=actor.reference)


@use_case
def go_on_reading(actor: Actor, command_id: CommandId) -> None:
    """The charger answered to a message about its settings, or did not: lead on, if it was we who asked for that."""
    system(actor)
    command = db.session().get_one(StationCommand, command_id)
    station = db.session().get_one(Station, command.station_id, with_for_update=True, populate_existing=True)
    reading = reading_of(station.id)
    if reading is None or reading.command_id != command.id or not command.state.final:
        return
    reading.command_id = None
    if command.state is CommandState.CANCELLED:
        _end(reading, ReadingProblem.CANCELLED)
    elif command.state is CommandState.EXPIRED or command.error == CONNECTION_LOST:
        _interrupt(station, reading, command)
    elif command.action is Action.GET_CONFIGURATION:
        _read(station, reading, command)
    else:
        _written(station, reading, command)
    if reading.state is ReadingState.RUNNING:
        _ask_next(station, reading)
    tell("station", station.id)


def _begin(station: Station, keys: list[str], *, asker: str) -> SettingsReading:
    reading = reading_of(station.id) or _new_reading(station)
    if reading.state is ReadingState.INTERRUPTED or (
        reading.state is ReadingState.RUNNING and reading.begun_at > clock.now() - LONGEST
    ):
        return _join(station, reading, keys)
    if reading.firmware != station.firmware:
        reading.firmware, reading.answers_whole, reading.keys_at_once = station.firmware, True, FEW
    reading.state, reading.begun_at, reading.ended_at = ReadingState.RUNNING, clock.now(), None
    reading.requested_by, reading.problem, reading.raw = asker, None, None
    reading.fruitless = reading.losses = 0
    reading.whole = not keys and reading.answers_whole
    reading.keys_left = keys if keys or reading.whole else _known_keys(station)
    reading.keys_wanted = len(reading.keys_left)
    _ask_next(station, reading)
    tell("station", station.id)
    return reading


def _join(station: Station, reading: SettingsReading, keys: list[str]) -> SettingsReading:
    """It is being read: these come next."""
    known = {folded(key) for key in reading.keys_left}
    reading.keys_left = [*reading.keys_left, *(key for key in keys if folded(key) not in known)]
    if reading.state is ReadingState.INTERRUPTED:
        _resume(station, reading)
    return reading


def _resume(station: Station, reading: SettingsReading) -> None:
    reading.state = ReadingState.RUNNING
    _ask_next(station, reading)
    tell("station", station.id)


def _new_reading(station: Station) -> SettingsReading:
    reading = SettingsReading(
        account_id=station.account_id,
        station_id=station.id,
        state=ReadingState.DONE,
        firmware=station.firmware,
        answers_whole=True,
        keys_at_once=FEW,
    )
    db.session().add(reading)
    return reading


def _known_keys(station: Station) -> list[str]:
    """What to ask for where a charger does not tell what it has: what it told before, and the standard's."""
    told = {folded_key: row.key for folded_key, row in settings_of(station).items()}
    standard = {folded_key: known.key for folded_key, known in KNOWN_SETTINGS.items()}
    return [key for key in {**standard, **told}.values() if len(key) <= LONGEST_KEY]


def _ask_next(station: Station, reading: SettingsReading) -> None:
    """One message: the next question, or the next wish; the end where there is none."""
    if reading.whole:
        _send(station, reading, Action.GET_CONFIGURATION, {})
    elif reading.keys_left:
        _send(station, reading, Action.GET_CONFIGURATION, {"key": reading.keys_left[: _group_size(station, reading)]})
    else:
        _set_next(station, reading)


def _group_size(station: Station, reading: SettingsReading) -> int:
    row = settings_of(station, ["GetConfigurationMaxKeys"]).get("getconfigurationmaxkeys")
    most = int(row.value) if row is not None and row.value and row.value.strip().isdecimal() else 0
    return min(reading.keys_at_once, most) if most else reading.keys_at_once


def _set_next(station: Station, reading: SettingsReading) -> None:
    rows = settings_of(station)
    unread = _wish_as_platform(station, rows)
    if unread:
        reading.keys_left = unread
        _ask_next(station, reading)
        return
    row = next((row for row in rows.values() if row.due(station.boot_at)), None)
    if row is None or row.wished is None:
        _end(reading, reading.problem)
        return
    row.written_at, row.writes = clock.now(), row.writes + 1
    _send(station, reading, Action.CHANGE_CONFIGURATION, {"key": row.key, "value": row.wished})


def _wish_as_platform(station: Station, rows: dict[str, StationSetting]) -> list[str]:
    """Wish for what sessions need, where nobody wishes otherwise; the names that were not asked for yet."""
    unread: list[str] = []
    if station.quiet_after_boot:
        return unread
    for wish in platform_wishes(profile_of(station).profile):
        row = rows.get(folded(wish.key))
        if row is None:
            unread.append(setting_row(station, rows, wish.key).key)
            continue
        does = row.value is not None and wish.does(row.value)
        if row.wish is None and not row.unknown and not does:
            row.wish_for(wish.values[0], PLATFORM, clock.now())
        elif row.wished_by == PLATFORM and row.wish_state is not WishState.AS_WISHED and does:
            row.forget_wish()
    return unread


def _send(station: Station, reading: SettingsReading, action: Action, payload: dict[str, object]) -> None:
    asked = request_command(SYSTEM, StationId(station.id), action, payload, tries=1, requested_by=reading.requested_by)
    reading.command_id = CommandId(asked.id)


def _interrupt(station: Station, reading: SettingsReading, command: StationCommand) -> None:
    """The connection went: on with it when the charger is back, but not for ever with what it may have died of."""
    reading.state = ReadingState.INTERRUPTED
    if command.error == CONNECTION_LOST and command.action is Action.GET_CONFIGURATION:
        reading.losses += 1
        if reading.losses >= MOST_LOSSES:
            reading.losses = 0
            _ask_for_less(station, reading)
    elif command.action is Action.CHANGE_CONFIGURATION and command.error == CONNECTION_LOST:
        row = settings_of(station, [command.payload["key"]])[folded(command.payload["key"])]
        reading.keys_left = [row.key, *reading.keys_left]  # it may have taken it


def _read(station: Station, reading: SettingsReading, command: StationCommand) -> None:
    told = told_settings(command.answer) if command.state is CommandState.ACCEPTED else None
    if told is not None and not told.in_order:
        reading.problem, reading.raw = ReadingProblem.MALFORMED, written_raw(command.answer)
    asked = [str(key) for key in command.payload.get("key", [])]
    if told is not None and (told.settings or any(told.says(key) for key in asked)):
        reading.fruitless = reading.losses = 0
        if told.in_order:
            reading.problem = reading.problem if reading.raw else None
        _lead_on(reading, asked, [key for key in asked if not told.says(key)])
        return
    reading.fruitless += 1
    reading.problem = reading.problem or (ReadingProblem.NO_ANSWER if told is None else ReadingProblem.EMPTY)
    _ask_for_less(station, reading)
    if command.state is CommandState.TIMED_OUT and reading.fruitless >= MOST_SILENT:
        _end(reading, ReadingProblem.NO_ANSWER)
    elif reading.fruitless > MOST_FRUITLESS:  # it answers, so it may be told what is wished
        reading.keys_left = []


def _lead_on(reading: SettingsReading, asked: list[str], unanswered: list[str]) -> None:
    """Some was told. What was not, though it was asked for by name, is asked for again: some tell few at once."""
    if reading.whole:
        reading.whole, reading.read_at = False, clock.now()
        return
    if len(unanswered) < len(asked):
        if unanswered:
            reading.keys_at_once = len(asked) - len(unanswered)
        asked_again = unanswered
    else:  # it told something else
        asked_again = []
    done = {folded(key) for key in asked}
    reading.keys_left = asked_again + [key for key in reading.keys_left if folded(key) not in done]
    if not reading.keys_left and not reading.answers_whole:
        reading.read_at = clock.now()


def _ask_for_less(station: Station, reading: SettingsReading) -> None:
    """It did not tell this way: by name instead of all, one instead of some, the next instead of this one."""
    if reading.whole:
        reading.whole = reading.answers_whole = False
        reading.keys_left = [*reading.keys_left, *_known_keys(station)]
        reading.keys_wanted = len(reading.keys_left)
    elif len(reading.keys_left) > 1 and reading.keys_at_once > 1:
        reading.keys_at_once = 1
    else:
        reading.keys_left = reading.keys_left[1:]


def _written(station: Station, reading: SettingsReading, command: StationCommand) -> None:
    key = str(command.payload["key"])
    row = settings_of(station, [key])[folded(key)]
    if row.wish is None:
        return
    if command.state is CommandState.ACCEPTED:
        if row.wish_state is not WishState.NEEDS_RESTART:
            reading.keys_left = [row.key, *reading.keys_left]
    elif command.state is CommandState.TIMED_OUT:
        row.wish_state = WishState.UNANSWERED
    else:
        row.wish_state = WishState.REFUSED
        wishes = platform_wishes(profile_of(station).profile)
        wish = next((one for one in wishes if folded(one.key) == row.folded_key), None)
        other = next_value(wish, row.wished or "") if wish and row.wished_by == PLATFORM else None
        if other is not None:
            row.wish_for(other, PLATFORM, clock.now())


def _end(reading: SettingsReading, problem: ReadingProblem | None) -> None:
    failed = problem in (ReadingProblem.NO_ANSWER, ReadingProblem.CANCELLED)
    reading.state = ReadingState.FAILED if failed else ReadingState.DONE
    reading.problem, reading.ended_at = problem, clock.now()
    reading.command_id, reading.whole, reading.keys_left = None, False, []
