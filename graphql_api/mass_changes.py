"""One change for many connectors."""

from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Self
from uuid import UUID

import strawberry

from accounts.values import AccountId
from graphql_api.connections import Connection, connection, cursor, newest_first, page_size, read_cursor
from graphql_api.context import Info
from graphql_api.errors import Problem, refusable
from graphql_api.opening_hours import OpeningHours, OpeningHoursInput
from mass_changes import queries, use_cases
from mass_changes.queries import ChangedConnector, MassChangeRun, PreviewRow
from mass_changes.values import (
    PARTS,
    ROUNDINGS,
    ConnectorPlace,
    How,
    MassChangeId,
    RowState,
    Scope,
    Step,
    Subject,
    Wish,
)
from stations.opening_hours import OpeningHours as Hours

if TYPE_CHECKING:
    from collections.abc import Mapping

strawberry.enum(Subject, name="MassChangeSubject", description="What is changed.")
strawberry.enum(How, name="PriceStepKind", description="It becomes so much; changes by percent; or by an amount.")
strawberry.enum(
    RowState,
    name="MassChangeState",
    description="SAME: it was so already. STOPPED: it was stopped before. LEFT: not undone, `problem` says why.",
)


@strawberry.input(description="A percentage, or an amount in major units; both may be negative where it is a change.")
class PriceStepInput:
    """What happens to one part of a price."""

    kind: How
    value: Decimal


@strawberry.input(
    description="What is left out stays. Calculated prices are rounded to `roundTo`, ties away from zero."
)
class PriceChangeInput:
    """A change of prices."""

    energy_price: PriceStepInput | None = None
    time_price: PriceStepInput | None = None
    session_fee: PriceStepInput | None = None
    round_to: Decimal = ROUNDINGS[0]


@strawberry.input(description="Hours of the connectors themselves; null: those of their stations again.")
class HoursChangeInput:
    """A change of opening hours."""

    hours: OpeningHoursInput | None = None


@strawberry.input(description="The rate in percent; null: the standard rate of the seller's country.")
class VatChangeInput:
    """A change of the rate of VAT."""

    percent: Decimal | None = None


@strawberry.input(one_of=True, description="Exactly one of them.")
class MassChangeWishInput:
    """What is changed."""

    prices: strawberry.Maybe[PriceChangeInput]
    opening_hours: strawberry.Maybe[HoursChangeInput]
    vat: strawberry.Maybe[VatChangeInput]

    @property
    def wish(self) -> Wish:
        """As the doors take it. Raises Invalid."""
        if self.prices is not None:
            given = self.prices.value
            steps = {part: Step(step.kind, step.value) for part in PARTS if (step := getattr(given, part)) is not None}
            return Wish(Subject.PRICES, steps, given.round_to)
        if self.opening_hours is not None:
            hours = self.opening_hours.value.hours
            return Wish(Subject.OPENING_HOURS, hours=hours.hours if hours else None)
        assert self.vat is not None, "exactly one"
        return Wish(Subject.VAT, vat_percent=self.vat.value.percent)


@strawberry.input(
    description="Of `accountId` and all below it either `everything`, or what is named; an account means all below it. "
    "`text` narrows both: it stands in the name or place of the property or station."
)
class MassChangeScopeInput:
    """Which connectors."""

    everything: bool = False
    account_ids: list[UUID] = strawberry.field(default_factory=list)
    station_ids: list[UUID] = strawberry.field(default_factory=list)
    connector_ids: list[UUID] = strawberry.field(default_factory=list)
    text: str = ""

    @property
    def scope(self) -> Scope:
        """As the doors take it."""
        return Scope(
            self.everything, tuple(self.account_ids), tuple(self.station_ids), tuple(self.connector_ids), self.text
        )


@strawberry.type(description="A price, or hours, before or after; null where there is none.")
class MassChangeValue:
    """What stands, or would stand, at a connector. `hours` null: those of the station."""

    currency: str | None = None
    energy_price: Decimal | None = None
    time_price: Decimal | None = None
    session_fee: Decimal | None = None
    vat_percent: Decimal | None = None
    hours: OpeningHours | None = None

    @classmethod
    def of(cls, plain: "Mapping[str, Any] | None") -> Self | None:
        """As the schema shows it."""
        if plain is None:
            return None
        if "hours" in plain:
            return cls(hours=None if plain["hours"] is None else OpeningHours.of(Hours.from_plain(plain["hours"])))
        amounts: dict[str, Any] = {name: plain[name] and Decimal(plain[name]) for name in (*PARTS, "vat_percent")}
        return cls(currency=plain["currency"], **amounts)


@strawberry.type(description="`problem`: why nothing changes here; `field`: what it is about, for instance a right.")
class MassChangePreview:
    """A connector before and after."""

    connector_id: UUID
    account_id: UUID
    account_name: str
    station_id: UUID
    station_name: str
    number: int
    before: MassChangeValue | None
    after: MassChangeValue | None
    problem: str | None
    field: str | None
    charging: bool = strawberry.field(description="A session runs there; it keeps its price.")

    @classmethod
    def of(cls, row: PreviewRow) -> Self:
        """As the schema shows it."""
        return cls(
            connector_id=row.place.connector_id,
            account_id=row.account_id,
            account_name=row.place.account,
            station_id=row.station_id,
            station_name=row.place.station,
            number=row.place.number,
            before=MassChangeValue.of(row.before),
            after=MassChangeValue.of(row.after),
            problem=row.problem,
            field=row.field,
            charging=row.charging,
        )


