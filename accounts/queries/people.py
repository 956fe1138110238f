"""People of an account, and their keys."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select

from accounts import access, links
from accounts.access import Actor, ActorKind, allowed_in
from accounts.bounds import needed_for_ownership
from accounts.models import Account, ApiClient, ApiToken, Grant, OwnRole, User
from accounts.rights import Right, Role
from accounts.shares import held_by, live, own_rights, share
from accounts.values import AccountId
from kit import db
from kit.errors import NotFound
from kit.use_case import query


@dataclass(frozen=True)
class Person:
    """A person who may do something in an account. `inherited_from` names the account whose people they are, if they
    act through the role of that one; `rights` are no more than that one was given here. `own_role` is the name of a
    role that the account put together itself. `needed`: it can't be taken back, as nobody else owns the account.
    """

    grant_id: UUID
    user_id: UUID
    name: str
    email: str
    role: Role | None
    own_role: str | None
    rights: frozenset[Right]
    station_id: UUID | None
    group_id: UUID | None
    ends_at: datetime | None
    last_used_at: datetime | None
    confirmed: bool
    last_login_at: datetime | None
    account_id: UUID
    inherited_from: str | None
    needed: bool


@query
def people(actor: Actor, account_id: AccountId) -> list[Person]:
    """Everybody with a role here, those who act through another account last."""
    allowed_in(actor, Right.MANAGE_PEOPLE, account_id)
    mandates = list(
        db.session().scalars(select(Grant).where(Grant.account_id == account_id, Grant.holder_id.is_not(None), live()))
    )
    holders = {mandate.holder_id for mandate in mandates}
    rows = db.session().execute(
        select(Grant, User, Account.name, OwnRole.name)
        .join(User, User.id == Grant.user_id)
        .join(Account, Account.id == Grant.account_id)
        .outerjoin(OwnRole, OwnRole.id == Grant.own_role_id)
        .where(or_(Grant.account_id == account_id, Grant.account_id.in_(holders)), live())
        .order_by(User.email, Grant.role, Grant.id)
    )
    given = [(grant, user, name, own_role) for grant, user, name, own_role in rows]
    own = own_rights([*mandates, *(row[0] for row in given)])
    needed = needed_for_ownership([account_id])
    found = [
        Person(
            grant_id=grant.id,
            user_id=user.id,
            name=user.name,
            email=user.email,
            role=grant.role,
            own_role=own_role,
            rights=_rights_here(grant, account_id, mandates, own),
            station_id=grant.station_id,
            group_id=grant.group_id,
            ends_at=grant.ends_at,
            last_used_at=grant.last_used_at,
            confirmed=user.confirmed_at is not None,
            last_login_at=user.last_login_at,
            account_id=grant.account_id,
            inherited_from=None if grant.account_id == account_id else account_name,
            needed=grant.id in needed,
        )
        for grant, user, account_name, own_role in given
    ]
    return sorted((one for one in found if one.rights), key=lambda person: person.inherited_from is not None)


def _rights_here(
    grant: Grant, account_id: UUID, mandates: Iterable[Grant], own: dict[UUID, frozenset[Right]]
) -> frozenset[Right]:
    """What a grant lets do in this account; one of another account no more than that one was given here."""
    held = share(held_by(grant, own))
    if grant.account_id == account_id:
        return held.rights
    given = [share(held_by(mandate, own)) for mandate in mandates if mandate.holder_id == grant.account_id]
    return held.rights.intersection(frozenset().union(*(one.rights for one in given if one.whole or held.whole)))


@query
def tokens(actor: Actor, account_id: AccountId) -> list[ApiToken]:
    """The keys of an account that work, newest first."""
    allowed_in(actor, Right.MANAGE_TOKENS, account_id)
    mine = ApiToken.account_id == account_id, ApiToken.revoked_at.is_(None), ApiToken.client_id.is_(None)
    working = select(ApiToken).where(*mine)
    return list(db.session().scalars(working.order_by(ApiToken.created_at.desc())))


@query
def names_of(actor: Actor, references: Collection[str]) -> dict[str, str]:
    """What to call those who did something, by the reference that stands in its row: people by name or address, keys by
    their name. Who is unknown, or no person and no key, is left out.
    """
    access.public("whoever sees a row may know which colleague it is from; nobody can guess a reference")
    ids = {reference: found for reference in references if (found := _id_in(reference)) is not None}
    people = select(User.id, User.name, User.email).where(User.id.in_(ids.values()))
    keys = select(ApiToken.id, ApiToken.name).where(ApiToken.id.in_(ids.values()))
    names = {user_id: name or email for user_id, name, email in db.session().execute(people)}
    clients = select(ApiClient.id, ApiClient.name).where(ApiClient.id.in_(ids.values()))
    names |= dict(iter(db.session().execute(keys.union_all(clients))))
    return {reference: names[found] for reference, found in ids.items() if found in names}


def _id_in(reference: str) -> UUID | None:
    kind, _, number = reference.partition(":")
    if kind not in (ActorKind.USER.value, ActorKind.TOKEN.value):
        return None
    try:
        return UUID(number)
    except ValueError:
        return None


@query
def confirmation_link_holder(actor: Actor, link_token: str) -> User:
    """Whose address a mailed link confirms. Raises LinkExpired, LinkBroken."""
    access.public("the signed link is the right")
    return links.user_of_confirmation(link_token)


@query
def reset_link_holder(actor: Actor, link_token: str) -> User:
    """Whose password a mailed link sets. Raises LinkExpired, LinkBroken."""
    access.public("the signed link is the right")
    return links.user_of_reset(link_token)


@query
def user_of(actor: Actor, user_id: UUID) -> User:
    """A person by id, for letters. Raises NotFound."""
    access.system(actor)
    user = db.session().get(User, user_id)
    if user is None:
        raise NotFound()
    return user


@query
def invitation_facts(actor: Actor, user_id: UUID, account_id: UUID) -> tuple[User, Account]:
    """Who was given a role, and where. Raises NotFound."""
    user, account = user_of(actor, user_id), db.session().get(Account, account_id)
    if account is None:
        raise NotFound()
    access.system(actor)
    return user, account
