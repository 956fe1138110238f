"""Signing in at one's company: set up per account, and how somebody whom it vouches for comes in.

Whoever runs an account chooses its provider, and could make one that vouches for anybody. So a provider lets in only
people who have a role on its account or below, with an address of a domain named for it, and such a login reaches that
account and those below which let it do everything: nothing else of the person, and not what protects the login. And
only who may do everything chooses one: it could vouch for an owner.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, exists, select, update

from accounts import access, tree
from accounts.access import Actor, ActorKind, allowed
from accounts.bounds import must_hold
from accounts.errors import NotVouchedFor
from accounts.models import Account, AccountLineage, Grant, Identity, IdentityProvider, Login, User
from accounts.openid import Claims
from accounts.presence import fresh
from accounts.rights import Right, Role
from accounts.shares import live
from accounts.values import AccountId, ProviderId
from kit import clock, db, notes
from kit.errors import Conflict, Invalid, NotFound
from kit.ids import new_id
from kit.use_case import use_case

LONGEST, MOST_DOMAINS = 300, 20
_DOMAIN = re.compile(r"(?!-)[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})+")


@dataclass(frozen=True)
class VouchedFor:
    """Who came by a company's sign-in, and which account it opens; None: all of the person's."""

    user: User
    account_id: AccountId | None


@use_case
def set_company_login(
    actor: Actor,
    account_id: AccountId,
    *,
    issuer: str,
    client_id: str,
    client_secret: str,
    domains: Sequence[str],
    only: bool,
) -> IdentityProvider:
    """Let the people of an account sign in at their company. An empty secret keeps the present one. `only`: people with
    an address of these domains reach the account no other way; owners with a passkey still do, so that a broken
    provider locks nobody out. Raises MoreThanOneHolds, CheckNeeded, Invalid.
    """
    allowed(actor, Right.MANAGE_PEOPLE, Account, account_id, lock=True)
    must_hold(actor, Role.OWNER, account_id)
    fresh(actor)
    issuer, client_id = _issuer(issuer), _text("client_id", client_id)
    row = db.session().scalar(select(IdentityProvider).where(IdentityProvider.account_id == account_id))
    if row is None:
        row = IdentityProvider(id=new_id(), account_id=account_id, client_secret={}, created_at=clock.now())
        db.session().add(row)
    elif row.issuer != issuer:
        _forget_identities(row)
    if client_secret.strip() or not row.client_secret:
        row.client_secret = {"secret": _text("client_secret", client_secret)}
    if only and not _came_by(actor, row):
        raise Invalid(only="try_first")
    row.issuer, row.client_id, row.domains, row.only = issuer, client_id, _domains(domains), only
    return row


@use_case
def remove_company_login(actor: Actor, account_id: AccountId) -> None:
    """Let nobody in by the company's sign-in any more; logins that came so end. Raises CheckNeeded."""
    allowed(actor, Right.MANAGE_PEOPLE, Account, account_id, lock=True)
    fresh(actor)
    row = db.session().scalar(select(IdentityProvider).where(IdentityProvider.account_id == account_id))
    if row is not None:
        forget_company_login(row)


def forget_company_login(row: IdentityProvider) -> None:
    """It lets nobody in any more, and those whom it let in are signed out; part of a larger deed."""
    _forget_identities(row)
    db.session().delete(row)


@use_case
def recognise(actor: Actor, provider_id: ProviderId, claims: Claims) -> VouchedFor:
    """The person whom the provider of an account vouches for. The first time they are found by a confirmed address.

    Raises NotVouchedFor: "no_verified_email", "foreign_domain", "no_role_there"; NotFound.
    """
    access.system(actor)
    row = db.session().get(IdentityProvider, provider_id)
    if row is None:
        raise NotFound()
    user = _known(str(row.id), claims) or _found(claims)
    domain = claims.email.rpartition("@")[2]
    if not claims.email_verified:
        raise NotVouchedFor("no_verified_email")
    if domain not in row.domains:
        raise NotVouchedFor("foreign_domain")
    if user is None or not _works_in(user, row.account_id):
        raise NotVouchedFor("no_role_there")
    _link(str(row.id), claims, user)
    return VouchedFor(user, AccountId(row.account_id))


