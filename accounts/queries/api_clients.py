"""Programs that sign in with an id and a secret."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from accounts import access
from accounts.access import Actor, allowed, allowed_in
from accounts.models import ApiClient, ApiClientSecret, ClientQuery
from accounts.rights import Right
from accounts.values import AccountId, ApiClientId
from kit import db
from kit.errors import NotFound
from kit.use_case import query


@dataclass(frozen=True)
class ClientRow:
    """A client, and since when each of its working secrets exists."""

    client: ApiClient
    secrets_made_at: tuple[datetime, ...]


@query
def api_clients(actor: Actor, account_id: AccountId) -> list[ClientRow]:
    """The clients of an account that work, newest first."""
    allowed_in(actor, Right.MANAGE_TOKENS, account_id)
    working = ApiClient.account_id == account_id, ApiClient.revoked_at.is_(None)
    clients = db.session().scalars(select(ApiClient).where(*working).order_by(ApiClient.id.desc())).all()
    made: dict[UUID, list[datetime]] = {client.id: [] for client in clients}
    for secret in _working_secrets(list(made)):
        made[secret.client_id].append(secret.created_at)
    return [ClientRow(client, tuple(made[client.id])) for client in clients]


@query
def api_client(actor: Actor, client_id: ApiClientId) -> ClientRow:
    """One client that works. Raises NotFound, Forbidden."""
    client = allowed(actor, Right.MANAGE_TOKENS, ApiClient, client_id)
    if client.revoked_at is not None:
        raise NotFound()
    return ClientRow(client, tuple(secret.created_at for secret in _working_secrets([client.id])))


@query
def client_queries(actor: Actor, client_id: ApiClientId) -> Sequence[ClientQuery]:
    """The queries on the list of a client, by name; there can be 500. Raises NotFound, Forbidden."""
    allowed(actor, Right.MANAGE_TOKENS, ApiClient, client_id)
    found = select(ClientQuery).where(ClientQuery.client_id == client_id)
    return db.session().scalars(found.order_by(func.lower(ClientQuery.name), ClientQuery.id)).all()


@query
def listed_query(actor: Actor, client_id: UUID, sha256: str) -> str | None:
    """The text of a query on the list of a client, by its hash; None: it is not there."""
    access.system(actor)
    named = ClientQuery.client_id == client_id, ClientQuery.sha256 == sha256
    return db.session().scalar(select(ClientQuery.text).where(*named))


@query
def client_secrets(actor: Actor, client_id: UUID) -> tuple[ApiClient, frozenset[str]] | None:
    """A client with the fingerprints of its secrets, for the check of one; None when it does not exist (any more)."""
    access.system(actor)
    client = db.session().get(ApiClient, client_id)
    if client is None or client.revoked_at is not None:
        return None
    return client, frozenset(secret.secret_hash for secret in _working_secrets([client_id]))


def _working_secrets(client_ids: Sequence[UUID]) -> Sequence[ApiClientSecret]:
    found = select(ApiClientSecret).where(ApiClientSecret.client_id.in_(client_ids), ApiClientSecret.ended_at.is_(None))
    return db.session().scalars(found.order_by(ApiClientSecret.id.desc())).all()
