"""Programs that sign in with an id and a secret (OAuth 2, client credentials)."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

import strawberry

from accounts import queries, use_cases
from accounts.values import AccountId, ApiClientId, ClientQueryId
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
    queries_only: bool = strawberry.field(description="It may send the queries on its list, and nothing else.")

    @classmethod
    def of(cls, row: queries.ClientRow) -> Self:
        """The client as the schema shows it."""
        same = ("id", "account_id", "name", "rights", "created_at", "last_used_at", "queries_only")
        return cls(secrets_made_at=list(row.secrets_made_at), **{name: getattr(row.client, name) for name in same})


@strawberry.type(description="A query on the list of a client, which may send `sha256` in place of the text.")
class ClientQuery:
    """A query."""

    id: UUID
    client_id: UUID
    name: str
    text: str
    sha256: str
    added_at: datetime

    @classmethod
    def of(cls, row: object) -> Self:
        """The query as the schema shows it."""
        return cls(**{name: getattr(row, name) for name in cls.__annotations__})


@strawberry.type(description="A client and its new secret. `secret` is shown this once.")
class NewClientSecret:
    """A secret."""

    client_id: UUID
    secret: str


ClientQueryResult = Annotated[ClientQuery | Problem, strawberry.union("ClientQueryResult")]
ApiClientResult = Annotated[ApiClient | Problem, strawberry.union("ApiClientResult")]
ClientSecretResult = Annotated[NewClientSecret | Problem, strawberry.union("NewClientSecretResult")]


@strawberry.type
class ApiClientQueries:
    """Reading clients."""

    @strawberry.field(description="The API clients of an account that work.")
    def api_clients(self, info: Info, account_id: UUID) -> list[ApiClient]:
        """All of them."""
        return [ApiClient.of(row) for row in queries.api_clients(info.context.actor, AccountId(account_id))]

    @strawberry.field(description="The queries on the list of a client, by name; at most 500.")
    def client_queries(self, info: Info, client_id: UUID) -> list[ClientQuery]:
        """The list."""
        return [ClientQuery.of(row) for row in queries.client_queries(info.context.actor, ApiClientId(client_id))]


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

    @strawberry.mutation(
        description="Put a query on the list of a client; the same text again changes its name. The client may do so "
        "itself with its key, as long as it may send anything."
    )
    @refusable
    def register_query(self, info: Info, client_id: UUID, text: str, name: str = "") -> ClientQueryResult:
        """Listed."""
        return ClientQuery.of(
            use_cases.register_query(info.context.actor, ApiClientId(client_id), text=text, name=name)
        )

    @strawberry.mutation(description="Take a query off the list of its client.")
    @refusable
    def remove_query(self, info: Info, id: UUID) -> DoneResult:
        """Not listed."""
        use_cases.remove_query(info.context.actor, ClientQueryId(id))
        return Done()

    @strawberry.mutation(
        description="Let a client send what is on its list and nothing else (`query_not_listed`), or anything again."
    )
    @refusable
    def restrict_client(self, info: Info, id: UUID, queries_only: bool) -> ApiClientResult:
        """Held to its list, or not."""
        use_cases.restrict_client(info.context.actor, ApiClientId(id), queries_only=queries_only)
        return ApiClient.of(queries.api_client(info.context.actor, ApiClientId(id)))