@use_case
def recognise_for_platform(actor: Actor, issuer: str, claims: Claims) -> VouchedFor:
    """The person whom the provider that the operator has set up vouches for; this login reaches all of the person's.

    Raises NotVouchedFor: "no_verified_email", "no_login_here".
    """
    access.system(actor)
    user = _known(issuer, claims)
    if user is None and not claims.email_verified:
        raise NotVouchedFor("no_verified_email")
    user = user or _found(claims)
    if user is None or user.confirmed_at is None:
        raise NotVouchedFor("no_login_here")
    _link(issuer, claims, user)
    return VouchedFor(user, None)


@use_case
def link_identity(actor: Actor, issuer: str, claims: Claims) -> None:
    """The signed-in person proved who they are at another platform: from now on they may sign in there, too.

    Raises CheckNeeded, Conflict(email_taken) where that is another person here.
    """
    user = db.session().get(User, actor.id) if actor.kind is ActorKind.USER and actor.id else None
    if user is None:
        raise NotFound()
    access.oneself(actor, ActorKind.USER, user.id)
    fresh(actor)
    known = _known(issuer, claims)
    if known is not None and known.id != user.id:
        raise Conflict("email_taken")
    _link(issuer, claims, user)


def _known(provider: str, claims: Claims) -> User | None:
    same = (Identity.provider == provider, Identity.subject == claims.subject)
    return db.session().scalar(select(User).join(Identity, Identity.user_id == User.id).where(*same))


def _found(claims: Claims) -> User | None:
    return db.session().scalar(select(User).where(User.email == claims.email)) if claims.email else None


def _works_in(user: User, account_id: UUID) -> bool:
    here = select(AccountLineage.account_id).where(AccountLineage.ancestor_id == account_id, tree.below_trusting())
    has_role = exists().where(Grant.user_id == user.id, Grant.account_id.in_(here), live())
    return bool(db.session().scalar(select(has_role)))


def _link(provider: str, claims: Claims, user: User) -> None:
    now = clock.now()
    same = (Identity.provider == provider, Identity.subject == claims.subject)
    row = db.session().scalar(select(Identity).where(*same))
    if row is None:
        row = Identity(id=new_id(), user_id=user.id, provider=provider, subject=claims.subject, linked_at=now)
        db.session().add(row)
    row.last_used_at = now


def _came_by(actor: Actor, row: IdentityProvider) -> bool:
    mine = exists().where(Identity.provider == str(row.id), Identity.user_id == actor.id)
    return actor.kind is ActorKind.USER and bool(db.session().scalar(select(mine)))


def _forget_identities(row: IdentityProvider) -> None:
    came_so = (Login.only_account_id == row.account_id, Login.ended_at.is_(None))
    for user_id in db.session().scalars(select(Login.user_id).where(*came_so)):
        notes.tell("user", user_id)
    db.session().execute(update(Login).where(*came_so).values(ended_at=clock.now()))
    db.session().execute(delete(Identity).where(Identity.provider == str(row.id)))


def _issuer(text: str) -> str:
    issuer = _text("issuer", text)
    if not issuer.startswith(("https://", "http://")) or any(sign in issuer for sign in " ?#"):
        raise Invalid(issuer="not_an_address")
    return issuer


def _domains(texts: Sequence[str]) -> list[str]:
    domains = sorted({text.strip().lower().removeprefix("@") for text in texts if text.strip()})
    if not domains:
        raise Invalid(domains="required")
    if len(domains) > MOST_DOMAINS:
        raise Invalid(domains="too_many")
    if not all(_DOMAIN.fullmatch(domain) for domain in domains):
        raise Invalid(domains="not_a_domain")
    return domains


def _text(name: str, text: str) -> str:
    text = text.strip()
    if not text or len(text) > LONGEST:
        raise Invalid(**{name: "too_long" if text else "required"})
    return text
