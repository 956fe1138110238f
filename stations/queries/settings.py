"""Settings of chargers: what they told of them, what is wished, and which charger is to be asked next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import and_, or_, select

from accounts.access import Actor, allowed, system, visible
from accounts.rights import Right
from kit import clock, db
from kit.use_case import query
from stations.models import SettingsReading, Station, StationAbility, StationSetting
from stations.quirks import Quirks, profile_of
from stations.told_settings import folded
from stations.values import ReadingState, StationId, WishState

QUIET = timedelta(minutes=1)  # after a start, and after coming back
SELDOM = timedelta(minutes=10)  # one that starts again and again is not asked each time
AT_ONCE = 20
MOST_COMPARED = 200


@dataclass(frozen=True)
class StationSettings:
    """All that is known of a station's settings; `reading` is the last one, or the one that goes on."""

    station: Station
    settings: Sequence[StationSetting]
    reading: SettingsReading | None
    abilities: Sequence[StationAbility]

    @property
    def needs_restart(self) -> bool:
        """Whether something that was set counts only after a restart."""
        return any(row.wish_state is WishState.NEEDS_RESTART for row in self.settings)


@query
def station_settings(actor: Actor, station_id: StationId) -> StationSettings:
    """The settings of a station, by name. Raises NotFound, Forbidden."""
    station = allowed(actor, Right.VIEW_STATIONS, Station, station_id)
    rows = select(StationSetting).where(StationSetting.station_id == station_id).order_by(StationSetting.folded_key)
    found = select(StationAbility).where(
        StationAbility.station_id == station_id, StationAbility.firmware == station.firmware
    )
    session = db.session()
    return StationSettings(
        station,
        session.scalars(rows).all(),
        reading_of(station_id),
        session.scalars(found.order_by(StationAbility.name)).all(),
    )


@query
def like_stations(actor: Actor, station_id: StationId) -> Sequence[Station]:
    """Other stations of the same make and model that the actor sees, by name. Raises NotFound, Forbidden."""
    station = allowed(actor, Right.VIEW_STATIONS, Station, station_id)
    others = select(Station).where(
        Station.vendor == station.vendor, Station.model == station.model, Station.id != station.id
    )
    seen = visible(actor, Right.VIEW_STATIONS, others, Station)
    return db.session().scalars(seen.order_by(Station.name, Station.id).limit(MOST_COMPARED)).all()


@query
def stations_to_set_up(actor: Actor) -> list[UUID]:
    """Chargers that started and were not asked for their settings since, unless they want quiet, and those whose
    reading was interrupted; the ones that wait longest first, a few at a time.
    """
    system(actor)
    now = clock.now()
    started = and_(
        Station.boot_at <= now - QUIET,
        Station.quiet_after_boot.is_(False),
        or_(
            SettingsReading.id.is_(None),
            and_(
                SettingsReading.state.in_([ReadingState.DONE, ReadingState.FAILED]),
                SettingsReading.begun_at < Station.boot_at,
                SettingsReading.begun_at < now - SELDOM,
            ),
        ),
    )
    due = (
        select(Station.id)
        .join(SettingsReading, SettingsReading.station_id == Station.id, isouter=True)
        .where(Station.connected_at <= now - QUIET)
        .where(or_(started, SettingsReading.state == ReadingState.INTERRUPTED))
    )
    return list(db.session().scalars(due.order_by(Station.connected_at).limit(AT_ONCE)))


def reading_of(station_id: UUID) -> SettingsReading | None:
    """How a station was last asked for its settings. For rooms, within their door."""
    return db.session().scalars(select(SettingsReading).where(SettingsReading.station_id == station_id)).one_or_none()


def known_setting(station_id: UUID, key: str) -> str | None:
    """A setting as the station last told it, or took it; None where it is unknown. For rooms, within their door."""
    told = select(StationSetting.value).where(
        StationSetting.station_id == station_id, StationSetting.folded_key == folded(key)
    )
    value = db.session().scalar(told)
    return None if value is None else value.strip()


def known_number(station_id: UUID, key: str) -> int | None:
    """A setting that is a whole number; None where it is unknown, or is none."""
    try:
        return int(known_setting(station_id, key) or "")
    except ValueError:
        return None


def quirks_of_station(station_id: UUID) -> Quirks:
    """How a station behaves."""
    return profile_of(db.session().get_one(Station, station_id)).quirks
