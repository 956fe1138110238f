"""What an account demands of its people when they sign in. Programs read it; people set it."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from accounts import queries, use_cases
from accounts.values import AccountId
from graphql_api.accounts import DoneResult, done
from graphql_api.context import Info
from graphql_api.errors import Problem, refusable


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


@strawberry.input(description="A provider of OpenID Connect.")
class CompanyLoginInput:
    """A provider."""

    issuer: str
    client_id: str
    client_secret: str = ""
    domains: list[str]
    only: bool = False


SignInRulesResult = Annotated[SignInRules | Problem, strawberry.union("SignInRulesResult")]
CompanyLoginResult = Annotated[CompanyLogin | Problem, strawberry.union("CompanyLoginResult")]


@strawberry.type
class SignInRuleQueries:
    """Reading the rules."""

    @strawberry.field(description="What an account demands of its people when they sign in.")
    def sign_in_rules(self, info: Info, account_id: UUID) -> SignInRules:
        """The rules."""
        return _rules(info, account_id)

    @strawberry.field(description="Where people of an account sign in at their company; null: nowhere.")
    def company_login(self, info: Info, account_id: UUID) -> CompanyLogin | None:
        """The company's sign-in."""
        row = queries.company_login(info.context.actor, AccountId(account_id))
        return None if row is None else _company_login(row)


@strawberry.type
class SignInRuleMutations:
    """Setting them: for people who have just proved who they are (`proveIdentity`)."""

    @strawberry.mutation(
        description="From then on, roles on an account and below count only for people who signed in with a second "
        "factor; null: it is not demanded any more. For a person checked within the last ten minutes."
    )
    @refusable
    def demand_second_factor(self, info: Info, account_id: UUID, at: datetime | None = None) -> SignInRulesResult:
        """Another rule."""
        use_cases.demand_second_factor(info.context.actor, AccountId(account_id), second_factor_at=at)
        return _rules(info, account_id)

    @strawberry.mutation(
        description="Let people of an account sign in at their company. Without `clientSecret` the present one stays; "
        "`only` is refused as `try_first` until the caller came in that way. For an owner checked within the last ten "
        "minutes."
    )
    @refusable
    def set_company_login(self, info: Info, account_id: UUID, company: CompanyLoginInput) -> CompanyLoginResult:
        """Another provider, or other facts of it."""
        use_cases.set_company_login(info.context.actor, AccountId(account_id), **vars(company))
        row = queries.company_login(info.context.actor, AccountId(account_id))
        assert row is not None, "it was just set"
        return _company_login(row)

    @strawberry.mutation(
        description="Let nobody in by the company any more; logins that came so end. For a person checked within the "
        "last ten minutes."
    )
    @refusable
    def remove_company_login(self, info: Info, account_id: UUID) -> DoneResult:
        """No provider."""
        use_cases.remove_company_login(info.context.actor, AccountId(account_id))
        return done()


def _rules(info: Info, account_id: UUID) -> SignInRules:
    rules = queries.sign_in_rules(info.context.actor, AccountId(account_id))
    return SignInRules(account_id=account_id, second_factor_at=rules.second_factor_at, without=list(rules.without))


def _company_login(row: queries.CompanyLogin) -> CompanyLogin:
    return CompanyLogin(id=row.id, issuer=row.issuer, client_id=row.client_id, domains=list(row.domains), only=row.only)
