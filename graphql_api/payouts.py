"""Where an account is paid by drivers, and what is reserved on their cards."""

from typing import Annotated
from uuid import UUID

import strawberry

from accounts.values import AccountId
from billing import onboarding, queries, use_cases
from graphql_api.context import Info
from graphql_api.errors import Problem, refusable


@strawberry.type(description="How an account is paid. `holdMinor` is reserved before a session, in minor units.")
class Payout:
    """The way of the money."""

    account_id: UUID
    provider: str | None
    charges_enabled: bool = strawberry.field(description="Whether the account itself may take payments.")
    can_be_paid: bool = strawberry.field(description="Whether it is paid, itself or through an account above it.")
    hold_minor: int


@strawberry.type(description="A page at the payment provider, to be opened soon by the person who signs up there.")
class ProviderPage:
    """Where to go on."""

    url: str


PayoutResult = Annotated[Payout | Problem, strawberry.union("PayoutResult")]
ProviderPageResult = Annotated[ProviderPage | Problem, strawberry.union("ProviderPageResult")]


def _payout(info: Info, account_id: AccountId) -> Payout:
    facts = queries.payout_facts(info.context.actor, account_id)
    return Payout(
        account_id=account_id,
        provider=facts.provider,
        charges_enabled=facts.charges_enabled,
        can_be_paid=facts.can_be_paid,
        hold_minor=facts.hold_minor,
    )


@strawberry.type
class PayoutQueries:
    """Reading how accounts are paid."""

    @strawberry.field(description="How an account is paid.")
    def payout(self, info: Info, account_id: UUID) -> Payout:
        """The way of the money of one account."""
        return _payout(info, AccountId(account_id))


@strawberry.type
class PayoutMutations:
    """Choosing how accounts are paid."""

    @strawberry.mutation(description="Choose what is reserved on a driver's card before a session, in minor units.")
    @refusable
    def set_hold(self, info: Info, account_id: UUID, hold_minor: int) -> PayoutResult:
        """Another hold."""
        use_cases.set_hold(info.context.actor, AccountId(account_id), hold_minor)
        return _payout(info, AccountId(account_id))

    @strawberry.mutation(description="Sign up at the payment provider, or go on there: answers with the page.")
    @refusable
    def connect_provider_account(self, info: Info, account_id: UUID) -> ProviderPageResult:
        """The provider's page; it brings the person back to the portal."""
        back = f"{info.context.settings.public_url}/accounts/{account_id}/payout/return"
        return ProviderPage(url=onboarding.start(info.context.actor, AccountId(account_id), back))
