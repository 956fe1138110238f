"""Who may do what: roles given and taken back. Nobody gives more than they hold; an owner always remains."""

from sqlalchemy import func, select

from accounts import access
from accounts.access import Actor, allowed
from accounts.addresses import clean_email
from accounts.errors import LastOwner, MoreThanOneHolds
from accounts.events import UserInvited
from accounts.models import Account, AccountLineage, Grant, User
from accounts.rights import ROLE_RIGHTS, Right, Role
from accounts.use_cases.people import new_user
from accounts.values import AccountId, GrantId
from kit import clock, db, notes
from kit.errors import Conflict, Invalid
from kit.events import record
from kit.ids import new_id
from kit.use_case import use_case


@use_case
def grant_role(actor: Actor, account_id: AccountId, *, email: str, role: Role, name: str = "") -> Grant:
    """Give a person a role on an account and all below it. Whoever has no login yet is invited by mail.

    Raises MoreThanOneHolds, Conflict("granted_already"), Invalid.
    """
    account = allowed(actor, Right.MANAGE_PEOPLE, Account, account_id, lock=True)
    must_hold(actor, role, account_id)
    if role is Role.API_CLIENT:
        raise Invalid(role="unknown")
    email = clean_email(email)
    user = db.session().scalar(select(User).where(User.email == email))
    fresh = user is None
    if user is None:
        user = new_user(email, name=" ".join(name.split())[:120], language=account.language, password_hash=None)
    same = select(Grant).where(Grant.user_id == user.id, Grant.account_id == account_id, Grant.role == role)
    if db.session().scalar(same) is not None:
        raise Conflict("granted_already")
    grant = Grant(id=new_id(), user_id=user.id, account_id=account_id, role=role, granted_at=clock.now())
    db.session().add(grant)
    record(UserInvited(user.id, account_id, role.value, fresh))
    return grant


@use_case
def revoke_grant(actor: Actor, grant_id: GrantId) -> None:
    """Take a role back. Raises LastOwner, MoreThanOneHolds."""
    grant = allowed(actor, Right.MANAGE_PEOPLE, Grant, grant_id)
    # two owners who remove each other at the same moment wait here for one another
    allowed(actor, Right.MANAGE_PEOPLE, Account, grant.account_id, lock=True)
    must_hold(actor, grant.role, AccountId(grant.account_id))
    if grant.role is Role.OWNER and _owners(AccountId(grant.account_id)) <= 1:
        raise LastOwner()
    db.session().delete(grant)
    notes.tell("user", grant.user_id)  # live pages look again, and close


def must_hold(actor: Actor, role: Role, account_id: AccountId) -> None:
    """Refuse a role with rights that the actor lacks here."""
    if not all(access.can(actor, right, account_id) for right in ROLE_RIGHTS[role]):
        raise MoreThanOneHolds(role.value)


def _owners(account_id: AccountId) -> int:
    above = select(AccountLineage.ancestor_id).where(AccountLineage.account_id == account_id)
    owners = select(func.count(Grant.user_id.distinct())).where(Grant.account_id.in_(above), Grant.role == Role.OWNER)
    return db.session().scalar(owners) or 0
