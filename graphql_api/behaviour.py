"""How stations behave, where they differ from the standard."""

from dataclasses import asdict
from typing import Annotated, Self, cast
from uuid import UUID

import strawberry
from strawberry.scalars import JSON

from graphql_api.context import Info
from graphql_api.errors import Problem, refusable
from kit.errors import Invalid
from stations import queries, use_cases
from stations.quirks import AppliedProfile, profile_of
from stations.values import StationId


@strawberry.type(description="How a station behaves: what its quirk profile says, changed by its operator's settings.")
class StationBehaviour:
    """The profile, the overrides, and what they come to."""

    station_id: UUID
    profile: str | None = strawberry.field(description="Null: it is known for nothing special.")
    maker: str | None
    because: JSON = strawberry.field(description="What the profile is chosen by: patterns of vendor, model, firmware.")
    overrides: JSON
    settings: JSON = strawberry.field(description="Every setting as it applies.")

    @classmethod
    def of(cls, station_id: UUID, applied: AppliedProfile) -> Self:
        """The behaviour as the schema shows it."""
        profile = applied.profile
        chosen = {} if profile is None else {name: getattr(profile, name) for name in ("vendor", "model", "firmware")}
        return cls(
            station_id=station_id,
            profile=profile.name if profile else None,
            maker=profile.maker if profile else None,
            because=cast(JSON, {name: value for name, value in chosen.items() if value}),
            overrides=cast(JSON, dict(applied.overrides)),
            settings=cast(JSON, asdict(applied.quirks)),
        )


StationBehaviourResult = Annotated[StationBehaviour | Problem, strawberry.union("StationBehaviourResult")]


@strawberry.type
class BehaviourQueries:
    """Reading how stations behave."""

    @strawberry.field(description="How a station behaves, and why we think so.")
    def station_behaviour(self, info: Info, station_id: UUID) -> StationBehaviour:
        """One station."""
        shown = queries.station_page(info.context.actor, StationId(station_id))
        return StationBehaviour.of(station_id, profile_of(shown.station))


@strawberry.type
class BehaviourMutations:
    """Setting how stations behave."""

    @strawberry.mutation(
        description="Set how a station behaves, by the names of `settings`. What is left out is the profile's again."
    )
    @refusable
    def set_station_behaviour(self, info: Info, station_id: UUID, settings: JSON) -> StationBehaviourResult:
        """New overrides."""
        if not isinstance(settings, dict):
            raise Invalid(settings="invalid")
        station = use_cases.set_quirks(info.context.actor, StationId(station_id), settings)
        return StationBehaviour.of(station_id, profile_of(station))
