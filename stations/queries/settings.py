"""Settings of a charger as it last told them, or took them. For rooms, within their door."""

from uuid import UUID

from sqlalchemy import select

from kit import db
from stations.models import Station, StationCommand
from stations.quirks import Quirks, profile_of
from stations.values import Action, CommandState

ANSWERS_READ = 20


def known_setting(station_id: UUID, key: str) -> str | None:
    """A setting, from the newest answer that has it or the newest accepted change of it; None where it is unknown."""
    commands = select(StationCommand).where(
        StationCommand.station_id == station_id,
        StationCommand.action.in_([Action.GET_CONFIGURATION, Action.CHANGE_CONFIGURATION]),
        StationCommand.state == CommandState.ACCEPTED,
    )
    for command in db.session().scalars(commands.order_by(StationCommand.id.desc()).limit(ANSWERS_READ)):
        for setting in (command.payload, *((command.answer or {}).get("configurationKey") or [])):
            if isinstance(setting, dict) and "value" in setting and str(setting.get("key")).lower() == key.lower():
                return str(setting["value"]).strip()
    return None


def quirks_of_station(station_id: UUID) -> Quirks:
    """How a station behaves."""
    return profile_of(db.session().get_one(Station, station_id)).quirks


def known_number(station_id: UUID, key: str) -> int | None:
    """A setting that is a whole number; None where it is unknown, or is none."""
    try:
        return int(known_setting(station_id, key) or "")
    except ValueError:
        return None
