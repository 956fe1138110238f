"""Keys for programs."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from accounts import access
from accounts.access import Actor, allowed
from accounts.bounds import must_hold_rights
from accounts.models import Account, ApiClient, ApiToken
from accounts.rights import ROLE_RIGHTS, Right, Role
from accounts.secrets import fingerprint
from accounts.values import AccountId, ApiTokenId
from kit import clock, db, notes
from kit.errors import Invalid
from kit.ids import new_id, secret_text
from kit.use_case import use_case

PREFIX = "cp_"
TOKEN_ROLES = (Role.API_CLIENT, Role.VIEWER)
LONGEST_NAME = 120
USE_NOTED_EVERY = timedelta(hours=1)


@dataclass(frozen=True)
class NewToken:
    """A token just made; `secret` exists only here and is shown once."""

    token: ApiToken
    secret: str = field(repr=False)


def key_name(text: str) -> str:
    """What a key or client is called. Raises Invalid(name=)."""
    name = " ".join(text.split())
    if not name or len(name) > LONGEST_NAME:
        raise Invalid(name="too_long" if name else "required")
    return name


@use_case
def create_api_token(
    actor: Actor,
    account_id: AccountId,
    *,
    name: str,
    role: Role = Role.API_CLIENT,
    rights: Collection[Right] | None = None,
    expires_at: datetime | None = None,
) -> NewToken:
    """Make a key for a program: for this account and those where it holds a role. `rights`: chosen ones instead of all
    those of the role. `expires_at`: it ends by itself. Raises Invalid, MoreThanOneHolds.
    """
    allowed(actor, Right.MANAGE_TOKENS, Account, account_id)
    if role not in TOKEN_ROLES:
        raise Invalid(role="unknown")
    if rights is not None and not rights:
        raise Invalid(rights="required")
    must_hold_rights(actor, ROLE_RIGHTS[role] if rights is None else rights, account_id)
    if expires_at is not None and expires_at <= clock.now():
        raise Invalid(expires_at="in_the_past")
    secret = PREFIX + secret_text(32)
    token = ApiToken(
        id=new_id(),
        account_id=account_id,
        name=key_name(name),
        role=role,
        rights=None if rights is None else sorted(right.value for right in rights),
        secret_hash=fingerprint(secret),
        created_by=actor.reference,
        created_at=clock.now(),
        expires_at=expires_at,
    )
    db.session().add(token)
    return NewToken(token, secret)


@use_case
def revoke_api_token(actor: Actor, token_id: ApiTokenId) -> None:
    """End a key at once; twice is harmless."""
    token = allowed(actor, Right.MANAGE_TOKENS, ApiToken, token_id)
    token.revoked_at = token.revoked_at or clock.now()
    notes.tell("token", token.id)  # subscriptions look again, and end


@use_case
def note_token_use(actor: Actor, token_id: ApiTokenId) -> None:
    """Remember that a key was used; at most once an hour, so that reading stays reading."""
    access.system(actor)
    token = db.session().get(ApiToken, token_id) or db.session().get(ApiClient, token_id)
    now = clock.now()
    if token is not None and (token.last_used_at is None or now - token.last_used_at > USE_NOTED_EVERY):
        token.last_used_at = now
