"""Signing in at one's company: what is set up, and for whom."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from sqlalchemy import exists, select

from accounts import access, tree
from accounts.access import Actor, allowed_in
from accounts.models import AccountLineage, Grant, IdentityProvider, User
from accounts.rights import Right
from accounts.shares import live
from accounts.values import AccountId, ProviderId
from kit import db
from kit.errors import NotFound
from kit.use_case import query


@dataclass(frozen=True)
class CompanyLogin:
    """The sign-in of a company as those see it who look after the account; the secret stays where it is."""

    id: ProviderId
    issuer: str
    client_id: str
    domains: Sequence[str]
    only: bool


@dataclass(frozen=True)
class ProviderClient:
    """What is needed to speak to a provider."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)


@dataclass(frozen=True)
class ProviderChoice:
    """A company's sign-in as strangers see it: the host that they are sent to."""

    id: ProviderId
    host: str


@query
def company_login(actor: Actor, account_id: AccountId) -> CompanyLogin | None:
    """What is set up for an account; None: nothing."""
    allowed_in(actor, Right.MANAGE_PEOPLE, account_id)
    row = db.session().scalar(select(IdentityProvider).where(IdentityProvider.account_id == account_id))
    if row is None:
        return None
    return CompanyLogin(ProviderId(row.id), row.issuer, row.client_id, tuple(row.domains), row.only)


@query
def company_logins_for(actor: Actor, email: str) -> list[ProviderChoice]:
    """Where somebody with this address can sign in: the companies of accounts in which they have a role."""
    access.system(actor)
    email = email.strip().lower()
    here = exists().where(
        User.email == email,
        Grant.user_id == User.id,
        live(),
        AccountLineage.account_id == Grant.account_id,
        AccountLineage.ancestor_id == IdentityProvider.account_id,
        tree.below_trusting(),
    )
    rows = db.session().scalars(select(IdentityProvider).where(here).order_by(IdentityProvider.created_at))
    domain = email.rpartition("@")[2]
    return [ProviderChoice(ProviderId(row.id), _host(row)) for row in rows if domain in row.domains]


@query
def provider_client(actor: Actor, provider_id: ProviderId) -> ProviderClient:
    """Who we are at the provider of an account. Raises NotFound."""
    access.system(actor)
    row = db.session().get(IdentityProvider, provider_id)
    if row is None:
        raise NotFound()
    return ProviderClient(row.issuer, row.client_id, row.client_secret["secret"])


def _host(row: IdentityProvider) -> str:
    return urlsplit(row.issuer).hostname or row.issuer
