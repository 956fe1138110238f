"""All properties of a master side by side."""

from typing import Self
from uuid import UUID

import strawberry

from accounts.rights import Right
from accounts.values import AccountId, AccountKind
from billing import queries
from billing.queries import Figures, PropertyRow
from billing.values import Attention, PropertyPlace, PropertySort
from graphql_api.connections import Connection, connection, cursor, page_size, read_cursor
from graphql_api.context import Info
from graphql_api.overview import StateCount

strawberry.enum(Attention, name="Attention")
strawberry.enum(PropertySort, name="PropertySort")


@strawberry.type(description="Sales of this month with VAT, refunds taken off, and of last month until the same point.")
class PropertyIncome:
    """Sales in one currency."""

    currency: str
    gross_minor: int
    before_minor: int


@strawberry.type(description="Sessions of this month, and their energy, and of last month until the same point.")
class PropertySessions:
    """What was charged."""

    running: int
    sessions: int
    energy_wh: int
    energy_before_wh: int


@strawberry.type(description="What somebody should look at.")
class PropertyTasks:
    """Counts of the desk's kinds."""

    doubts: int
    orphan_stops: int
    waiting_stations: int


@strawberry.type(
    description="What is known of a property, or of several together. Null: none of it is open to the caller."
)
class PropertyFigures:
    """What the overview shows."""

    stations: int | None
    troubled_stations: int | None = strawberry.field(description="Faulted or out of service.")
    states: list[StateCount] | None
    sessions: PropertySessions | None
    income: list[PropertyIncome] | None
    tasks: PropertyTasks | None

    @classmethod
    def of(cls, told: Figures) -> Self:
        """What the caller may know of it."""
        stations = Right.VIEW_STATIONS in told.seen or told.stations > 0
        sessions = Right.VIEW_SESSIONS in told.seen or told.sessions > 0 or told.running > 0
        count = told.tasks.get
        return cls(
            stations=told.stations if stations else None,
            troubled_stations=told.troubled if stations else None,
            states=[StateCount(state=state, connectors=number) for state, number in told.states.items()]
            if stations
            else None,
            sessions=PropertySessions(
                running=told.running,
                sessions=told.sessions,
                energy_wh=told.energy_wh,
                energy_before_wh=told.energy_before_wh,
            )
            if sessions
            else None,
            income=[PropertyIncome(currency=currency, **vars(one)) for currency, one in sorted(told.incomes.items())]
            if Right.VIEW_INCOME in told.seen
            else None,
            tasks=PropertyTasks(
                doubts=count("doubts", 0), orphan_stops=count("ends", 0), waiting_stations=count("waiting", 0)
            )
            if stations
            else None,
        )


@strawberry.type(description="A property in the overview of its master.")
class Property:
    """An account below the one that was asked for."""

    id: UUID
    name: str
    kind: AccountKind
    city: str
    currency: str
    parent_id: UUID | None
    figures: PropertyFigures

    @classmethod
    def of(cls, row: PropertyRow) -> Self:
        """As the schema shows it."""
        facts = {name: getattr(row, name) for name in ("id", "name", "kind", "city", "currency", "parent_id")}
        return cls(**facts, figures=PropertyFigures.of(row.figures))


@strawberry.type
class PropertyQueries:
    """Reading the overview."""

    @strawberry.field(description="The properties below a master, of `ids` only these.")
    def properties(
        self,
        info: Info,
        account_id: UUID,
        first: int = 25,
        after: str | None = None,
        text: str = "",
        attention: Attention | None = None,
        ids: list[UUID] | None = None,
        sort: PropertySort = PropertySort.NAME,
    ) -> Connection[Property]:
        """One page of them."""
        size = page_size(info, first)
        rows = queries.properties(
            info.context.actor,
            AccountId(account_id),
            text=text,
            attention=attention,
            chosen=ids or (),
            sort=sort,
            after=read_cursor(after, PropertyPlace.parse),
            limit=size + 1,
        )
        shown = rows[:size]
        cursors = [cursor(str(row.place)) for row in shown]
        return connection([Property.of(row) for row in shown], cursors, more=len(rows) > size)

    @strawberry.field(description="The figures of all properties below a master together.")
    def property_totals(self, info: Info, account_id: UUID) -> PropertyFigures:
        """The sums."""
        return PropertyFigures.of(queries.property_totals(info.context.actor, AccountId(account_id)))
