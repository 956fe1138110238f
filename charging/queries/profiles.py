"""Charging profiles: what limits a station now and before, and the schedules that it told."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from accounts.access import Actor, allowed, system
from accounts.rights import Right
from charging.models import ChargingProfile, ChargingSession, ScheduleHabit
from charging.profiles import first_limit, read_instant
from charging.queries.latest import gives_power
from charging.values import ProfileId, ProfilePurpose, ProfileState, RateUnit, ScheduleStyle, SessionId
from kit import clock, db
from kit.use_case import query
from stations.models import Connector, Station, StationCommand
from stations.queries.settings import quirks_of_station
from stations.values import Action, CommandId, CommandState, StationId

LATEST, SCHEDULES = 20, 50
FRESH = timedelta(minutes=5)
SETTLED = timedelta(minutes=2)  # a car takes a while to follow
VOLTS, PHASES = 230, 3
TOLERANCE = Decimal("1.1")


@dataclass(frozen=True)
class ProfileRow:
    """A profile with its first limit, and whether more is drawn than it allows, as far as is measured."""

    profile: ChargingProfile
    limit: Decimal | None
    unit: str
    exceeded: bool


@dataclass(frozen=True)
class CompositeSchedule:
    """The limits that a station makes of its profiles, as it told them: seconds from `starts_at`, limits in `unit`."""

    connector_number: int
    asked_at: datetime
    starts_at: datetime | None
    duration_s: int
    unit: str
    points: tuple[tuple[int, Decimal], ...]

    @property
    def length(self) -> timedelta:
        """How long it reaches."""
        return timedelta(seconds=self.duration_s)


@query
def charging_profiles(
    actor: Actor, station_id: StationId, *, before: UUID | None = None, limit: int = LATEST
) -> list[ProfileRow]:
    """The newest profiles of a station; `before`: the last one of the page before. Raises NotFound, Forbidden."""
    allowed(actor, Right.VIEW_STATIONS, Station, station_id)
    newest = select(ChargingProfile).where(ChargingProfile.station_id == station_id)
    if before is not None:
        newest = newest.where(ChargingProfile.id < before)
    rows = db.session().scalars(newest.order_by(ChargingProfile.id.desc()).limit(limit)).all()
    return _rows(rows, station_id)


@query
def charging_profile(actor: Actor, profile_id: ProfileId) -> ProfileRow:
    """One profile. Raises NotFound, Forbidden."""
    profile = allowed(actor, Right.VIEW_STATIONS, ChargingProfile, profile_id)
    return _rows([profile], StationId(profile.station_id))[0]


@query
def composite_schedules(actor: Actor, station_id: StationId) -> list[CompositeSchedule]:
    """The newest schedule that a station told of each connector, by number. Raises NotFound, Forbidden."""
    allowed(actor, Right.VIEW_STATIONS, Station, station_id)
    told = select(StationCommand).where(
        StationCommand.station_id == station_id,
        StationCommand.action == Action.GET_COMPOSITE_SCHEDULE,
        StationCommand.state == CommandState.ACCEPTED,
    )
    newest: dict[int, CompositeSchedule] = {}
    for command in db.session().scalars(told.order_by(StationCommand.id.desc()).limit(SCHEDULES)):
        schedule = _schedule(command)
        if schedule is not None:
            newest.setdefault(schedule.connector_number, schedule)
    return [newest[number] for number in sorted(newest)]


@query
def schedule_style(actor: Actor, station_id: StationId) -> ScheduleStyle:
    """How limits are written for a station. Raises NotFound, Forbidden."""
    allowed(actor, Right.VIEW_STATIONS, Station, station_id)
    return style_of(station_id)


def style_of(station_id: UUID) -> ScheduleStyle:
    """How limits are written for a station: as its operator chose, else as its quirk profile has it."""
    habit = db.session().get(ScheduleHabit, station_id)
    return ScheduleStyle(quirks_of_station(station_id).schedule_style) if habit is None else habit.style


@query
def carried_profile(actor: Actor, command_id: CommandId) -> bool:
    """Whether a profile went out inside of this remote start."""
    system(actor)
    return isinstance(db.session().get_one(StationCommand, command_id).payload.get("chargingProfile"), dict)


@query
def has_session_profiles(actor: Actor, session_id: SessionId) -> bool:
    """Whether profiles for single sessions are installed at the station of this one."""
    system(actor)
    return bool(with_session_profiles(actor, [session_id]))


@query
def with_session_profiles(actor: Actor, session_ids: Collection[UUID]) -> set[UUID]:
    """Those of many sessions of which `has_session_profiles` is true."""
    system(actor)
    installed = (
        select(ChargingSession.id)
        .join(ChargingProfile, ChargingSession.station_id == ChargingProfile.station_id)
        .where(
            ChargingSession.id.in_(session_ids),
            ChargingProfile.purpose == ProfilePurpose.SESSION,
            ChargingProfile.state == ProfileState.INSTALLED,
        )
    )
    return set(db.session().scalars(installed))


def _rows(profiles: Sequence[ChargingProfile], station_id: StationId) -> list[ProfileRow]:
    now = clock.now()
    fresh = (
        select(Connector.number, func.coalesce(ChargingSession.last_power_w, 0))
        .join(ChargingSession, ChargingSession.connector_id == Connector.id)
        .where(Connector.station_id == station_id, Connector.number > 0)
        .where(gives_power(), ChargingSession.last_at > now - FRESH)
    )
    measured = dict(iter(db.session().execute(fresh)))
    return [_row(profile, measured, now) for profile in profiles]


def _row(profile: ChargingProfile, measured: dict[int, int], now: datetime) -> ProfileRow:
    found = first_limit(profile.payload.get("chargingSchedule"))
    if found is None:
        return ProfileRow(profile, None, "", exceeded=False)
    unit, limit = found
    number = profile.connector_number
    drawn = measured.get(number, 0) if number else sum(measured.values())
    allowed_w = limit * VOLTS * PHASES if unit == RateUnit.AMPERE.value else limit
    settled = profile.installed_at is not None and profile.installed_at <= now - SETTLED
    counts = profile.state is ProfileState.INSTALLED and settled and _applies(profile, now)
    return ProfileRow(profile, limit, unit, exceeded=counts and drawn > allowed_w * TOLERANCE)


def _applies(profile: ChargingProfile, now: datetime) -> bool:
    begin, end = read_instant(profile.payload.get("validFrom")), read_instant(profile.payload.get("validTo"))
    steady = len(profile.payload["chargingSchedule"].get("chargingSchedulePeriod", ())) == 1
    return steady and (begin is None or begin <= now) and (end is None or now < end)


def _schedule(command: StationCommand) -> CompositeSchedule | None:
    answer: dict[str, Any] = command.answer or {}
    schedule = answer.get("chargingSchedule")
    if first_limit(schedule) is None or not isinstance(schedule, dict):
        return None
    try:
        points = tuple(
            (int(period["startPeriod"]), Decimal(str(period["limit"]))) for period in schedule["chargingSchedulePeriod"]
        )
        number, duration = (
            int(command.payload["connectorId"]),
            int(schedule.get("duration") or command.payload["duration"]),
        )
    except (KeyError, TypeError, ValueError, ArithmeticError):
        return None  # a charger may answer what it likes
    starts_at = read_instant(answer.get("scheduleStart") or schedule.get("startSchedule"))
    return CompositeSchedule(
        number, command.requested_at, starts_at, duration, str(schedule["chargingRateUnit"]), points
    )
