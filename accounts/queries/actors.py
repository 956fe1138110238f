"""Who stands at the door."""

import hashlib
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from accounts import access
from accounts.access import Actor, ActorKind
from accounts.models import ApiToken, Grant, User
from accounts.rights import Role
from accounts.values import UserId
from kit import db
from kit.use_case import query


@dataclass(frozen=True)
class SignedIn:
    """A person with a valid login, and what they may do."""

    actor: Actor
    user_id: UserId
    email: str
    name: str
    language: str
    session_key: str
    staff: bool

    @property
    def shown_name(self) -> str:
        """The name, or the e-mail where there is none."""
        return self.name or self.email


@query
def signed_in(actor: Actor, user_id: UserId, session_key: str) -> SignedIn | None:
    """The person behind a login cookie; None when the login ended. One statement."""
    access.system(actor)
    rows = (
        db.session()
        .execute(
            select(User, Grant.account_id, Grant.role)
            .outerjoin(Grant, Grant.user_id == User.id)
            .where(User.id == user_id, User.session_key == session_key, User.confirmed_at.is_not(None))
        )
        .all()
    )
    if not rows:
        return None
    user: User = rows[0][0]
    grants: dict[UUID, frozenset[Role]] = {}
    for _, account_id, role in rows:
        if account_id is not None:
            grants[account_id] = grants.get(account_id, frozenset()) | {role}
    return SignedIn(
        actor=Actor(ActorKind.USER, user.id, grants, user.staff),
        user_id=UserId(user.id),
        email=user.email,
        name=user.name,
        language=user.language,
        session_key=user.session_key,
        staff=user.staff,
    )


@query
def actor_of_user(actor: Actor, user_id: UserId, session_key: str) -> Actor | None:
    """The same, where only the actor matters."""
    access.system(actor)
    found = signed_in(actor, user_id, session_key)
    return found.actor if found else None


@query
def actor_of_token(actor: Actor, secret: str) -> Actor | None:
    """The program behind an API token; None when there is no such token (any more). One statement.

    `id` is the token's, so audit lines name the token.
    """
    access.system(actor)
    hashed = hashlib.sha256(secret.encode()).hexdigest()
    token = db.session().scalar(select(ApiToken).where(ApiToken.secret_hash == hashed, ApiToken.revoked_at.is_(None)))
    if token is None:
        return None
    return Actor(ActorKind.TOKEN, token.id, {token.account_id: frozenset({token.role})})


@query
def credentials_of(actor: Actor, email: str) -> User | None:
    """The login with this address, its hash included; for the check of a password only."""
    access.system(actor)
    return db.session().scalar(select(User).where(User.email == email.strip().lower()))
