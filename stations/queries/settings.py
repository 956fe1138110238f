"""Settings of a charger as it last told them. For rooms, within their door."""

from uuid import UUID

from sqlalchemy import select

from kit import db
from stations.models import StationCommand
from stations.values import Action, CommandState

ANSWERS_READ = 20


def known_number(station_id: UUID, key: str) -> int | None:
    """A setting that is a whole number, from the newest answer that has it; None where it was never told."""
    answers = select(StationCommand.answer).where(
        StationCommand.station_id == station_id,
        StationCommand.action == Action.GET_CONFIGURATION,
        StationCommand.state == CommandState.ACCEPTED,
    )
    for answer in db.session().scalars(answers.order_by(StationCommand.id.desc()).limit(ANSWERS_READ)):
        for setting in (answer or {}).get("configurationKey") or []:
            if isinstance(setting, dict) and str(setting.get("key")).lower() == key.lower():
                return _whole(setting.get("value"))
    return None


def _whole(value: object) -> int | None:
    try:
        return int(str(value).strip())
    except ValueError:
        return None
