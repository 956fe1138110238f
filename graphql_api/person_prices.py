"""Prices of single people and of groups of tags."""

from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Annotated, Self
from uuid import UUID

import strawberry

from billing import queries, use_cases
from billing.queries import PersonPriceRow
from billing.use_cases import Whom
from billing.values import PersonPriceId, PriceWhere
from graphql_api.connections import Connection, newest_first
from graphql_api.context import Info
from graphql_api.errors import Problem, refusable
from graphql_api.narrowing import in_account, of_station
from graphql_api.tags import Removed, RemovedResult
from graphql_api.tariffs import TARIFF, Tariff

strawberry.enum(PriceWhere, name="PriceWhere")


@strawberry.type(
    description="Somebody's own price. It comes before that of a group of tags, and both before everybody's; of more "
    "the narrower place counts: connector, station, group of stations."
)
class PersonPrice:
    """A price of a person or group."""

    id: UUID
    account_id: UUID
    account_name: str
    name: str
    email: str = strawberry.field(description="Empty: known by the tag only.")
    id_tag: str
    tag_group: str = strawberry.field(description="All tags of this group, instead of a person.")
    connector_id: UUID | None
    connector_number: int | None
    station_id: UUID | None
    station_name: str
    group_id: UUID | None
    group_name: str
    tariff: Tariff
    created_at: datetime
    link_sent_at: datetime | None = strawberry.field(
        description="When the link by which the person is known was mailed for this price last."
    )

    @classmethod
    def of(cls, row: PersonPriceRow) -> Self:
        """The price as the schema shows it."""
        own = row.own
        return cls(
            id=own.id,
            account_id=own.account_id,
            account_name=row.account_name,
            name=own.name,
            email=own.email,
            id_tag=own.id_tag,
            tag_group=own.tag_group,
            connector_id=own.connector_id,
            connector_number=row.connector_number,
            station_id=own.station_id,
            station_name=row.station_name,
            group_id=own.group_id,
            group_name=row.group_name,
            tariff=TARIFF.whole().of(row.tariff),
            created_at=own.created_at,
            link_sent_at=own.link_wanted_at,
        )


@strawberry.input(description="A person by e-mail, tag or both; or all tags of a group.")
class PersonInput:
    """Whom a price is for."""

    name: str = ""
    email: str = ""
    id_tag: str = ""
    tag_group: str = ""


@strawberry.input(description="Gross: per kWh, per minute, once per session. All zero: free of charge.")
class PriceInput:
    """A price."""

    energy_price: Decimal
    time_price: Decimal = Decimal(0)
    session_fee: Decimal = Decimal(0)
    vat_percent: Decimal | None = None


PersonPriceResult = Annotated[PersonPrice | Problem, strawberry.union("PersonPriceResult")]


def _person_price(info: Info, person_price_id: UUID) -> PersonPrice:
    return PersonPrice.of(queries.person_price(info.context.actor, PersonPriceId(person_price_id)))


@strawberry.type
class PersonPriceQueries:
    """Reading prices of people."""

    @strawberry.field(description="Prices of people, the newest first. `text` is looked for in people and places.")
    def person_prices(
        self,
        info: Info,
        first: int = 25,
        after: str | None = None,
        account_id: UUID | None = None,
        station_id: UUID | None = None,
        text: str = "",
    ) -> Connection[PersonPrice]:
        """One page of the prices that the caller sees."""
        load = partial(
            queries.person_prices,
            info.context.actor,
            in_account(info, account_id),
            station_id=of_station(info, station_id),
            text=text,
        )
        return newest_first(info, (first, after), load, PersonPrice.of)

    @strawberry.field(description="One price of somebody.")
    def person_price(self, info: Info, id: UUID) -> PersonPrice:
        """One price."""
        return _person_price(info, id)


@strawberry.type
class PersonPriceMutations:
    """Changing prices of people."""

    @strawberry.mutation(
        description="Let somebody charge at a price of their own from now on. `tell`: mail them the link by which they "
        "are known; where the account mailed this address within the last five minutes, the letter is held back, and "
        "`linkSentAt` is null. Groups, of tags or of stations, need a licence."
    )
    @refusable
    def add_person_price(
        self,
        info: Info,
        where: PriceWhere,
        where_id: UUID,
        whom: PersonInput,
        price: PriceInput,
        tell: bool = False,
    ) -> PersonPriceResult:
        """One more price."""
        person = Whom(**vars(whom))
        added = use_cases.add_person_price(info.context.actor, where, where_id, person, tell=tell, **vars(price))
        return _person_price(info, added.id)

    @strawberry.mutation(description="Another price for the same person from now on; running sessions keep theirs.")
    @refusable
    def change_person_price(self, info: Info, id: UUID, price: PriceInput) -> PersonPriceResult:
        """Another price."""
        use_cases.change_person_price(info.context.actor, PersonPriceId(id), **vars(price))
        return _person_price(info, id)

    @strawberry.mutation(description="Take a price away: then that of a group counts, or everybody's, or none.")
    @refusable
    def remove_person_price(self, info: Info, id: UUID) -> RemovedResult:
        """A price less."""
        use_cases.remove_person_price(info.context.actor, PersonPriceId(id))
        return Removed(id=id)

    @strawberry.mutation(description="Mail the link again by which a person is known.")
    @refusable
    def send_price_link(self, info: Info, id: UUID) -> PersonPriceResult:
        """A mail."""
        use_cases.send_price_link(info.context.actor, PersonPriceId(id))
        return _person_price(info, id)
