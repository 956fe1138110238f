"""Who stands at the door."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, bindparam, not_, or_, select
from sqlalchemy.orm import aliased

from accounts import access
from accounts.access import Actor, ActorKind
from accounts.models import ApiClient, ApiToken, Grant, User
from accounts.rights import Right
from accounts.secrets import fingerprint
from accounts.shares import Held, Share, held_by, limited, live, own_rights, rights_of, whole
from accounts.values import UserId
from kit import clock, db
from kit.errors import NotFound
from kit.use_case import query

_mandate = aliased(Grant)


@dataclass(frozen=True)
class ListedProgram(Actor):
    """A client that may send the queries on its list, and no others."""


@query
def actor_of_user(actor: Actor, user_id: UserId, session_key: str) -> Actor | None:
    """A person whose password is still the one that belongs to this key, outside of any browser."""
    access.system(actor)
    valid = (User.id == user_id, User.session_key == session_key, User.confirmed_at.is_not(None))
    user = db.session().scalar(select(User).where(*valid))
    return Actor(ActorKind.USER, user.id, grants_of(user.id), user.staff) if user is not None else None


@query
def actor_of_token(actor: Actor, secret: str) -> Actor | None:
    """The program behind an API token; None when there is no such token (any more). One statement.

    `id` is the token's, or its client's, whose keys change all the time: so audit lines and limits name the program.
    """
    access.system(actor)
    lasts = or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > clock.now())
    works = ApiToken.secret_hash == fingerprint(secret), ApiToken.revoked_at.is_(None), lasts
    scoped = and_(_mandate.holder_id == ApiToken.account_id, live(_mandate), not_(whole(_mandate)))
    told = select(ApiToken, _mandate, ApiClient.queries_only).outerjoin(_mandate, scoped)
    found = db.session().execute(told.outerjoin(ApiClient, ApiClient.id == ApiToken.client_id).where(*works))
    rows: Sequence[tuple[ApiToken, Grant | None, bool | None]] = [(row[0], row[1], row[2]) for row in found]
    if not rows:
        return None
    token, _, queries_only = rows[0]
    given: Held = token.role if token.rights is None else Share(frozenset(map(Right, token.rights)))
    grants = {token.account_id: frozenset({given})}
    through = _through(grants, [row[1] for row in rows if row[1] is not None])
    kind = ListedProgram if queries_only else Actor
    return kind(ActorKind.TOKEN, token.client_id or token.id, through)


def grants_of(user_id: UUID) -> dict[UUID, frozenset[Held]]:
    """What a person holds now, as an actor carries it. One statement."""
    found = db.session().execute(_held(), {"person": user_id})
    return _grants([(grant, mandate) for grant, mandate in found])


def actor_named(reference: str) -> Actor:
    """Whoever a stored reference names, with what they hold now, which may be nothing. For rooms, within their door."""
    kind, _, number = reference.partition(":")
    if kind == ActorKind.USER.value:
        return Actor(ActorKind.USER, UUID(number), grants_of(UUID(number)))
    if kind == ActorKind.TOKEN.value:
        return Actor(ActorKind.TOKEN, UUID(number), _grants_of_program(UUID(number)))
    return access.SYSTEM if reference == access.SYSTEM.reference else access.ANYONE


def _grants_of_program(program_id: UUID) -> dict[UUID, frozenset[Held]]:
    """What a token or a client holds that still works; a client outlasts its keys."""
    lasts = or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > clock.now())
    token = db.session().scalar(select(ApiToken).where(ApiToken.id == program_id, ApiToken.revoked_at.is_(None), lasts))
    works = ApiClient.id == program_id, ApiClient.revoked_at.is_(None)
    found = token or db.session().scalar(select(ApiClient).where(*works))
    if found is None:
        return {}
    rights = found.rights
    given: Held = token.role if token and rights is None else Share(frozenset(map(Right, rights or ())))
    scoped = select(_mandate).where(_mandate.holder_id == found.account_id, live(_mandate), not_(whole(_mandate)))
    return _through({found.account_id: frozenset({given})}, list(db.session().scalars(scoped)))


@cache
def _held() -> Select[Grant, Grant]:
    """What was given to a person, and what single stations were given to their companies. Every page asks it."""
    through = and_(_mandate.holder_id == Grant.account_id, whole(), live(_mandate), not_(whole(_mandate)))
    person: Any = bindparam("person", type_=db.Id())
    return select(Grant, _mandate).outerjoin(_mandate, through).where(Grant.user_id == person, live())


def _grants(rows: Sequence[tuple[Grant, Grant | None]]) -> dict[UUID, frozenset[Held]]:
    told = {grant.id: grant for grant, _ in rows}
    own = own_rights(told.values())
    found: dict[UUID, frozenset[Held]] = {}
    for grant in told.values():
        found[grant.account_id] = found.get(grant.account_id, frozenset()) | {held_by(grant, own)}
    return _through(found, [mandate for _, mandate in rows if mandate is not None])


def _through(grants: dict[UUID, frozenset[Held]], mandates: Sequence[Grant]) -> dict[UUID, frozenset[Held]]:
    """Add what single stations and groups were given to the accounts in which the actor holds something."""
    own = own_rights(mandates)
    found = dict(grants)
    for mandate in {one.id: one for one in mandates}.values():
        assert mandate.holder_id is not None
        rights = frozenset().union(*(rights_of(held) for held in grants[mandate.holder_id]))
        given = limited(held_by(mandate, own, via=mandate.holder_id), rights)
        found[mandate.account_id] = found.get(mandate.account_id, frozenset()) | {given}
    return found


@query
def credentials_of(actor: Actor, email: str) -> User | None:
    """The login with this address, its hash included; for the check of a password only."""
    access.system(actor)
    return db.session().scalar(select(User).where(User.email == email.strip().lower()))


@query
def own_credentials(actor: Actor) -> User:
    """One's own login, its hash included; for the check of a password only. Raises NotFound for whoever has none."""
    if actor.kind is not ActorKind.USER or actor.id is None:
        raise NotFound()
    access.oneself(actor, ActorKind.USER, actor.id)
    return db.session().get_one(User, actor.id)
