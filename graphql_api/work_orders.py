"""Work orders: one message for many stations."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Self, cast
from uuid import UUID

import strawberry
from strawberry.scalars import JSON

from accounts.values import AccountId
from graphql_api.commands import seconds
from graphql_api.connections import Connection, newest_first
from graphql_api.context import Info
from graphql_api.errors import Problem, refusable
from graphql_api.narrowing import in_account
from kit.errors import Invalid
from kit.masking import mask
from stations import queries, use_cases
from stations.queries import WorkOrderRow
from stations.queries.work_orders import USUAL_PACE, USUAL_WAIT
from stations.values import Action, CommandState, Selection, StationId, WorkOrderId
from stations.wishes import USUAL_TRIES


@strawberry.type
class WorkOrderCount:
    """How many stations stand where."""

    state: CommandState
    count: int


@strawberry.type(
    description="One message for many stations, told one after another. Each station's answer, times and tries are its "
    "command: `commands(workOrderId:)`."
)
class WorkOrder:
    """A work order."""

    id: UUID
    account_id: UUID
    name: str
    action: Action
    payload: JSON = strawberry.field(description="As it goes on the wire; secrets are masked.")
    unchecked: bool
    selection: JSON = strawberry.field(description="The words that had to fit, or a mark of the named stations.")
    tries_allowed: int
    per_minute: int = strawberry.field(description="At most so many stations are told in a minute.")
    repeats_id: UUID | None = strawberry.field(description="The order that this one tries again.")
    requested_by: str
    requested_at: datetime
    expires_at: datetime
    stations: int
    counts: list[WorkOrderCount]
    final: bool = strawberry.field(description="No station is waited for any more.")

    @classmethod
    def of(cls, row: WorkOrderRow) -> Self:
        """The order as the schema shows it."""
        derived = ("payload", "selection", "stations", "counts", "final")
        facts: Mapping[str, Any] = {
            name: getattr(row.order, name) for name in cls.__annotations__ if name not in derived
        }
        return cls(
            **facts,
            payload=cast(JSON, mask(row.order.payload)),
            selection=cast(JSON, row.order.selection),
            stations=row.stations,
            counts=[WorkOrderCount(state=state, count=count) for state, count in row.counts.items()],
            final=row.over == row.stations,
        )


@strawberry.input(description="All stations that fit; `text` is looked for as in the list of stations.")
class FittingInput:
    """What stations have to be; empty: all."""

    text: str = ""
    vendor: str = ""
    model: str = ""
    firmware: str = ""


@strawberry.input(
    description="Either `stationIds`, or `fitting` for all of the account and those below it that fit. They wait "
    "`expiresInS` seconds for stations that are away (at most 30 days), counted from when the last one could have had "
    "its turn. The same `idempotencyKey` again is the order of the first time; with other content it is refused as "
    "`other_request`."
)
class WorkOrderInput:
    """A message, and for whom."""

    account_id: UUID
    action: Action
    payload: JSON
    station_ids: list[UUID] | None = None
    fitting: FittingInput | None = None
    name: str = ""
    expires_in_s: int = int(USUAL_WAIT.total_seconds())
    tries: int = USUAL_TRIES
    unchecked: bool = False
    per_minute: int = USUAL_PACE
    idempotency_key: str | None = None

    @property
    def selection(self) -> Selection:
        """Who is meant. Nobody says 'all' by leaving something out. Raises Invalid."""
        if (self.station_ids is None) is (self.fitting is None):
            raise Invalid(station_ids="required")
        if self.fitting is not None:
            return Selection(**vars(self.fitting))
        return Selection(tuple(StationId(one) for one in self.station_ids or ()))


WorkOrderResult = Annotated[WorkOrder | Problem, strawberry.union("WorkOrderResult")]


def _work_order(info: Info, work_order_id: UUID) -> WorkOrder:
    return WorkOrder.of(queries.work_order(info.context.actor, WorkOrderId(work_order_id)))


@strawberry.type
class WorkOrderQueries:
    """Reading work orders."""

    @strawberry.field(description="The newest work orders.")
    def work_orders(
        self, info: Info, first: int = 20, after: str | None = None, account_id: UUID | None = None
    ) -> Connection[WorkOrder]:
        """One page of the work orders that the caller sees."""
        load = partial(queries.work_orders, info.context.actor, in_account(info, account_id))
        return newest_first(info, (first, after), load, WorkOrder.of)

    @strawberry.field(description="One work order.")
    def work_order(self, info: Info, id: UUID) -> WorkOrder:
        """How far it is."""
        return _work_order(info, id)


@strawberry.type
class WorkOrderMutations:
    """Ordering, taking back, trying again."""

    @strawberry.mutation(
        description="Send one message to many stations (at most 5,000), so many in a minute. Starts and stops are "
        "for one station: `sendCommand`. A new password (`AuthorizationKey`) without a value is a random one "
        "of its own for each station. A station that is known not to do it has a failed command at once."
    )
    @refusable
    def order_work(self, info: Info, input: WorkOrderInput) -> WorkOrderResult:
        """A work order; ask for it again by `workOrder` until it is final."""
        if not isinstance(input.payload, dict):
            raise Invalid(payload="not_an_object")
        made = use_cases.order_work(
            info.context.actor,
            AccountId(input.account_id),
            input.selection,
            input.action,
            input.payload,
            name=input.name,
            expires_in=seconds(input.expires_in_s),
            tries=input.tries,
            unchecked=input.unchecked,
            per_minute=input.per_minute,
            request_key=input.idempotency_key,
        )
        return _work_order(info, made.id)

    @strawberry.mutation(description="Take back what was not sent yet.")
    @refusable
    def cancel_work_order(self, info: Info, id: UUID) -> WorkOrderResult:
        """Nothing waits any more."""
        use_cases.cancel_work_order(info.context.actor, WorkOrderId(id))
        return _work_order(info, id)

    @strawberry.mutation(
        description="Order the same again for the stations that refused, failed, were away too long or did not answer."
    )
    @refusable
    def repeat_work_order(self, info: Info, id: UUID, idempotency_key: str | None = None) -> WorkOrderResult:
        """A new work order."""
        made = use_cases.repeat_work_order(info.context.actor, WorkOrderId(id), request_key=idempotency_key)
        return _work_order(info, made.id)
