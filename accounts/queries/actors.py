"""Who stands at the door."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from accounts import access
from accounts.access import Actor, ActorKind
from accounts.models import ApiToken, Grant, Login, User
from accounts.presence import PersonHere
from accounts.rights import Role
from accounts.secrets import fingerprint
from accounts.values import LoginId, SignInMethod, UserId
from kit import clock, db
from kit.use_case import query


@dataclass(frozen=True)
class SignedIn:
    """A person with a valid login, and what they may do."""

    actor: PersonHere
    user_id: UserId
    login_id: LoginId
    email: str
    name: str
    language: str
    staff: bool
    method: SignInMethod
    seen_at: datetime

    @property
    def shown_name(self) -> str:
        """The name, or the e-mail where there is none."""
        return self.name or self.email


@query
def signed_in(actor: Actor, login_secret: str) -> SignedIn | None:
    """The person behind a login cookie; None when the login ended. One statement."""
    access.system(actor)
    rows = db.session().execute(
        _with_grants(User, Login)
        .join(Login, Login.user_id == User.id)
        .where(Login.secret_hash == fingerprint(login_secret), Login.ended_at.is_(None), Login.expires_at > clock.now())
    )
    found = rows.all()
    if not found:
        return None
    user, login = found[0][0], found[0][1]
    return SignedIn(
        actor=PersonHere(
            ActorKind.USER,
            user.id,
            _grants((row[-2], row[-1]) for row in found),
            user.staff,
            login_id=LoginId(login.id),
            checked_at=login.checked_at,
        ),
        user_id=UserId(user.id),
        login_id=LoginId(login.id),
        email=user.email,
        name=user.name,
        language=user.language,
        staff=user.staff,
        method=login.method,
        seen_at=login.seen_at,
    )


@query
def actor_of_user(actor: Actor, user_id: UserId, session_key: str) -> Actor | None:
    """A person whose password is still the one that belongs to this key, outside of any browser. One statement."""
    access.system(actor)
    found = db.session().execute(_with_grants(User).where(User.id == user_id, User.session_key == session_key)).all()
    if not found:
        return None
    user = found[0][0]
    return Actor(ActorKind.USER, user.id, _grants((row[-2], row[-1]) for row in found), user.staff)


def _with_grants(*things: Any) -> Select[Any]:
    """A SELECT of confirmed people with one row for each of their grants, account and role at the end."""
    return (
        select(*things, Grant.account_id, Grant.role)
        .select_from(User)
        .outerjoin(Grant, Grant.user_id == User.id)
        .where(User.confirmed_at.is_not(None))
    )


def _grants(rows: Iterable[tuple[UUID | None, Role]]) -> dict[UUID, frozenset[Role]]:
    grants: dict[UUID, frozenset[Role]] = {}
    for account_id, role in rows:
        if account_id is not None:
            grants[account_id] = grants.get(account_id, frozenset()) | {role}
    return grants


@query
def actor_of_token(actor: Actor, secret: str) -> Actor | None:
    """The program behind an API token; None when there is no such token (any more). One statement.

    `id` is the token's, so audit lines name the token.
    """
    access.system(actor)
    token = db.session().scalar(
        select(ApiToken).where(ApiToken.secret_hash == fingerprint(secret), ApiToken.revoked_at.is_(None))
    )
    if token is None:
        return None
    return Actor(ActorKind.TOKEN, token.id, {token.account_id: frozenset({token.role})})


@query
def credentials_of(actor: Actor, email: str) -> User | None:
    """The login with this address, its hash included; for the check of a password only."""
    access.system(actor)
    return db.session().scalar(select(User).where(User.email == email.strip().lower()))
