"""The list of queries of a client: those it may send by their hash, and at wish the only ones that it may send."""

import hashlib

from sqlalchemy import func, select

from accounts import query_texts
from accounts.access import Actor, ActorKind, allowed, oneself
from accounts.errors import ListEmpty
from accounts.models import ApiClient, ClientQuery
from accounts.rights import Right
from accounts.use_cases.tokens import LONGEST_NAME
from accounts.values import ApiClientId, ClientQueryId
from kit import clock, db
from kit.errors import Forbidden, Invalid, NotFound
from kit.ids import new_id
from kit.use_case import use_case

MOST_QUERIES, LONGEST_QUERY = 500, 50_000


@use_case
def register_query(actor: Actor, client_id: ApiClientId, *, text: str, name: str = "") -> ClientQuery:
    """Put a query on the list of a client; the same text again gets the new name. The client may do so itself as long
    as it may send anything. Raises Invalid(text=, name=), Forbidden.
    """
    client, name = _client(actor, client_id), " ".join(name.split())
    if len(name) > LONGEST_NAME:
        raise Invalid(name="too_long")
    if not text.strip() or len(text) > LONGEST_QUERY:
        raise Invalid(text="too_long" if text.strip() else "required")
    if not query_texts.is_query(text):
        raise Invalid(text="no_query")
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    mine = select(ClientQuery).where(ClientQuery.client_id == client.id)
    row = db.session().scalar(mine.where(ClientQuery.sha256 == sha256))
    if row is None:
        if (db.session().scalar(select(func.count()).select_from(mine.subquery())) or 0) >= MOST_QUERIES:
            raise Invalid(text="too_many")
        facts = {"account_id": client.account_id, "client_id": client.id, "text": text, "sha256": sha256}
        row = ClientQuery(id=new_id(), name=name, added_by=actor.reference, added_at=clock.now(), **facts)
        db.session().add(row)
    row.name = name or row.name
    return row


@use_case
def remove_query(actor: Actor, query_id: ClientQueryId) -> None:
    """Take a query off the list of its client. Raises ListEmpty for the last one of a client that may send no other."""
    row = allowed(actor, Right.MANAGE_TOKENS, ClientQuery, query_id)
    client = db.session().get_one(ApiClient, row.client_id, with_for_update=True)
    db.session().delete(row)
    db.session().flush()
    if client.queries_only and not _any(client):
        raise ListEmpty()


@use_case
def restrict_client(actor: Actor, client_id: ApiClientId, *, queries_only: bool) -> ApiClient:
    """Let a client send what is on its list and nothing else, or anything again. Raises ListEmpty."""
    client = allowed(actor, Right.MANAGE_TOKENS, ApiClient, client_id, lock=True)
    if queries_only and not _any(client):
        raise ListEmpty()
    client.queries_only = queries_only
    return client


def _client(actor: Actor, client_id: ApiClientId) -> ApiClient:
    if actor.kind is not ActorKind.TOKEN or actor.id != client_id:
        client = allowed(actor, Right.MANAGE_TOKENS, ApiClient, client_id, lock=True)
    else:
        client = db.session().get_one(ApiClient, client_id, with_for_update=True)
        oneself(actor, ActorKind.TOKEN, client_id, client.account_id)
        if client.queries_only:
            raise Forbidden(Right.MANAGE_TOKENS.value)
    if client.revoked_at is not None:
        raise NotFound()
    return client


def _any(client: ApiClient) -> bool:
    return db.session().scalar(select(ClientQuery.id).where(ClientQuery.client_id == client.id).limit(1)) is not None
