"""One account per property: which accounts mix several, and the way out."""

from typing import Annotated, Self
from uuid import UUID

import strawberry

from accounts.values import AccountId
from billing.use_cases import split_account
from graphql_api.accounts import DoneResult, done
from graphql_api.context import Info
from graphql_api.errors import Problem, refusable
from graphql_api.narrowing import in_account
from stations import queries, use_cases
from stations.values import StationId


@strawberry.type(description="Stations that stand together: in one street of a town, or less than 300 m apart.")
class StationPlace:
    """A place."""

    name: str = strawberry.field(description="What to call an account of them.")
    address: str
    station_ids: list[UUID]


@strawberry.type(description="Where the stations of an account stand.")
class AccountPlaces:
    """An account's places."""

    account_id: UUID
    name: str
    places: list[StationPlace] = strawberry.field(description="The one with most stations first.")
    mixed: bool = strawberry.field(description="It looks like several properties in one account.")
    accepted: bool = strawberry.field(description="Somebody said that these places belong together.")

    @classmethod
    def of(cls, told: queries.AccountPlaces) -> Self:
        """As the room tells it."""
        places = [
            StationPlace(name=place.name, address=place.address, station_ids=[spot.station_id for spot in place.spots])
            for place in told.places
        ]
        return cls(account_id=told.account_id, name=told.name, places=places, mixed=told.mixed, accepted=told.accepted)


@strawberry.type(description="What came of stations moving out into an account of their own.")
class SplitAccount:
    """The new account and what it has."""

    account_id: UUID
    account_name: str
    stations: int
    tags: int


SplitResult = Annotated[SplitAccount | Problem, strawberry.union("SplitAccountResult")]


@strawberry.type
class PlaceQueries:
    """Reading."""

    @strawberry.field(description="Where the stations of one account stand.")
    def account_places(self, info: Info, account_id: UUID) -> AccountPlaces:
        """Its places."""
        return AccountPlaces.of(queries.account_places(info.context.actor, AccountId(account_id)))

    @strawberry.field(
        description="The account and those below it that mix properties, and nobody said that this is as it should be; "
        "at most twenty."
    )
    def mixed_accounts(self, info: Info, account_id: UUID) -> list[AccountPlaces]:
        """What the portal warns of."""
        below = in_account(info, account_id) or AccountId(account_id)
        return [AccountPlaces.of(one) for one in queries.mixed_accounts(info.context.actor, below)]


@strawberry.type
class PlaceMutations:
    """Changing."""

    @strawberry.mutation(
        description="Give stations of an account one of their own beside it: below the same master, or by itself where "
        "a person may add nothing there. They stay connected, with prices and numbers; tags count in both."
    )
    @refusable
    def split_account(self, info: Info, account_id: UUID, station_ids: list[UUID], name: str) -> SplitResult:
        """A new account."""
        stations = [StationId(one) for one in station_ids]
        made = split_account(info.context.actor, AccountId(account_id), station_ids=stations, name=name)
        return SplitAccount(
            account_id=made.account.id, account_name=made.account.name, stations=made.stations, tags=made.tags
        )

    @strawberry.mutation(description="Warn nobody that an account mixes properties, until there is yet another place.")
    @refusable
    def accept_mixed_account(self, info: Info, account_id: UUID) -> DoneResult:
        """They belong together."""
        use_cases.accept_mixture(info.context.actor, AccountId(account_id))
        return done()

    @strawberry.mutation(description="Warn again that an account mixes properties.")
    @refusable
    def warn_of_mixed_account(self, info: Info, account_id: UUID) -> DoneResult:
        """They may not."""
        use_cases.warn_of_mixture(info.context.actor, AccountId(account_id))
        return done()
