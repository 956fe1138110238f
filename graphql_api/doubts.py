"""What somebody should look at: doubtful messages, and ends without a session."""

from datetime import datetime
from functools import partial
from typing import Annotated, Self, cast
from uuid import UUID

import strawberry
from strawberry.scalars import JSON

from accounts.values import AccountId
from charging import queries, use_cases
from charging.queries import DoubtRow, OrphanRow
from charging.values import Doubt, DoubtId, OrphanId, OrphanState, SessionId
from graphql_api.connections import Connection, newest_first
from graphql_api.context import Info
from graphql_api.errors import Problem, refusable
from graphql_api.narrowing import in_account, of_station
from stations.values import ConnectorId

strawberry.enum(Doubt, name="DoubtKind", description="Why a stored fact should be looked at.")
strawberry.enum(OrphanState, name="OrphanState", description="What became of an end without a session.")


@strawberry.type(description="Something a charger sent that was stored, but should be looked at.")
class DoubtfulFact:
    """A doubt."""

    id: UUID
    account_id: UUID
    station_id: UUID
    station_name: str
    session_id: UUID | None
    at: datetime
    kind: Doubt
    action: str
    code: str = strawberry.field(description="What is the matter; empty in old ones, whose `detail` says it.")
    facts: JSON = strawberry.field(description="What belongs to the code; names end in their unit.")
    detail: str = strawberry.field(description="The text as it came.")
    looked_at: datetime | None

    @classmethod
    def of(cls, row: DoubtRow) -> Self:
        """The doubt as the schema shows it."""
        doubt = row.doubt
        return cls(
            id=doubt.id,
            account_id=doubt.account_id,
            station_id=doubt.station_id,
            station_name=row.station_name,
            session_id=doubt.session_id,
            at=doubt.at,
            kind=doubt.doubt,
            action=doubt.action,
            code=doubt.code,
            facts=cast(JSON, doubt.facts),
            detail=doubt.detail,
            looked_at=doubt.looked_at,
        )


@strawberry.type(description="An end whose session nobody knew, or that came after we had ended the session ourselves.")
class OrphanStop:
    """An end without a session."""

    id: UUID
    account_id: UUID
    station_id: UUID
    station_name: str
    session_id: UUID | None = strawberry.field(description="The session that only has this end.")
    meant_session_id: UUID | None = strawberry.field(description="The session we had ended, where it was named.")
    told: str = strawberry.field(description="The transaction as the charger named it.")
    id_tag: str
    meter_stop_wh: int | None
    ended_at: datetime
    arrived_at: datetime
    reason: str
    state: OrphanState
    attached_session_id: UUID | None
    resolved_at: datetime | None
    note: str

    @classmethod
    def of(cls, row: OrphanRow) -> Self:
        """The end as the schema shows it."""
        facts = {name: getattr(row.orphan, name) for name in cls.__annotations__ if name != "station_name"}
        return cls(station_name=row.station_name, **facts)


@strawberry.type(description="How many doubts were marked.")
class LookedAt:
    """A count."""

    count: int


OrphanResult = Annotated[OrphanStop | Problem, strawberry.union("OrphanStopResult")]
LookedAtResult = Annotated[LookedAt | Problem, strawberry.union("LookedAtResult")]


def _orphan(info: Info, orphan_id: UUID) -> OrphanStop:
    return OrphanStop.of(queries.orphan_page(info.context.actor, OrphanId(orphan_id)))


@strawberry.type
class DoubtQueries:
    """Reading doubts and ends without a session."""

    @strawberry.field(description="The newest doubts; `lookedAt` null: all of them.")
    def doubts(
        self,
        info: Info,
        first: int = 20,
        after: str | None = None,
        account_id: UUID | None = None,
        station_id: UUID | None = None,
        kind: Doubt | None = None,
        looked_at: bool | None = False,
    ) -> Connection[DoubtfulFact]:
        """One page of the doubts that the caller sees."""
        load = partial(
            queries.doubts,
            info.context.actor,
            account_id=in_account(info, account_id),
            station_id=of_station(info, station_id),
            doubt=kind,
            looked_at=looked_at,
        )
        return newest_first(info, (first, after), load, DoubtfulFact.of)

    @strawberry.field(description="The newest ends without a session; `state` null: all of them.")
    def orphan_stops(
        self,
        info: Info,
        first: int = 20,
        after: str | None = None,
        account_id: UUID | None = None,
        station_id: UUID | None = None,
        state: OrphanState | None = OrphanState.OPEN,
    ) -> Connection[OrphanStop]:
        """One page of the ends that the caller sees."""
        load = partial(
            queries.orphans,
            info.context.actor,
            account_id=in_account(info, account_id),
            station_id=of_station(info, station_id),
            state=state,
        )
        return newest_first(info, (first, after), load, OrphanStop.of)

    @strawberry.field(description="Ids of sessions that an end may belong to, the likeliest first.")
    def sessions_of_orphan_stop(self, info: Info, id: UUID) -> list[UUID]:
        """Candidates."""
        return [one.id for one in queries.orphan_page(info.context.actor, OrphanId(id)).candidates]


@strawberry.type
class DoubtMutations:
    """Looking at doubts and settling ends."""

    @strawberry.mutation(description="Mark these doubts as looked at; at most 100 at a time, all or none.")
    @refusable
    def mark_doubts_looked_at(self, info: Info, ids: list[UUID]) -> LookedAtResult:
        """A count of those that were new."""
        return LookedAt(count=use_cases.mark_doubts_looked_at(info.context.actor, [DoubtId(one) for one in ids]))

    @strawberry.mutation(description="Mark all doubts of an account and those below it as looked at.")
    @refusable
    def mark_all_doubts_looked_at(self, info: Info, account_id: UUID) -> LookedAtResult:
        """A count of those that were new."""
        return LookedAt(count=use_cases.mark_all_doubts_looked_at(info.context.actor, AccountId(account_id)))

    @strawberry.mutation(description="This is the true end of a session that we had ended with its last reading.")
    @refusable
    def attach_orphan_stop(self, info: Info, id: UUID, session_id: UUID) -> OrphanResult:
        """A settled end."""
        use_cases.attach_orphan(info.context.actor, OrphanId(id), SessionId(session_id))
        return _orphan(info, id)

    @strawberry.mutation(description="It was a session of its own, that began here. An empty tag leaves the told one.")
    @refusable
    def accept_orphan_stop(
        self,
        info: Info,
        id: UUID,
        connector_id: UUID,
        started_at: datetime,
        meter_start_wh: int,
        id_tag: str = "",
    ) -> OrphanResult:
        """A settled end."""
        use_cases.accept_orphan(
            info.context.actor,
            OrphanId(id),
            connector_id=ConnectorId(connector_id),
            started_at=started_at,
            meter_start_wh=meter_start_wh,
            id_tag=id_tag,
        )
        return _orphan(info, id)

    @strawberry.mutation(description="It stands for no session.")
    @refusable
    def dismiss_orphan_stop(self, info: Info, id: UUID, reason: str) -> OrphanResult:
        """A settled end."""
        use_cases.dismiss_orphan(info.context.actor, OrphanId(id), reason=reason)
        return _orphan(info, id)
