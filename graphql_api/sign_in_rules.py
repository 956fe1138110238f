"""What an account demands of its people when they sign in. To be read by programs; people set it, in the portal."""

from datetime import datetime
from uuid import UUID

import strawberry

from accounts import queries
from accounts.values import AccountId
from graphql_api.context import Info


@strawberry.type(description="What an account demands of its people when they sign in.")
class SignInRules:
    """The rules of one account."""

    account_id: UUID
    second_factor_at: datetime | None = strawberry.field(
        description="From then on roles count only for whoever came with a second factor; null: it is not demanded."
    )
    without: list[str] = strawberry.field(description="Names or addresses of its people who have no second factor.")


@strawberry.type(description="The sign-in of a company, by OpenID Connect, for the people of an account.")
class CompanyLogin:
    """A provider without its secret."""

    id: UUID
    issuer: str
    client_id: str
    domains: list[str] = strawberry.field(description="Of the e-mail addresses that it is for.")
    only: bool = strawberry.field(description="These people reach the account no other way.")


@strawberry.type
class SignInRuleQueries:
    """Reading the rules."""

    @strawberry.field(description="What an account demands of its people when they sign in.")
    def sign_in_rules(self, info: Info, account_id: UUID) -> SignInRules:
        """The rules."""
        rules = queries.sign_in_rules(info.context.actor, AccountId(account_id))
        return SignInRules(account_id=account_id, second_factor_at=rules.second_factor_at, without=list(rules.without))

    @strawberry.field(description="Where people of an account sign in at their company; null: nowhere.")
    def company_login(self, info: Info, account_id: UUID) -> CompanyLogin | None:
        """The company's sign-in."""
        row = queries.company_login(info.context.actor, AccountId(account_id))
        if row is None:
            return None
        return CompanyLogin(
            id=row.id, issuer=row.issuer, client_id=row.client_id, domains=list(row.domains), only=row.only
        )
