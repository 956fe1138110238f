"""Programs that sign in with an id and a secret (OAuth 2, client credentials)."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from accounts import queries, use_cases
from accounts.values import AccountId, ApiClientId
from graphql_api.accounts import Done, DoneResult, rights_of
from graphql_api.context import Info
from graphql_api.errors import Problem, refusable


@strawberry.type(description="A program that gets its keys at `/oauth/token`, by its id and a secret.")
class ApiClient:
    """A client without its secrets."""

    id: UUID = strawberry.field(description="Its `client_id`.")
    account_id: UUID
    name: str
    rights: list[str] = strawberry.field(description="The most that its keys can hold; the scopes it can ask for.")
    created_at: datetime
    last_used_at: datetime | None
    secrets_made_at: list[datetime] = strawberry.field(description="Of each secret that works; two at the most.")


@strawberry.type(description="A client and its new secret. `secret` is shown this once.")
class NewClientSecret:
    """A secret."""

    client_id: UUID
    secret: str


ClientSecretResult = Annotated[NewClientSecret | Problem, strawberry.union("NewClientSecretResult")]


@strawberry.type
class ApiClientQueries:
    """Reading clients."""

    @strawberry.field(description="The API clients of an account that work.")
    def api_clients(self, info: Info, account_id: UUID) -> list[ApiClient]:
        """All of them."""
        same = ("id", "account_id", "name", "rights", "created_at", "last_used_at")
        return [
            ApiClient(secrets_made_at=list(row.secrets_made_at), **{name: getattr(row.client, name) for name in same})
            for row in queries.api_clients(info.context.actor, AccountId(account_id))
        ]


@strawberry.type
class ApiClientMutations:
    """Setting clients up."""

    @strawberry.mutation(description="Let a program sign in for an account with these rights (`noun:verb`).")
    @refusable
    def create_api_client(self, info: Info, account_id: UUID, name: str, rights: list[str]) -> ClientSecretResult:
        """A client."""
        made = use_cases.create_api_client(
            info.context.actor, AccountId(account_id), name=name, rights=rights_of(rights)
        )
        return NewClientSecret(client_id=made.client.id, secret=made.secret)

    @strawberry.mutation(description="Give a client a second secret; of two, the older one ends.")
    @refusable
    def renew_client_secret(self, info: Info, id: UUID) -> ClientSecretResult:
        """A secret."""
        made = use_cases.renew_client_secret(info.context.actor, ApiClientId(id))
        return NewClientSecret(client_id=made.client.id, secret=made.secret)

    @strawberry.mutation(description="Let only the newest secret of a client work.")
    @refusable
    def end_old_client_secrets(self, info: Info, id: UUID) -> DoneResult:
        """Changed over."""
        use_cases.end_old_client_secrets(info.context.actor, ApiClientId(id))
        return Done()

    @strawberry.mutation(description="End a client with all its keys, at once.")
    @refusable
    def revoke_api_client(self, info: Info, id: UUID) -> DoneResult:
        """No client."""
        use_cases.revoke_api_client(info.context.actor, ApiClientId(id))
        return Done()
