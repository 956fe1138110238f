"""What connectors sell at."""

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import strawberry

from billing import use_cases
from graphql_api.context import Info
from graphql_api.errors import Problem, refusable
from graphql_api.pictures import Picture

if TYPE_CHECKING:
    pass


@strawberry.type(description="An immutable version of a price: gross, per kWh, per minute, once per session.")
class Tariff:
    """A price."""

    id: UUID
    currency: str
    energy_price: Decimal
    time_price: Decimal
    session_fee: Decimal
    vat_percent: Decimal | None
    created_at: datetime


TARIFF = Picture(Tariff)
TariffResult = Annotated[Tariff | Problem, strawberry.union("TariffResult")]


@strawberry.type
class TariffMutations:
    """Setting prices."""

    @strawberry.mutation(
        description="Let a connector sell at this price from now on; running sessions keep theirs. VAT is included."
    )
    @refusable
    def set_price(
        self,
        info: Info,
        connector_id: UUID,
        energy_price: Decimal,
        time_price: Decimal = Decimal(0),
        session_fee: Decimal = Decimal(0),
        vat_percent: Decimal | None = None,
    ) -> TariffResult:
        """A new price."""
        row = use_cases.set_price(
            info.context.actor,
            connector_id,
            energy_price=energy_price,
            time_price=time_price,
            session_fee=session_fee,
            vat_percent=vat_percent,
        )
        return TARIFF.whole().of(row)
