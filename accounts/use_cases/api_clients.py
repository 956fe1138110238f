"""Programs that sign in with an id and a secret, and get keys for a quarter of an hour."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import delete, select, update

from accounts import access
from accounts.access import Actor, allowed
from accounts.bounds import must_hold_rights
from accounts.models import Account, ApiClient, ApiClientSecret, ApiToken
from accounts.rights import Right, Role
from accounts.secrets import fingerprint
from accounts.use_cases.tokens import PREFIX, key_name
from accounts.values import AccountId, ApiClientId
from kit import clock, db, notes
from kit.errors import Invalid, NotFound
from kit.ids import new_id, secret_text
from kit.use_case import use_case

SECRETS_AT_A_TIME = 2
KEY_LASTS = timedelta(minutes=15)


@dataclass(frozen=True)
class NewClientSecret:
    """A client and a secret of it that exists only here and is shown once."""

    client: ApiClient
    secret: str = field(repr=False)


@use_case
def create_api_client(actor: Actor, account_id: AccountId, *, name: str, rights: Collection[Right]) -> NewClientSecret:
    """Let a program sign in for this account with no more than these rights. Raises Invalid, MoreThanOneHolds."""
    allowed(actor, Right.MANAGE_TOKENS, Account, account_id)
    if not rights:
        raise Invalid(rights="required")
    must_hold_rights(actor, rights, account_id)
    client = ApiClient(
        id=new_id(),
        account_id=account_id,
        name=key_name(name),
        rights=sorted(right.value for right in rights),
        created_by=actor.reference,
        created_at=clock.now(),
    )
    db.session().add(client)
    db.session().flush()
    return NewClientSecret(client, _new_secret(client))


@use_case
def renew_client_secret(actor: Actor, client_id: ApiClientId) -> NewClientSecret:
    """Give a client a new secret beside its newest one; the one before that ends."""
    client = _mine(actor, client_id)
    for old in _secrets(client)[SECRETS_AT_A_TIME - 1 :]:
        old.ended_at = clock.now()
    return NewClientSecret(client, _new_secret(client))


@use_case
def end_old_client_secrets(actor: Actor, client_id: ApiClientId) -> None:
    """Let only the newest secret of a client work: the program has changed over."""
    for old in _secrets(_mine(actor, client_id))[1:]:
        old.ended_at = clock.now()


@use_case
def revoke_api_client(actor: Actor, client_id: ApiClientId) -> None:
    """End a client with its secrets and all its keys, at once; twice is harmless."""
    client = allowed(actor, Right.MANAGE_TOKENS, ApiClient, client_id)
    now = clock.now()
    client.revoked_at = client.revoked_at or now
    keys = update(ApiToken).where(ApiToken.client_id == client.id, ApiToken.revoked_at.is_(None))
    db.session().execute(keys.values(revoked_at=now))
    notes.tell("token", client.id)  # subscriptions look again, and end


@use_case
def issue_access_token(actor: Actor, client_id: ApiClientId, rights: Collection[Right]) -> str:
    """A key for a client that has proved itself, with these of its rights. The secret. Raises NotFound."""
    access.system(actor)
    client = db.session().get(ApiClient, client_id)
    if client is None or client.revoked_at is not None:
        raise NotFound()
    now, secret = clock.now(), PREFIX + secret_text(32)
    token = ApiToken(
        id=new_id(),
        account_id=client.account_id,
        name=client.name,
        role=Role.API_CLIENT,
        rights=sorted(right.value for right in rights if right.value in client.rights),
        secret_hash=fingerprint(secret),
        created_by=client.created_by,
        created_at=now,
        expires_at=now + KEY_LASTS,
        client_id=client.id,
    )
    db.session().add(token)
    return secret


@use_case
def revoke_access_token(actor: Actor, client_id: ApiClientId, secret: str) -> None:
    """End one key of a client before its time; an unknown one is harmless."""
    access.system(actor)
    mine = ApiToken.client_id == client_id, ApiToken.secret_hash == fingerprint(secret)
    db.session().execute(update(ApiToken).where(*mine).values(revoked_at=clock.now()))
    notes.tell("token", client_id)


@use_case
def forget_access_tokens(actor: Actor) -> None:
    """Forget the keys of clients whose time was over an hour ago."""
    access.system(actor)
    over = ApiToken.expires_at < clock.now() - timedelta(hours=1)
    db.session().execute(delete(ApiToken).where(ApiToken.client_id.is_not(None), over))


def _mine(actor: Actor, client_id: ApiClientId) -> ApiClient:
    client = allowed(actor, Right.MANAGE_TOKENS, ApiClient, client_id, lock=True)
    if client.revoked_at is not None:
        raise NotFound()
    return client


def _secrets(client: ApiClient) -> list[ApiClientSecret]:
    """Those that work, the newest first."""
    of_it = ApiClientSecret.client_id == client.id, ApiClientSecret.ended_at.is_(None)
    return list(db.session().scalars(select(ApiClientSecret).where(*of_it).order_by(ApiClientSecret.id.desc())))


def _new_secret(client: ApiClient) -> str:
    secret = f"cs_{secret_text(32)}"
    row = ApiClientSecret(id=new_id(), client_id=client.id, secret_hash=fingerprint(secret), created_at=clock.now())
    db.session().add(row)
    return secret
