"""Charging profiles: limits that are sent to stations. Only a station's yes makes one installed."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select

from accounts.access import SYSTEM, Actor, allowed, system
from accounts.rights import Right
from charging.counters import PROFILES, next_number
from charging.models import Authorisation, ChargingProfile, ChargingSession, ScheduleHabit
from charging.profiles import begun, first_limit, judge_profile, written_profile
from charging.queries.profiles import style_of
from charging.values import (
    NewProfile,
    ProfileCheck,
    ProfilePurpose,
    ProfileState,
    RateUnit,
    SchedulePeriod,
    ScheduleStyle,
    SessionId,
    SessionState,
)
from kit import clock, db
from kit.errors import Invalid
from kit.notes import tell
from kit.use_case import use_case
from stations.models import Connector, Station, StationCommand
from stations.queries import wants_quiet
from stations.use_cases import request_command
from stations.values import Action, CommandId, CommandState, StationId

CHECKED_OVER_S = 3_600
_REASONS = {CommandState.TIMED_OUT: "no_answer", CommandState.EXPIRED: "offline", CommandState.CANCELLED: "cancelled"}


@use_case
def limit_power(
    actor: Actor,
    station_id: StationId,
    *,
    connector_number: int,
    limit: Decimal,
    unit: RateUnit,
    begins_at: datetime | None = None,
    ends_at: datetime | None = None,
) -> ChargingProfile:
    """Let a station (connector 0) or one of its connectors draw at most so much, from now or `begins_at` on.

    A station that refuses is asked in other words: for every session, then for those that run. Raises Invalid(limit=,
    connector_number=, valid_to=, ...).
    """
    whole = connector_number == 0
    profile = NewProfile(
        ProfilePurpose.STATION if whole else ProfilePurpose.DEFAULT,
        unit,
        (SchedulePeriod(0, limit),),
        valid_from=begins_at,
        valid_to=ends_at,
    )
    then = (ProfilePurpose.DEFAULT, ProfilePurpose.SESSION) if whole else (ProfilePurpose.SESSION,)
    station = allowed(actor, Right.COMMAND_STATIONS, Station, station_id)
    return _send(station, profile, connector_number, actor.reference, then)


@use_case
def set_charging_profile(
    actor: Actor, station_id: StationId, profile: NewProfile, *, connector_number: int
) -> ChargingProfile:
    """Send a profile as it is; one for a session goes to the one that runs at the connector. Raises Invalid."""
    station = allowed(actor, Right.COMMAND_STATIONS, Station, station_id)
    return _send(station, profile, connector_number, actor.reference, None)


@use_case
def clear_charging_profiles(
    actor: Actor,
    station_id: StationId,
    *,
    profile_number: int | None = None,
    connector_number: int | None = None,
    purpose: ProfilePurpose | None = None,
    stack_level: int | None = None,
) -> StationCommand:
    """Take profiles from a station: one by its number, or all that fit; without anything all there are."""
    allowed(actor, Right.COMMAND_STATIONS, Station, station_id)
    wanted = {
        "id": profile_number,
        "connectorId": connector_number,
        "chargingProfilePurpose": None if purpose is None else purpose.value,
        "stackLevel": stack_level,
    }
    payload = {name: value for name, value in wanted.items() if value is not None}
    return _request(station_id, Action.CLEAR_CHARGING_PROFILE, payload, actor.reference)


@use_case
def ask_composite_schedule(
    actor: Actor,
    station_id: StationId,
    *,
    connector_number: int,
    duration_s: int = 86_400,
    unit: RateUnit | None = None,
) -> StationCommand:
    """Ask a station which limits result from all its profiles. Raises Invalid(duration_s=)."""
    allowed(actor, Right.COMMAND_STATIONS, Station, station_id)
    if not 0 < duration_s <= 7 * 86_400:
        raise Invalid(duration_s="out_of_range")
    payload: dict[str, Any] = {"connectorId": connector_number, "duration": duration_s}
    if unit is not None:
        payload["chargingRateUnit"] = unit.value
    return _request(station_id, Action.GET_COMPOSITE_SCHEDULE, payload, actor.reference)


@use_case
def set_schedule_style(actor: Actor, station_id: StationId, style: ScheduleStyle) -> None:
    """How limits have to be written for this station."""
    station = allowed(actor, Right.MANAGE_STATIONS, Station, station_id)
    habit = db.session().get(ScheduleHabit, station_id)
    if habit is None:
        db.session().add(ScheduleHabit(station_id=station_id, account_id=station.account_id, style=style))
    else:
        habit.style = style


@use_case
def settle_charging_profile(actor: Actor, command_id: CommandId) -> None:
    """A station answered to a profile, sent alone or inside of a remote start. Whoever refuses is asked in other words;
    whoever agrees to a limit of the simple kind is asked what it makes of it.
    """
    system(actor)
    command = _command(command_id)
    profile = _profile_of(command)
    if profile is None or profile.state not in (ProfileState.REQUESTED, ProfileState.REFUSED):
        return
    tell("station", command.station_id)
    if command.state is CommandState.ACCEPTED:
        _install(profile)
        if profile.check is ProfileCheck.WANTED and profile.check_command_id is None:
            _check(profile, command)
        return
    profile.state, profile.ended_at = ProfileState.REFUSED, clock.now()
    answer = str((command.answer or {}).get("status", ""))[:40]
    profile.reason = answer or _REASONS.get(command.state, "error")
    if command.state in (CommandState.REFUSED, CommandState.FAILED):
        _say_otherwise(profile, command.requested_by)


@use_case
def settle_profile_clearing(actor: Actor, command_id: CommandId) -> None:
    """A station cleared profiles, or knew none that fit: either way they are gone."""
    system(actor)
    command = _command(command_id)
    unknown = command.answered_status == "unknown"
    if command.state is not CommandState.ACCEPTED and not unknown:
        return
    for profile in db.session().scalars(_cleared_by(command)):
        profile.state, profile.ended_at = ProfileState.CLEARED, clock.now()
    tell("station", command.station_id)


@use_case
def settle_composite_schedule(actor: Actor, command_id: CommandId) -> None:
    """A station told its schedule; where it was asked for the sake of a profile, that one is confirmed or ignored."""
    system(actor)
    command = _command(command_id)
    checked = db.session().scalars(select(ChargingProfile).where(ChargingProfile.check_command_id == command.id))
    told = first_limit((command.answer or {}).get("chargingSchedule"))
    for profile in checked:
        wished = first_limit(profile.payload.get("chargingSchedule"))
        profile.check = ProfileCheck.UNCHECKED
        if told is not None and wished is not None and told[0] == wished[0]:
            profile.check = ProfileCheck.CONFIRMED if told[1] <= wished[1] else ProfileCheck.IGNORED
    tell("station", command.station_id)


@use_case
def end_session_profiles(actor: Actor, session_id: SessionId) -> int:
    """A session is over, and with it the profiles that were only for it."""
    system(actor)
    session = db.session().get_one(ChargingSession, session_id)
    started_by = select(Authorisation.command_id).where(Authorisation.id == session.authorisation_id)
    over = select(ChargingProfile).where(
        ChargingProfile.station_id == session.station_id,
        ChargingProfile.purpose == ProfilePurpose.SESSION,
        ChargingProfile.state == ProfileState.INSTALLED,
        or_(
            ChargingProfile.transaction_id == session.transaction_id,
            ChargingProfile.command_id.in_(started_by),
        ),
    )
    profiles = db.session().scalars(over).all()
    for profile in profiles:
        profile.state, profile.ended_at = ProfileState.ENDED, clock.now()
    return len(profiles)


def _send(
    station: Station,
    profile: NewProfile,
    connector_number: int,
    reference: str,
    then: tuple[ProfilePurpose, ...] | None,
) -> ChargingProfile:
    known = select(Connector.id).where(Connector.station_id == station.id, Connector.number == connector_number)
    if connector_number != 0 and db.session().scalar(known) is None:
        raise Invalid(connector_number="unknown")
    judge_profile(profile, station.id, connector_number)
    transaction_id = None
    if profile.purpose is ProfilePurpose.SESSION:
        running = _running(station.id, connector_number)
        if not running:
            raise Invalid(connector_number="no_session")
        transaction_id = running[0][1]
    settled = begun(profile, style_of(station.id))
    payload = written_profile(settled, next_number(PROFILES), transaction_id)
    fallbacks = None if then is None else [purpose.value for purpose in then]
    return _send_payload(StationId(station.id), connector_number, payload, reference, fallbacks)


def _send_payload(
    station_id: StationId, connector_number: int, payload: dict[str, Any], reference: str, then: list[str] | None
) -> ChargingProfile:
    message = {"connectorId": connector_number, "csChargingProfiles": payload}
    command = _request(station_id, Action.SET_CHARGING_PROFILE, message, reference)
    profile = profile_row(command, connector_number, payload, then)
    db.session().add(profile)
    db.session().flush()
    return profile


def profile_row(
    command: StationCommand, connector_number: int, payload: dict[str, Any], then: list[str] | None = None
) -> ChargingProfile:
    """The row of a profile that goes out with this command. For rooms, within their door.

    `then`: the purposes to try after a refusal, which also means that its effect is checked.
    """
    return ChargingProfile(
        account_id=command.account_id,
        station_id=command.station_id,
        connector_number=connector_number,
        profile_number=payload["chargingProfileId"],
        purpose=ProfilePurpose(payload["chargingProfilePurpose"]),
        stack_level=payload["stackLevel"],
        transaction_id=payload.get("transactionId"),
        payload=payload,
        state=ProfileState.REQUESTED,
        check=ProfileCheck.UNCHECKED if then is None else ProfileCheck.WANTED,
        reason="",
        fallbacks=then or [],
        command_id=CommandId(command.id),
        requested_by=command.requested_by,
        created_at=command.requested_at,
    )


def _profile_of(command: StationCommand) -> ChargingProfile | None:
    """The profile that this message carried; one that somebody wrote by hand gets its row now."""
    payload = command.payload.get("csChargingProfiles") or command.payload.get("chargingProfile")
    if not payload:
        return None
    known = select(ChargingProfile).where(
        ChargingProfile.station_id == command.station_id,
        ChargingProfile.profile_number == payload["chargingProfileId"],
    )
    found = db.session().scalars(known.with_for_update()).one_or_none()
    if found is not None and found.command_id == command.id:
        return found
    if found is not None and (found.command_id > command.id or command.state is not CommandState.ACCEPTED):
        return None
    fresh = profile_row(command, command.payload.get("connectorId", 0), payload)
    if found is not None:  # a station replaces a profile of the same number
        fresh.id = found.id
        fresh.check_command_id = None
        fresh = db.session().merge(fresh)
    db.session().add(fresh)
    db.session().flush()
    return fresh


def _install(profile: ChargingProfile) -> None:
    same_place = select(ChargingProfile).where(
        ChargingProfile.station_id == profile.station_id,
        ChargingProfile.connector_number == profile.connector_number,
        ChargingProfile.purpose == profile.purpose,
        ChargingProfile.stack_level == profile.stack_level,
        ChargingProfile.state == ProfileState.INSTALLED,
        ChargingProfile.id != profile.id,
    )
    for older in db.session().scalars(same_place):
        older.state, older.ended_at = ProfileState.REPLACED, clock.now()
    profile.state, profile.reason = ProfileState.INSTALLED, ""
    profile.installed_at, profile.ended_at = clock.now(), None


def _check(profile: ChargingProfile, command: StationCommand) -> None:
    """Some stations say yes and do nothing; what they make of all their profiles tells. Nobody asked, so a station that
    wants quiet is not asked either.
    """
    if wants_quiet(SYSTEM, StationId(profile.station_id)):
        profile.check = ProfileCheck.UNCHECKED
        return
    unit = profile.payload["chargingSchedule"]["chargingRateUnit"]
    payload = {"connectorId": profile.connector_number, "duration": CHECKED_OVER_S, "chargingRateUnit": unit}
    asked = _request(StationId(profile.station_id), Action.GET_COMPOSITE_SCHEDULE, payload, command.requested_by)
    profile.check_command_id = CommandId(asked.id)


def _say_otherwise(profile: ChargingProfile, reference: str) -> None:
    """The same limit with the next purpose; one for sessions goes to each that runs in its place."""
    if not profile.fallbacks:
        return
    purpose, *then = profile.fallbacks
    profile.fallbacks = []
    places: list[tuple[int, int | None]] = [(profile.connector_number, None)]
    if purpose == ProfilePurpose.SESSION.value:
        places = [
            (number, transaction) for number, transaction in _running(profile.station_id, profile.connector_number)
        ]
    for number, transaction_id in places:
        payload = profile.payload | {"chargingProfileId": next_number(PROFILES), "chargingProfilePurpose": purpose}
        if transaction_id is not None:
            payload["transactionId"] = transaction_id
        _send_payload(StationId(profile.station_id), number, payload, reference, then)


def _running(station_id: UUID, connector_number: int) -> list[tuple[int, int]]:
    """Connector numbers and transaction ids of the sessions that run there (0: at the whole station), newest first."""
    running = (
        select(Connector.number, ChargingSession.transaction_id)
        .join(Connector, Connector.id == ChargingSession.connector_id)
        .where(ChargingSession.station_id == station_id, ChargingSession.state == SessionState.ACTIVE)
    )
    if connector_number != 0:
        running = running.where(Connector.number == connector_number)
    rows = db.session().execute(running.order_by(ChargingSession.transaction_id.desc()))
    return [(number, transaction_id) for number, transaction_id in rows]


def _cleared_by(command: StationCommand) -> Any:
    """What was installed before the answer and fits."""
    payload = command.payload
    found = select(ChargingProfile).where(
        ChargingProfile.station_id == command.station_id,
        ChargingProfile.state == ProfileState.INSTALLED,
        ChargingProfile.installed_at <= (command.answered_at or command.requested_at),
    )
    for name, column in (
        ("id", ChargingProfile.profile_number),
        ("connectorId", ChargingProfile.connector_number),
        ("stackLevel", ChargingProfile.stack_level),
    ):
        if payload.get(name) is not None:
            found = found.where(column == payload[name])
    if payload.get("chargingProfilePurpose") is not None:
        found = found.where(ChargingProfile.purpose == ProfilePurpose(payload["chargingProfilePurpose"]))
    return found


def _request(station_id: StationId, action: Action, payload: dict[str, Any], reference: str) -> StationCommand:
    return request_command(SYSTEM, station_id, action, payload, requested_by=reference)


def _command(command_id: CommandId) -> StationCommand:
    return db.session().get_one(StationCommand, command_id)
