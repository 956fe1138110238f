"""Local lists: the tags that a station knows by heart."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

import strawberry

from charging import queries, use_cases
from charging.queries import LocalListFacts
from graphql_api.commands import CommandResult, command
from graphql_api.context import Info
from graphql_api.errors import Problem, refusable
from stations.values import StationId


@strawberry.type(description="What a station knows by heart, and what its account's tags want it to know.")
class LocalList:
    """A local list."""

    station_id: UUID
    version: int | None = strawberry.field(description="Null: never asked; -1: it keeps no list; 0: empty.")
    known: int | None = strawberry.field(description="Tags on it; null: unknown.")
    tags: int = strawberry.field(description="Tags that belong on it.")
    due: int = strawberry.field(description="Tags still to be told, changed or taken off.")
    automatic: bool
    sending: bool
    problem: str = strawberry.field(
        description="The station's last no (NotSupported, Failed, VersionMismatch), or ours: offline, no_answer, error."
    )
    sent_at: datetime | None

    @classmethod
    def of(cls, facts: LocalListFacts) -> Self:
        """The list as the schema shows it."""
        return cls(**vars(facts))


LocalListResult = Annotated[LocalList | Problem, strawberry.union("LocalListResult")]


def _local_list(info: Info, station_id: UUID) -> LocalList:
    return LocalList.of(queries.local_list(info.context.actor, StationId(station_id)))


@strawberry.type
class LocalListQueries:
    """Reading local lists."""

    @strawberry.field(description="The local list of a station.")
    def local_list(self, info: Info, station_id: UUID) -> LocalList:
        """One list."""
        return _local_list(info, station_id)


@strawberry.type
class LocalListMutations:
    """Bringing local lists up to date."""

    @strawberry.mutation(description="Tell a station what differs from its account's tags, or the whole list.")
    @refusable
    def update_local_list(self, info: Info, station_id: UUID, full: bool = False) -> LocalListResult:
        """A sending; ask for `localList` until `sending` is false."""
        use_cases.update_local_list(info.context.actor, StationId(station_id), full=full)
        return _local_list(info, station_id)

    @strawberry.mutation(description="Ask a station which version of the list it has.")
    @refusable
    def ask_local_list_version(self, info: Info, station_id: UUID) -> CommandResult:
        """A question."""
        return command(use_cases.ask_local_list_version(info.context.actor, StationId(station_id)))

    @strawberry.mutation(description="Whether a station hears of changed tags without anybody asking.")
    @refusable
    def keep_local_list(self, info: Info, station_id: UUID, automatic: bool) -> LocalListResult:
        """A switch."""
        use_cases.keep_local_list(info.context.actor, StationId(station_id), automatic=automatic)
        return _local_list(info, station_id)
