"""What stations have set, and what they should have: the same doors as in the portal."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Self
from uuid import UUID

import strawberry

from graphql_api.context import Info
from graphql_api.errors import Problem, refusable
from kit.masking import mask_text
from stations import queries, use_cases
from stations.values import ReadingProblem, ReadingState, StationId, WishState

if TYPE_CHECKING:
    from stations.models import StationAbility as AbilityFacts
    from stations.models import StationSetting as SettingFacts

strawberry.enum(ReadingState, name="SettingsReadingState")
strawberry.enum(ReadingProblem, name="SettingsReadingProblem")
strawberry.enum(WishState, name="SettingWishState")


@strawberry.type(description="One setting of a station.")
class StationSetting:
    """What it is, and what it should be."""

    key: str = strawberry.field(description="As the station writes it.")
    value: str | None = strawberry.field(description="The text as it came; null: it told none, or it is a secret.")
    read_only: bool
    unknown: bool = strawberry.field(description="The station says that it has no such setting.")
    read_at: datetime | None
    wished: str | None
    wish_state: WishState | None
    wished_by: str | None = strawberry.field(description="`platform`, or who wished it.")

    @classmethod
    def of(cls, row: "SettingFacts") -> Self:
        """The setting as the schema shows it."""
        return cls(
            key=row.key,
            value=row.value,
            read_only=row.read_only,
            unknown=row.unknown,
            read_at=row.read_at,
            wished=None if row.wished is None else mask_text(row.wished),
            wish_state=row.wish_state,
            wished_by=row.wished_by,
        )


@strawberry.type(description="A message that a station can or can't do, whatever its list of features says.")
class StationAbility:
    """What was found out by its answers."""

    name: str = strawberry.field(description="A message, or a message and what it asks for.")
    able: bool
    found_at: datetime

    @classmethod
    def of(cls, row: "AbilityFacts") -> Self:
        """The ability as the schema shows it."""
        return cls(name=row.name, able=row.able, found_at=row.found_at)


@strawberry.type(description="The settings of a station, and how their reading goes.")
class StationSettings:
    """All that is known."""

    station_id: UUID
    state: ReadingState | None = strawberry.field(description="Null: they were never read.")
    problem: ReadingProblem | None
    raw: str | None = strawberry.field(description="The answer as it came, where it was not in order.")
    keys_left: int = strawberry.field(description="Settings that are still to be asked for.")
    ended_at: datetime | None
    settings: list[StationSetting]
    abilities: list[StationAbility]


StationSettingsResult = Annotated[StationSettings | Problem, strawberry.union("StationSettingsResult")]


def _settings(info: Info, station_id: UUID, keys: Sequence[str] = ()) -> StationSettings:
    found = queries.station_settings(info.context.actor, StationId(station_id))
    wanted, reading = {key.strip().casefold() for key in keys}, found.reading
    return StationSettings(
        station_id=station_id,
        state=reading.state if reading else None,
        problem=reading.problem if reading else None,
        raw=reading.raw if reading else None,
        keys_left=len(reading.keys_left) if reading else 0,
        ended_at=reading.ended_at if reading else None,
        settings=[StationSetting.of(row) for row in found.settings if not wanted or row.folded_key in wanted],
        abilities=[StationAbility.of(row) for row in found.abilities],
    )


@strawberry.type
class SettingsQueries:
    """Reading what stations have set."""

    @strawberry.field(description="The settings of a station as they were last read; `keys`: only these.")
    def station_settings(self, info: Info, station_id: UUID, keys: list[str] | None = None) -> StationSettings:
        """One station."""
        return _settings(info, station_id, keys or ())


@strawberry.type
class SettingsMutations:
    """Asking stations for their settings, and wishing for others."""

    @strawberry.mutation(
        description="Ask a station for its settings, all or these; follow `stationSettings` until the end."
    )
    @refusable
    def read_settings(self, info: Info, station_id: UUID, keys: list[str] | None = None) -> StationSettingsResult:
        """A reading."""
        use_cases.read_settings(info.context.actor, StationId(station_id), keys=keys or ())
        return _settings(info, station_id, keys or ())

    @strawberry.mutation(
        description="Say what a setting should be: it is read, set where it differs, and watched from now on."
    )
    @refusable
    def wish_setting(self, info: Info, station_id: UUID, key: str, value: str) -> StationSettingsResult:
        """A wish."""
        use_cases.wish_setting(info.context.actor, StationId(station_id), key, value)
        return _settings(info, station_id, [key])

    @strawberry.mutation(description="A setting may be what it is; the station keeps what it has.")
    @refusable
    def forget_wish(self, info: Info, station_id: UUID, key: str) -> StationSettingsResult:
        """No wish."""
        use_cases.forget_wish(info.context.actor, StationId(station_id), key)
        return _settings(info, station_id, [key])

    @strawberry.mutation(description="Find out what a station can do by asking for what changes nothing.")
    @refusable
    def probe_station(self, info: Info, station_id: UUID) -> StationSettingsResult:
        """Some questions."""
        use_cases.probe_abilities(info.context.actor, StationId(station_id))
        return _settings(info, station_id)
