"""The numbers of the dashboard: connectors by their states, energy and sales by days."""

from datetime import date
from uuid import UUID

import strawberry

from accounts.queries import account
from accounts.values import AccountId
from billing.queries import daily_income
from charging.queries import daily_energy
from graphql_api.context import Info, wants
from kit.errors import Invalid
from stations.queries import connector_states
from stations.values import ShownState

MOST_DAYS = 366


@strawberry.type(description="How many connectors are in this state.")
class StateCount:
    """A sum."""

    state: ShownState
    connectors: int


@strawberry.type(description="The sessions that began on a calendar day of the account, and their energy.")
class DayEnergy:
    """A day."""

    day: date
    sessions: int
    energy_wh: int


@strawberry.type(description="Sales of a calendar day with VAT, refunds taken off; days without any are left out.")
class DayIncome:
    """A day."""

    day: date
    currency: str
    gross_minor: int


@strawberry.type(description="The numbers of an account and those below it.")
class Overview:
    """What the dashboard shows."""

    states: list[StateCount]
    energy: list[DayEnergy]
    income: list[DayIncome]


@strawberry.type
class OverviewQueries:
    """Reading the dashboard."""

    @strawberry.field(description="Connectors by state now; energy and sales of the last `days`, today included.")
    def overview(self, info: Info, account_id: UUID, days: int = 30) -> Overview:
        """What is selected of it."""
        if not 1 <= days <= MOST_DAYS:
            raise Invalid(days="out_of_range")
        actor, here = info.context.actor, AccountId(account_id)
        zone = account(actor, here).time_zone
        states = connector_states(actor, here) if wants(info, "states") else {}
        energy = daily_energy(actor, here, zone=zone, days=days) if wants(info, "energy") else []
        income = daily_income(actor, here, zone=zone, days=days) if wants(info, "income") else []
        return Overview(
            states=[StateCount(state=state, connectors=count) for state, count in states.items()],
            energy=[DayEnergy(**vars(day)) for day in energy],
            income=[DayIncome(**vars(day)) for day in income],
        )
