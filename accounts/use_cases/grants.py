"""Who may do what: roles given and taken back. Nobody gives more than they hold; an owner always remains."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypedDict, Unpack
from uuid import UUID

from sqlalchemy import and_, select, update

from accounts import access, scopes, shares, uses
from accounts.access import Actor, allowed
from accounts.addresses import clean_email
from accounts.bounds import must_have_owner, must_hold_rights
from accounts.events import UserInvited
from accounts.models import Account, ApiClient, ApiToken, Grant, OwnRole, StationGroup, User
from accounts.queries.actors import grants_of
from accounts.rights import ROLE_RIGHTS, Right, Role
from accounts.use_cases.people import new_user
from accounts.values import AccountId, GrantId
from kit import clock, db, notes
from kit.errors import Conflict, Invalid, NotFound
from kit.events import record
from kit.ids import new_id
from kit.use_case import use_case

LONGEST_INSTALLER = timedelta(days=180)


@dataclass(frozen=True)
class Terms:
    """What is given: a ready role or one of the account's own, where it counts, and until when."""

    role: Role | None = None
    own_role_id: UUID | None = None
    station_id: UUID | None = None
    group_id: UUID | None = None
    ends_at: datetime | None = None


class TermsGiven(TypedDict, total=False):
    """The same as arguments."""

    role: Role | None
    own_role_id: UUID | None
    station_id: UUID | None
    group_id: UUID | None
    ends_at: datetime | None


@use_case
def grant_role(
    actor: Actor,
    account_id: AccountId,
    *,
    email: str,
    name: str = "",
    **given: Unpack[TermsGiven],
) -> Grant:
    """Give a person a role on an account, or on one station or group of it. Whoever has no login yet gets a mail.

    Raises MoreThanOneHolds, Conflict("granted_already"), Invalid.
    """
    account = allowed(actor, Right.MANAGE_PEOPLE, Account, account_id, lock=True)
    terms = Terms(**given)
    judge(actor, account_id, terms)
    email = clean_email(email)
    user = db.session().scalar(select(User).where(User.email == email))
    fresh = user is None
    if user is None:
        user = new_user(email, name=" ".join(name.split())[:120], language=account.language, password_hash=None)
    grant = give(account_id, terms, by=actor.reference, user_id=user.id)
    record(UserInvited(user.id, account_id, terms.role.value if terms.role else "own", fresh))
    return grant


@use_case
def revoke_grant(actor: Actor, grant_id: GrantId) -> None:
    """Take a role back, at once everywhere; twice is harmless. Raises LastOwner, MoreThanOneHolds."""
    grant = db.session().get(Grant, grant_id)
    if grant is None:
        raise NotFound()
    _ask_to_revoke(actor, grant)
    if grant.revoked_at is not None:
        return
    if grant.role is Role.OWNER:
        must_have_owner(grant.account_id, without=grant)
    end(grant, by=actor)


@use_case
def note_grant_uses(actor: Actor) -> None:
    """Write down which grants were used since the last time, also those by which companies act."""
    access.system(actor)
    now = clock.now()
    for user_id, account_id in uses.take():
        his = Grant.user_id == user_id, shares.live()
        own = select(Grant.account_id).where(*his)
        mandates = Grant.account_id == account_id, Grant.holder_id.in_(own), shares.live()
        holders = select(Grant.holder_id).where(*mandates)
        used = [(Grant.account_id == account_id, *his)]
        if db.session().scalar(select(Grant.id).where(*used[0]).limit(1)) is None:
            used = [mandates, (Grant.account_id.in_(holders), *his)]
        ids = [grant_id for each in used for grant_id in db.session().scalars(select(Grant.id).where(*each))]
        db.session().execute(update(Grant).where(Grant.id.in_(ids)).values(last_used_at=now))


def _ask_to_revoke(actor: Actor, grant: Grant) -> None:
    """Whoever manages people where it counts; and whoever holds it may always give it back."""
    # two owners who remove each other at the same moment wait here for one another
    db.session().get(Account, grant.account_id, with_for_update=True)
    if grant.user_id is not None and grant.user_id == actor.id:
        access.oneself(actor, access.ActorKind.USER, grant.user_id, grant.account_id)
    elif grant.holder_id is not None and access.can(actor, Right.MANAGE_PEOPLE, grant.holder_id):
        access.allowed_in(actor, Right.MANAGE_PEOPLE, grant.holder_id)
        must_hold_rights(actor, terms_rights(grant), grant.holder_id)
    else:
        access.allowed_in(actor, Right.MANAGE_PEOPLE, grant.account_id)
        must_hold_rights(actor, terms_rights(grant), grant.account_id)