@strawberry.type
class MassChangeCount:
    """How many connectors stand where."""

    state: RowState
    count: int


@strawberry.type(description="A change of many connectors; it goes on by itself until none of them waits.")
class MassChange:
    """A mass change."""

    id: UUID
    account_id: UUID
    subject: Subject
    requested_by: str
    requested_at: datetime
    undone_by: str | None
    undone_at: datetime | None
    at_work: bool
    connectors: int
    counts: list[MassChangeCount]

    @classmethod
    def of(cls, run: MassChangeRun) -> Self:
        """As the schema shows it."""
        counted = ("connectors", "counts")
        facts: dict[str, Any] = {
            name: getattr(run.change, name) for name in MassChange.__annotations__ if name not in counted
        }
        counts = [MassChangeCount(state=state, count=count) for state, count in run.counts.items()]
        return cls(**facts, connectors=run.connectors, counts=counts)


@strawberry.type
class MassChangeRow:
    """What became of one connector."""

    connector_id: UUID
    account_id: UUID
    account_name: str
    station_id: UUID
    station_name: str
    number: int
    state: RowState
    before: MassChangeValue | None
    after: MassChangeValue | None
    problem: str | None
    field: str | None
    done_at: datetime | None

    @classmethod
    def of(cls, changed: ChangedConnector) -> Self:
        """As the schema shows it."""
        row = changed.row
        return cls(
            connector_id=row.connector_id,
            account_id=row.account_id,
            account_name=changed.account_name,
            station_id=row.station_id,
            station_name=changed.station_name,
            number=changed.number,
            state=changed.state,
            before=MassChangeValue.of(row.before),
            after=MassChangeValue.of(row.after),
            problem=row.problem,
            field=row.field,
            done_at=row.done_at,
        )


MassChangeResult = Annotated[MassChange | Problem, strawberry.union("MassChangeResult")]


def _mass_change(info: Info, mass_change_id: UUID) -> MassChange:
    return MassChange.of(queries.mass_change(info.context.actor, MassChangeId(mass_change_id)))


@strawberry.type
class MassChangeQueries:
    """Reading mass changes."""

    @strawberry.field(description="What `startMassChange` would do now, connector by connector.")
    def mass_change_preview(
        self,
        info: Info,
        account_id: UUID,
        change: MassChangeWishInput,
        scope: MassChangeScopeInput,
        first: int = 25,
        after: str | None = None,
    ) -> Connection[MassChangePreview]:
        """One page of it."""
        size = page_size(info, first)
        shown = queries.preview_mass_change(
            info.context.actor,
            AccountId(account_id),
            change.wish,
            scope.scope,
            after=read_cursor(after, ConnectorPlace.parse),
            limit=size + 1,
        ).rows
        cursors = [cursor(str(row.place)) for row in shown[:size]]
        return connection([MassChangePreview.of(row) for row in shown[:size]], cursors, more=len(shown) > size)

    @strawberry.field(description="The newest mass changes of an account and those below it.")
    def mass_changes(
        self, info: Info, account_id: UUID, first: int = 25, after: str | None = None
    ) -> Connection[MassChange]:
        """One page of them."""
        load = partial(queries.mass_changes, info.context.actor, AccountId(account_id))
        return newest_first(info, (first, after), load, MassChange.of)

    @strawberry.field(description="One mass change, and how far it is.")
    def mass_change(self, info: Info, id: UUID) -> MassChange:
        """One of them."""
        return _mass_change(info, id)

    @strawberry.field(description="What became of each connector of a mass change.")
    def mass_change_rows(
        self,
        info: Info,
        mass_change_id: UUID,
        states: list[RowState] | None = None,
        first: int = 50,
        after: str | None = None,
    ) -> Connection[MassChangeRow]:
        """One page of them."""
        size = page_size(info, first)
        rows = queries.mass_change_rows(
            info.context.actor,
            MassChangeId(mass_change_id),
            states or (),
            after=read_cursor(after, UUID),
            limit=size + 1,
        )
        nodes = [MassChangeRow.of(row) for row in rows[:size]]
        return connection(nodes, [cursor(node.connector_id) for node in nodes], more=len(rows) > size)


@strawberry.type
class MassChangeMutations:
    """Asking for mass changes."""

    @strawberry.mutation(
        description="Change many connectors, in batches from now on, each with the rights that the caller has at that "
        "moment; what is impossible is refused row by row. The same `idempotencyKey` again is the change of the "
        "first time; with other content it is refused as `other_request`."
    )
    @refusable
    def start_mass_change(
        self,
        info: Info,
        account_id: UUID,
        change: MassChangeWishInput,
        scope: MassChangeScopeInput,
        idempotency_key: str | None = None,
    ) -> MassChangeResult:
        """A new change."""
        made = use_cases.start_mass_change(
            info.context.actor, AccountId(account_id), change.wish, scope.scope, request_key=idempotency_key
        )
        return _mass_change(info, made.id)

    @strawberry.mutation(description="Leave what waits as it is.")
    @refusable
    def stop_mass_change(self, info: Info, id: UUID) -> MassChangeResult:
        """Nothing waits any more."""
        use_cases.stop_mass_change(info.context.actor, MassChangeId(id))
        return _mass_change(info, id)

    @strawberry.mutation(description="Put everything back that nobody changed since; that is named and left.")
    @refusable
    def undo_mass_change(self, info: Info, id: UUID) -> MassChangeResult:
        """Back again."""
        use_cases.undo_mass_change(info.context.actor, MassChangeId(id))
        return _mass_change(info, id)
