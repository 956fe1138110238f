"""Accounts that are those of smart-me, too. Off unless the platform has set it up."""

from typing import Annotated, Self
from uuid import UUID

import strawberry

from accounts.values import AccountId
from graphql_api.accounts import AccountResult, Done, DoneResult, details_of
from graphql_api.context import Info
from graphql_api.errors import Problem, refusable
from kit.errors import NotFound
from smart_me import cloud, queries, use_cases
from smart_me.queries import LinkPage
from smart_me.values import LinkState
from stations.kinds import StationKind

strawberry.enum(LinkState, name="SmartMeState", description="How far an account and its namesake have come together.")


@strawberry.type(description="How an account stands with smart-me.")
class SmartMe:
    """The link and what follows from it."""

    account_id: UUID
    state: LinkState | None = strawberry.field(description="Null: the account has nothing to do with smart-me.")
    name: str | None = strawberry.field(description="How its owner signs in there.")
    zev: bool
    ocpp_station_ids: list[UUID]
    picos: int
    professional_licences: int = strawberry.field(description="One for each connector of an OCPP station.")
    must_separate: bool = strawberry.field(description="A ZEV is billed there, so OCPP stations have to leave.")

    @classmethod
    def of(cls, shown: LinkPage) -> Self:
        """As the room shows it."""
        link = shown.link
        return cls(
            account_id=shown.account.id,
            state=link.state if link else None,
            name=link.name if link else None,
            zev=link is not None and link.zev,
            ocpp_station_ids=[station.id for station in shown.ocpp],
            picos=shown.picos,
            professional_licences=shown.licences,
            must_separate=shown.must_separate,
        )


@strawberry.type(description="What adding a station would mean at smart-me. Nothing is added.")
class StationForecast:
    """Licences now and then, and why it would be refused."""

    linked: bool
    licences_now: int
    licences_then: int
    refusal: str | None


@strawberry.type(description="What came of a separation.")
class Separated:
    """The new account and what it has."""

    account_id: UUID
    account_name: str
    stations: int
    tags: int


SmartMeResult = Annotated[SmartMe | Problem, strawberry.union("SmartMeResult")]
SeparatedResult = Annotated[Separated | Problem, strawberry.union("SeparatedResult")]


@strawberry.type
class SmartMeQueries:
    """Reading."""

    @strawberry.field(description="How an account stands with smart-me.")
    def smart_me(self, info: Info, account_id: UUID) -> SmartMe:
        """The link."""
        return _shown(info, account_id)

    @strawberry.field(description="What it would mean at smart-me to add such a station.")
    def station_forecast(self, info: Info, account_id: UUID, kind: StationKind, connectors: int = 1) -> StationForecast:
        """Before anything is added."""
        _offered()
        told = queries.station_forecast(info.context.actor, AccountId(account_id), kind=kind, connectors=connectors)
        return StationForecast(
            linked=told.linked,
            licences_now=told.licences_now,
            licences_then=told.licences_then,
            refusal=told.refusal,
        )


@strawberry.type
class SmartMeMutations:
    """Changing."""

    @strawberry.mutation(description="Ask smart-me for an account of the same name.")
    @refusable
    def request_smart_me_account(self, info: Info, account_id: UUID) -> SmartMeResult:
        """Provisioning."""
        _offered()
        use_cases.want_account(info.context.actor, AccountId(account_id))
        return _shown(info, account_id)

    @strawberry.mutation(description="Say whether a ZEV is billed in this account at smart-me.")
    @refusable
    def set_zev(self, info: Info, account_id: UUID, zev: bool) -> SmartMeResult:
        """The flag."""
        _offered()
        use_cases.set_zev(info.context.actor, AccountId(account_id), zev=zev)
        return _shown(info, account_id)

    @strawberry.mutation(
        description="The way out where a station is refused with `ocpp_in_smart_me`: the account for OCPP stations "
        "beside this one, under the same master; made when it is first asked for. Put the station there."
    )
    @refusable
    def account_beside(self, info: Info, account_id: UUID) -> AccountResult:
        """An account of their own."""
        _offered()
        made = use_cases.account_beside(info.context.actor, AccountId(account_id))
        return details_of(made)

    @strawberry.mutation(description="Undo the link with smart-me; nothing changes there.")
    @refusable
    def unlink_smart_me(self, info: Info, account_id: UUID) -> DoneResult:
        """No link."""
        _offered()
        use_cases.unlink(info.context.actor, AccountId(account_id))
        return Done()

    @strawberry.mutation(
        description="Give the OCPP stations of an account one of their own under the same master. They stay connected."
    )
    @refusable
    def separate_ocpp_stations(self, info: Info, account_id: UUID, name: str = "") -> SeparatedResult:
        """The split."""
        _offered()
        made = use_cases.separate(info.context.actor, AccountId(account_id), name=name)
        return Separated(
            account_id=made.account.id, account_name=made.account.name, stations=made.stations, tags=made.tags
        )


def _shown(info: Info, account_id: UUID) -> SmartMe:
    _offered()
    return SmartMe.of(queries.link_page(info.context.actor, AccountId(account_id)))


def _offered() -> None:
    if not cloud.offered():
        raise NotFound()
