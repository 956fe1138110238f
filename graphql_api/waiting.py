"""Chargers that dialled an account's address by themselves, and what becomes of them."""

from datetime import datetime
from functools import partial
from typing import Annotated, Self
from uuid import UUID

import strawberry

from accounts.values import AccountId
from graphql_api.connections import Connection, newest_first
from graphql_api.context import Info
from graphql_api.errors import Problem, refusable
from graphql_api.narrowing import in_account
from graphql_api.stations import ConnectorInput, StationInput, StationResult, facts_of, one_station
from stations import queries, use_cases
from stations.queries import WaitingRow
from stations.values import ConnectorStatus, NewConnector, StationId, WaitingId, WaitingState

strawberry.enum(WaitingState, name="WaitingState")


@strawberry.type(description="A connector that a waiting charger told of.")
class WaitingConnector:
    """Its number and state."""

    number: int
    status: ConnectorStatus


@strawberry.type(description="A charger that nobody entered: it dialled the address of an account and waits.")
class WaitingStation:
    """A waiting or refused charger."""

    id: UUID = strawberry.field(description="Stays its id when it becomes a station.")
    account_id: UUID
    account_name: str
    identity: str
    state: WaitingState
    address: str = strawberry.field(description="What it dialled.")
    peer: str = strawberry.field(description="Where it came from.")
    vendor: str
    model: str
    firmware: str
    serial: str
    connectors: list[WaitingConnector]
    has_password: bool = strawberry.field(description="It brought a password, which it then has to bring as a station.")
    other_password_at: datetime | None = strawberry.field(
        description="When one came last that brought another password, or none; the first one counts."
    )
    held_messages: int = strawberry.field(description="What it said about sessions; stored when it is accepted.")
    readings_dropped: int = strawberry.field(description="Messages of readings that there was no room for.")
    first_seen_at: datetime
    last_seen_at: datetime
    connected: bool

    @classmethod
    def of(cls, row: WaitingRow) -> Self:
        """As the schema shows it."""
        waiting = row.waiting
        told = ("id", "account_id", "identity", "state", "address", "peer", "vendor", "model", "firmware", "serial")
        return cls(
            **{name: getattr(waiting, name) for name in told},
            account_name=row.account_name,
            connectors=[WaitingConnector(number=number, status=status) for number, status in row.connectors],
            has_password=bool(waiting.password_hash),
            other_password_at=waiting.other_password_at,
            held_messages=row.held,
            readings_dropped=row.waiting.readings_dropped,
            first_seen_at=waiting.first_seen_at,
            last_seen_at=waiting.last_seen_at,
            connected=waiting.connected_at is not None,
        )


WaitingResult = Annotated[WaitingStation | Problem, strawberry.union("WaitingStationResult")]


@strawberry.type
class WaitingQueries:
    """Reading who waits."""

    @strawberry.field(description="Who waits or was refused, those that came last first.")
    def waiting_stations_connection(
        self,
        info: Info,
        first: int = 20,
        after: str | None = None,
        account_id: UUID | None = None,
        state: WaitingState | None = None,
    ) -> Connection[WaitingStation]:
        """A page of them."""
        account = in_account(info, account_id)
        load = partial(queries.waiting_stations_before, info.context.actor, account, state=state)
        return newest_first(info, (first, after), load, WaitingStation.of)

    @strawberry.field(
        description="Who waits or was refused, the ones just seen first; at most 200.",
        deprecation_reason="Use `waitingStationsConnection`.",
    )
    def waiting_stations(
        self, info: Info, account_id: UUID | None = None, state: WaitingState | None = None
    ) -> list[WaitingStation]:
        """Waiting chargers of the accounts that the caller sees."""
        account = in_account(info, account_id)
        return [WaitingStation.of(row) for row in queries.waiting_stations(info.context.actor, account, state=state)]


@strawberry.type
class WaitingMutations:
    """Accepting and refusing."""

    @strawberry.mutation(
        description="Make a waiting charger a station. Without `connectors`: as many as it told of. It is asked to "
        "start anew, and then sent a password. `accountId`: a station of another account, such as the one that "
        "`accountBeside` makes; it goes on dialling the address that it knows."
    )
    @refusable
    def accept_station(
        self,
        info: Info,
        waiting_id: UUID,
        facts: StationInput,
        connectors: list[ConnectorInput] | None = None,
        account_id: UUID | None = None,
    ) -> StationResult:
        """A station."""
        actor = info.context.actor
        row = queries.waiting_station(actor, WaitingId(waiting_id))
        wanted = [NewConnector(**vars(one)) for one in connectors or []] or row.likely_connectors
        values = {"name": row.waiting.identity, **facts_of(facts)}
        place = None if account_id is None else AccountId(account_id)
        use_cases.accept_station(actor, row.waiting.id, connectors=wanted, account_id=place, **values)
        return one_station(info, StationId(waiting_id))

    @strawberry.mutation(description="Send a waiting charger away; it may be accepted after all.")
    @refusable
    def refuse_station(self, info: Info, waiting_id: UUID) -> WaitingResult:
        """A refusal."""
        use_cases.refuse_station(info.context.actor, WaitingId(waiting_id))
        return WaitingStation.of(queries.waiting_station(info.context.actor, WaitingId(waiting_id)))
