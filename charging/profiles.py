"""Charging profiles as OCPP 1.6 writes them: judged before they are sent, read again from what stations answer."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from charging.values import NewProfile, ProfileKind, ProfilePurpose, RateUnit, ScheduleStyle
from kit import clock
from kit.errors import Invalid
from stations.queries.settings import known_number, quirks_of_station

HEAD_START = timedelta(minutes=1)  # some stations take only schedules that have begun
HIGHEST = {RateUnit.AMPERE: Decimal(1_000), RateUnit.WATT: Decimal(2_000_000)}
ONE_DECIMAL = Decimal("0.1")


def judge_profile(profile: NewProfile, station_id: UUID, connector_number: int) -> None:
    """Raises Invalid with the field that can't be sent. Limits of the station hold where it has told them."""
    _judge_periods(profile, station_id)
    highest_level = known_number(station_id, "ChargeProfileMaxStackLevel")
    if highest_level is None and (assumed := quirks_of_station(station_id).max_stack_level) >= 0:
        highest_level = assumed
    if profile.stack_level < 0 or (highest_level is not None and profile.stack_level > highest_level):
        raise Invalid(stack_level="out_of_range")
    if profile.purpose is ProfilePurpose.STATION and connector_number != 0:
        raise Invalid(connector_number="station_only")
    if profile.purpose is ProfilePurpose.SESSION and connector_number == 0:
        raise Invalid(connector_number="connector_only")
    if (profile.kind is ProfileKind.RECURRING) != (profile.recurrency is not None):
        raise Invalid(recurrency="required" if profile.recurrency is None else "unknown")
    instants = {name: getattr(profile, name) for name in ("starts_at", "valid_from", "valid_to")}
    for name, instant in instants.items():
        if instant is not None and instant.tzinfo is None:
            raise Invalid(**{name: "without_zone"})
    if profile.duration_s is not None and profile.duration_s <= 0:
        raise Invalid(duration_s="out_of_range")
    if profile.valid_to is not None and profile.valid_to <= max(clock.now(), profile.valid_from or clock.now()):
        raise Invalid(valid_to="in_the_past")


def _judge_periods(profile: NewProfile, station_id: UUID) -> None:
    periods = profile.periods
    most = known_number(station_id, "ChargingScheduleMaxPeriods")
    if not periods or (most is not None and len(periods) > most):
        raise Invalid(periods="too_many" if periods else "required")
    starts = [period.start_s for period in periods]
    if starts[0] != 0 or starts != sorted(set(starts)):
        raise Invalid(periods="not_in_order")
    for period in periods:
        if not 0 <= period.limit <= HIGHEST[profile.unit]:
            raise Invalid(limit="out_of_range")
        if period.limit != period.limit.quantize(ONE_DECIMAL):
            raise Invalid(limit="too_precise")
        if period.phases is not None and not 1 <= period.phases <= 3:
            raise Invalid(phases="out_of_range")


def begun(profile: NewProfile, style: ScheduleStyle) -> NewProfile:
    """The profile with a begin, where it names none: as this station likes it."""
    if profile.kind is ProfileKind.RELATIVE or profile.starts_at is not None:
        return profile
    if style is ScheduleStyle.RELATIVE and profile.kind is ProfileKind.ABSOLUTE:
        return replace(profile, kind=ProfileKind.RELATIVE)
    now = clock.now()
    if style is ScheduleStyle.ABSOLUTE:
        return replace(profile, starts_at=profile.valid_from or now)
    return replace(profile, starts_at=now - HEAD_START)


def written_profile(profile: NewProfile, number: int, transaction_id: int | None = None) -> dict[str, Any]:
    """csChargingProfiles."""
    schedule: dict[str, Any] = {
        "chargingRateUnit": profile.unit.value,
        "chargingSchedulePeriod": [
            {"startPeriod": period.start_s, "limit": _number(period.limit)}
            | ({} if period.phases is None else {"numberPhases": period.phases})
            for period in profile.periods
        ],
    }
    if profile.starts_at is not None:
        schedule["startSchedule"] = clock.text(profile.starts_at)
    if profile.duration_s is not None:
        schedule["duration"] = profile.duration_s
    told: dict[str, Any] = {
        "chargingProfileId": number,
        "stackLevel": profile.stack_level,
        "chargingProfilePurpose": profile.purpose.value,
        "chargingProfileKind": profile.kind.value,
        "chargingSchedule": schedule,
    }
    if transaction_id is not None:
        told["transactionId"] = transaction_id
    if profile.recurrency is not None:
        told["recurrencyKind"] = profile.recurrency.value
    for name, instant in (("validFrom", profile.valid_from), ("validTo", profile.valid_to)):
        if instant is not None:
            told[name] = clock.text(instant)
    return told


def first_limit(schedule: dict[str, Any] | None) -> tuple[str, Decimal] | None:
    """Unit and limit of a schedule's begin; None where nothing can be read of it."""
    try:
        assert schedule is not None
        return str(schedule["chargingRateUnit"]), Decimal(str(schedule["chargingSchedulePeriod"][0]["limit"]))
    except (AssertionError, KeyError, IndexError, TypeError, ArithmeticError):
        return None


def read_instant(text: object) -> datetime | None:
    """An instant of a station's answer; None where it can't be read or has no zone."""
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found if found.tzinfo else None


def _number(limit: Decimal) -> int | float:
    """A number as JSON has it: whole where it is, else with one decimal."""
    return int(limit) if limit == limit.to_integral_value() else float(limit)
