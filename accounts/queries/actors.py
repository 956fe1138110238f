"""Who stands at the door."""

from uuid import UUID

from sqlalchemy import select

from accounts import access
from accounts.access import Actor, ActorKind
from accounts.models import ApiToken, Grant, User
from accounts.rights import Role
from accounts.secrets import fingerprint
from accounts.values import UserId
from kit import db
from kit.use_case import query


@query
def actor_of_user(actor: Actor, user_id: UserId, session_key: str) -> Actor | None:
    """A person whose password is still the one that belongs to this key, outside of any browser."""
    access.system(actor)
    valid = (User.id == user_id, User.session_key == session_key, User.confirmed_at.is_not(None))
    user = db.session().scalar(select(User).where(*valid))
    return Actor(ActorKind.USER, user.id, grants_of(user.id), user.staff) if user is not None else None


def grants_of(user_id: UUID) -> dict[UUID, frozenset[Role]]:
    """What a person holds now, as an actor carries it. One statement."""
    grants: dict[UUID, frozenset[Role]] = {}
    held = select(Grant.account_id, Grant.role).where(Grant.user_id == user_id)
    for account_id, role in db.session().execute(held):
        grants[account_id] = grants.get(account_id, frozenset()) | {role}
    return grants


@query
def actor_of_token(actor: Actor, secret: str) -> Actor | None:
    """The program behind an API token; None when there is no such token (any more). One statement.

    `id` is the token's, so audit lines name the token.
    """
    access.system(actor)
    hashed = fingerprint(secret)
    token = db.session().scalar(select(ApiToken).where(ApiToken.secret_hash == hashed, ApiToken.revoked_at.is_(None)))
    if token is None:
        return None
    return Actor(ActorKind.TOKEN, token.id, {token.account_id: frozenset({token.role})})


@query
def credentials_of(actor: Actor, email: str) -> User | None:
    """The login with this address, its hash included; for the check of a password only."""
    access.system(actor)
    return db.session().scalar(select(User).where(User.email == email.strip().lower()))
