"""Limits: charging profiles, and the schedules that stations make of them."""

from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Annotated, Self, cast
from uuid import UUID

import strawberry
from strawberry.scalars import JSON

from charging import queries, use_cases
from charging.queries import ProfileRow
from charging.values import (
    ProfileCheck,
    ProfileId,
    ProfilePurpose,
    ProfileState,
    RateUnit,
    ScheduleStyle,
)
from graphql_api.commands import CommandResult, command
from graphql_api.connections import Connection, newest_first
from graphql_api.context import Info
from graphql_api.errors import Problem, refusable
from graphql_api.profile_inputs import ChargingProfileInput
from stations.values import StationId

strawberry.enum(ProfileState, name="ProfileState")
strawberry.enum(ProfileCheck, name="ProfileCheck", description="What the station's own schedule says of a profile.")
strawberry.enum(ScheduleStyle, name="ScheduleStyle", description="How limits have to be written for a station.")


@strawberry.type(description="A charging profile that was sent. `limit` is that of its begin, in `unit`.")
class ChargingProfile:
    """A profile."""

    id: UUID
    station_id: UUID
    connector_number: int
    profile_number: int = strawberry.field(description="OCPP's chargingProfileId.")
    purpose: ProfilePurpose
    stack_level: int
    transaction_id: int | None
    state: ProfileState
    check: ProfileCheck
    reason: str = strawberry.field(description="The station's word for a refusal, or ours: offline, no_answer, error.")
    limit: Decimal | None
    unit: str
    exceeded: bool = strawberry.field(description="More is drawn than it allows, as far as is measured.")
    payload: JSON
    command_id: UUID
    created_at: datetime
    installed_at: datetime | None
    ended_at: datetime | None

    @classmethod
    def of(cls, row: ProfileRow) -> Self:
        """The profile as the schema shows it."""
        own = ("limit", "unit", "exceeded", "payload")
        facts = {name: getattr(row.profile, name) for name in cls.__annotations__ if name not in own}
        payload = cast(JSON, row.profile.payload)
        return cls(limit=row.limit, unit=row.unit, exceeded=row.exceeded, payload=payload, **facts)


@strawberry.type(description="A limit from so many seconds after the begin on.")
class SchedulePoint:
    """One step."""

    start_s: int
    limit: Decimal


@strawberry.type(description="The limits that a station makes of all its profiles, as it told them.")
class CompositeSchedule:
    """A schedule."""

    connector_number: int
    asked_at: datetime
    starts_at: datetime | None
    duration_s: int
    unit: str
    points: list[SchedulePoint]


@strawberry.type
class ScheduleHabits:
    """How a station wants its limits written."""

    station_id: UUID
    style: ScheduleStyle


ChargingProfileResult = Annotated[ChargingProfile | Problem, strawberry.union("ChargingProfileResult")]
ScheduleHabitsResult = Annotated[ScheduleHabits | Problem, strawberry.union("ScheduleHabitsResult")]


def _profile(info: Info, profile_id: UUID) -> ChargingProfile:
    return ChargingProfile.of(queries.charging_profile(info.context.actor, ProfileId(profile_id)))


@strawberry.type
class ProfileQueries:
    """Reading limits."""

    @strawberry.field(description="The charging profiles of a station, the newest first.")
    def charging_profiles_connection(
        self, info: Info, station_id: UUID, first: int = 20, after: str | None = None
    ) -> Connection[ChargingProfile]:
        """A page of them."""
        actor, station = info.context.actor, StationId(station_id)
        load = partial(queries.charging_profiles, actor, station)
        return newest_first(info, (first, after), load, ChargingProfile.of)

    @strawberry.field(
        description="The newest charging profiles of a station.",
        deprecation_reason="Use `chargingProfilesConnection`.",
    )
    def charging_profiles(self, info: Info, station_id: UUID) -> list[ChargingProfile]:
        """Profiles with what became of them."""
        return [ChargingProfile.of(row) for row in queries.charging_profiles(info.context.actor, StationId(station_id))]

    @strawberry.field(description="The newest schedule that a station told of each connector.")
    def composite_schedules(self, info: Info, station_id: UUID) -> list[CompositeSchedule]:
        """Schedules by connector."""
        return [
            CompositeSchedule(
                **vars(schedule) | {"points": [SchedulePoint(start_s=at, limit=limit) for at, limit in schedule.points]}
            )
            for schedule in queries.composite_schedules(info.context.actor, StationId(station_id))
        ]


@strawberry.type
class ProfileMutations:
    """Limiting."""

    @strawberry.mutation(
        description="Let a station (connector 0) or a connector draw at most so many A per phase or W. A station that "
        "refuses is asked in other words."
    )
    @refusable
    def limit_power(
        self,
        info: Info,
        station_id: UUID,
        connector_number: int,
        limit: Decimal,
        unit: RateUnit,
        begins_at: datetime | None = None,
        ends_at: datetime | None = None,
    ) -> ChargingProfileResult:
        """A limit."""
        made = use_cases.limit_power(
            info.context.actor,
            StationId(station_id),
            connector_number=connector_number,
            limit=limit,
            unit=unit,
            begins_at=begins_at,
            ends_at=ends_at,
        )
        return _profile(info, made.id)

    @strawberry.mutation(description="Send a charging profile as it is; its number is given by us.")
    @refusable
    def set_charging_profile(
        self, info: Info, station_id: UUID, connector_number: int, profile: ChargingProfileInput
    ) -> ChargingProfileResult:
        """A profile."""
        made = use_cases.set_charging_profile(
            info.context.actor, StationId(station_id), profile.told(), connector_number=connector_number
        )
        return _profile(info, made.id)

    @strawberry.mutation(description="Take profiles from a station: one by its number, all that fit, or all.")
    @refusable
    def clear_charging_profiles(
        self,
        info: Info,
        station_id: UUID,
        profile_number: int | None = None,
        connector_number: int | None = None,
        purpose: ProfilePurpose | None = None,
        stack_level: int | None = None,
    ) -> CommandResult:
        """A clearing."""
        sent = use_cases.clear_charging_profiles(
            info.context.actor,
            StationId(station_id),
            profile_number=profile_number,
            connector_number=connector_number,
            purpose=purpose,
            stack_level=stack_level,
        )
        return command(sent)

    @strawberry.mutation(description="Ask a station which limits result from all its profiles.")
    @refusable
    def ask_composite_schedule(
        self,
        info: Info,
        station_id: UUID,
        connector_number: int,
        duration_s: int = 86_400,
        unit: RateUnit | None = None,
    ) -> CommandResult:
        """A question; the answer is in `compositeSchedules`."""
        sent = use_cases.ask_composite_schedule(
            info.context.actor,
            StationId(station_id),
            connector_number=connector_number,
            duration_s=duration_s,
            unit=unit,
        )
        return command(sent)

    @strawberry.mutation(description="How limits have to be written for a station.")
    @refusable
    def set_schedule_style(self, info: Info, station_id: UUID, style: ScheduleStyle) -> ScheduleHabitsResult:
        """A habit."""
        use_cases.set_schedule_style(info.context.actor, StationId(station_id), style)
        return ScheduleHabits(station_id=station_id, style=style)
