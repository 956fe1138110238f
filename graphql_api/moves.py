"""Stations that go from one account to another."""

from datetime import datetime
from uuid import UUID

import strawberry

from accounts.values import AccountId
from graphql_api.context import Info
from graphql_api.errors import refusable
from graphql_api.stations import StationResult, one_station
from stations import queries, use_cases
from stations.values import StationId


@strawberry.type(description="An account that a station left. What happened there until then stays there.")
class FormerPlace:
    """Where a station was."""

    account_id: UUID
    account_name: str
    left_at: datetime


@strawberry.type
class MoveQueries:
    """Reading where stations were."""

    @strawberry.field(description="The accounts that a station left, the last one first; those that the caller sees.")
    def former_places(self, info: Info, station_id: UUID) -> list[FormerPlace]:
        """Its past."""
        left = queries.former_places(info.context.actor, StationId(station_id))
        return [FormerPlace(account_id=one.account_id, account_name=one.name, left_at=one.left_at) for one in left]


@strawberry.type
class MoveMutations:
    """Moving stations."""

    @strawberry.mutation(
        description="Let a station belong to another account; needs the right to manage the account that it leaves, "
        "and stations in the other. Its charger stays connected; prices and labels stay. What happened before stays "
        "where it happened."
    )
    @refusable
    def move_station(self, info: Info, id: UUID, account_id: UUID) -> StationResult:
        """Another account."""
        use_cases.move_station(info.context.actor, StationId(id), AccountId(account_id))
        return one_station(info, StationId(id))
