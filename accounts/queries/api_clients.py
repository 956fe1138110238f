"""Programs that sign in with an id and a secret."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from accounts import access
from accounts.access import Actor, allowed_in
from accounts.models import ApiClient, ApiClientSecret
from accounts.rights import Right
from accounts.values import AccountId
from kit import db
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
