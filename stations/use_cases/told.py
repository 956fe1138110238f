"""What stations told of their settings is written down with their answers, whoever asked."""

from collections.abc import Sequence

from sqlalchemy import select

from kit import clock, db
from kit.masking import is_secret_setting, mask_text
from stations.models import Station, StationCommand, StationSetting
from stations.told_settings import ToldSettings, folded, told_settings
from stations.values import Action, CommandState, WishState

AFTER_RESTART = "rebootrequired"


def note_told(command: StationCommand) -> None:
    """An answer came to a message about settings. For the room, within its doors."""
    if command.state is not CommandState.ACCEPTED:
        return
    if command.action is Action.GET_CONFIGURATION:
        station = db.session().get_one(Station, command.station_id, with_for_update=True, populate_existing=True)
        _note_read(station, told_settings(command.answer))
    elif command.action is Action.CHANGE_CONFIGURATION:
        station = db.session().get_one(Station, command.station_id, with_for_update=True, populate_existing=True)
        key, value = str(command.payload.get("key", "")), str(command.payload.get("value", ""))
        after_restart = command.answered_status == AFTER_RESTART
        if key.strip():
            _note_written(station, key.strip(), value, after_restart=after_restart)


def settings_of(station: Station, keys: Sequence[str] | None = None) -> dict[str, StationSetting]:
    """The rows of a station by their names, blind to case; `keys`: only these. For the room, within its doors."""
    rows = select(StationSetting).where(StationSetting.station_id == station.id)
    if keys is not None:
        rows = rows.where(StationSetting.folded_key.in_([folded(key) for key in keys]))
    return {row.folded_key: row for row in db.session().scalars(rows)}


def setting_row(station: Station, rows: dict[str, StationSetting], key: str) -> StationSetting:
    """The row of a setting, made where there is none."""
    row = rows.get(folded(key))
    if row is None:
        row = rows[folded(key)] = StationSetting(
            account_id=station.account_id,
            station_id=station.id,
            key=key,
            folded_key=folded(key),
            read_only=False,
            unknown=False,
            writes=0,
        )
        db.session().add(row)
    return row


def _note_read(station: Station, told: ToldSettings) -> None:
    rows, now = settings_of(station), clock.now()
    for setting in told.settings.values():
        row = setting_row(station, rows, setting.key)
        row.key = setting.key
        value = None if is_secret_setting(setting.key) else setting.value
        row.read(value, read_only=setting.read_only, at=now, boot_at=station.boot_at)
    for key in told.unknown.values():
        row = setting_row(station, rows, key)
        row.unknown, row.value, row.read_at = True, None, now


def _note_written(station: Station, key: str, value: str, *, after_restart: bool) -> None:
    """The station took a value. Where somebody wished another one for it, this is the wish now."""
    row = setting_row(station, settings_of(station, [key]), key)
    if row.wish is not None and row.wished != value:
        row.wish_for(value, row.wished_by or "", clock.now())
        row.written_at, row.writes = clock.now(), 1
    if row.wish is not None:
        row.wish_state = WishState.NEEDS_RESTART if after_restart else WishState.TAKEN
    if not after_restart:
        row.value = None if is_secret_setting(key) else mask_text(value)
        row.unknown = False