def end(grant: Grant, *, by: Actor) -> None:
    """The grant counts no more; pages and subscriptions that live on it look again, keys that hang on it end."""
    grant.revoked_at, grant.revoked_by = clock.now(), by.reference
    db.session().flush()
    shares.forget()
    if grant.user_id is not None:
        _end_keys(grant.user_id, grant.account_id, by)
    tell_grantees(grant)


def tell_grantees(grant: Grant) -> None:
    """What this grant gives is no longer the same: pages and subscriptions of those who hold it look again."""
    if grant.user_id is not None:
        notes.tell("user", grant.user_id)
        return
    through = select(Grant.user_id).where(
        Grant.account_id == grant.holder_id, Grant.user_id.is_not(None), shares.live()
    )
    for user_id in db.session().scalars(through):
        notes.tell("user", user_id)
    for token_id in db.session().scalars(select(ApiToken.id).where(ApiToken.account_id == grant.holder_id)):
        notes.tell("token", token_id)


def _end_keys(user_id: UUID, account_id: UUID, by: Actor) -> None:
    """Whoever may no longer make keys here takes along those that he made."""
    left = Actor(access.ActorKind.USER, user_id, grants_of(user_id))
    if access.can(left, Right.MANAGE_TOKENS, account_id):
        return
    his = ApiToken.account_id == account_id, ApiToken.created_by == left.reference, ApiToken.revoked_at.is_(None)
    for token_id in list(db.session().scalars(select(ApiToken.id).where(*his))):
        db.session().execute(update(ApiToken).where(ApiToken.id == token_id).values(revoked_at=clock.now()))
        notes.tell("token", token_id)
    its = ApiClient.account_id == account_id, ApiClient.created_by == left.reference, ApiClient.revoked_at.is_(None)
    for client in db.session().scalars(select(ApiClient).where(*its)):
        client.revoked_at = clock.now()  # its keys, which name the same maker, ended above
        notes.tell("token", client.id)


def give(
    account_id: UUID, terms: Terms, *, by: str, user_id: UUID | None = None, holder_id: UUID | None = None
) -> Grant:
    """Write a grant down. Raises Conflict("granted_already")."""
    grant = Grant(
        id=new_id(),
        account_id=account_id,
        user_id=user_id,
        holder_id=holder_id,
        granted_by=by,
        granted_at=clock.now(),
        **vars(terms),
    )
    same = (Grant.role, Grant.own_role_id, Grant.user_id, Grant.holder_id, Grant.station_id, Grant.group_id)
    alike = and_(
        Grant.account_id == account_id, *(column.is_not_distinct_from(getattr(grant, column.key)) for column in same)
    )
    if db.session().scalar(select(Grant.id).where(alike, shares.live())) is not None:
        raise Conflict("granted_already")
    db.session().add(grant)
    db.session().flush()
    shares.forget()
    return grant


def judge(actor: Actor, account_id: AccountId, terms: Terms) -> None:
    """Whether these terms make sense here, and the actor holds as much. Raises Invalid, MoreThanOneHolds."""
    if (terms.role is None) == (terms.own_role_id is None) or terms.role is Role.API_CLIENT:
        raise Invalid(role="unknown")
    if terms.own_role_id is not None:
        known = db.session().get(OwnRole, terms.own_role_id)
        if known is None or known.account_id != account_id or known.removed_at is not None:
            raise Invalid(role="unknown")
    if terms.group_id is not None:
        group = db.session().get(StationGroup, terms.group_id)
        if group is None or group.account_id != account_id or group.removed_at is not None or terms.station_id:
            raise Invalid(group_id="unknown")
    if terms.station_id is not None:
        scopes.judge_station(terms.station_id, account_id)
    if terms.role is Role.OWNER and (terms.station_id or terms.group_id):
        raise Invalid(role="whole_account_only")
    now = clock.now()
    if terms.ends_at is not None and terms.ends_at <= now:
        raise Invalid(ends_at="in_the_past")
    if terms.role is Role.INSTALLER and (terms.ends_at is None or terms.ends_at > now + LONGEST_INSTALLER):
        raise Invalid(ends_at="required_for_installers")
    must_hold_rights(actor, terms_rights(terms), account_id)


def terms_rights(terms: Terms | Grant) -> frozenset[Right]:
    """The rights in a role, whatever its scope."""
    if terms.role is not None:
        return ROLE_RIGHTS[terms.role]
    assert terms.own_role_id is not None
    return shares.rights_of_own(terms.own_role_id)
