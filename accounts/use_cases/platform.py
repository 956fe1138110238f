"""What the people who run the platform may do."""

from decimal import Decimal

from sqlalchemy import select

from accounts import access
from accounts.access import Actor
from accounts.addresses import clean_email
from accounts.events import SuspensionChanged, UserInvited
from accounts.models import Account, User
from accounts.rights import Role
from accounts.use_cases.accounts import add_master
from accounts.use_cases.people import new_user
from accounts.use_cases.tokens import NewToken, create_api_token
from accounts.values import AccountId
from kit import clock, db
from kit.errors import Conflict, Invalid, NotFound
from kit.events import record
from kit.use_case import use_case


@use_case
def make_staff(actor: Actor, *, email: str) -> User:
    """Let a registered person run the platform; by command only. Confirms the address, too."""
    access.system(actor)
    user = db.session().scalar(select(User).where(User.email == clean_email(email)))
    if user is None:
        raise NotFound()
    user.staff = True
    user.confirmed_at = user.confirmed_at or clock.now()
    return user


@use_case
def open_account(actor: Actor, *, email: str, name: str) -> NewToken:
    """A master account with a key for a program, made by command. Whoever has this address owns it, and gets a login
    without a password where there is none yet. Raises Invalid(email=, name=).
    """
    access.system(actor)
    address = clean_email(email)
    owner = db.session().scalar(select(User).where(User.email == address))
    owner = owner or new_user(address, name=address, language="de", password_hash=None)
    account = add_master(name, owner=owner, language=owner.language)
    return create_api_token(actor, AccountId(account.id), name="harness")


@use_case
def open_account_for(actor: Actor, *, email: str, name: str, language: str) -> Account:
    """A master account for somebody whom another platform knows. They get a login without a password and are invited by
    mail to choose one. Raises Conflict(email_taken), Invalid(email=, name=).
    """
    access.system(actor)
    address = clean_email(email)
    if db.session().scalar(select(User).where(User.email == address)) is not None:
        raise Conflict("email_taken")
    owner = new_user(address, name=name, language=language, password_hash=None)
    account = add_master(name, owner=owner, language=owner.language)
    record(UserInvited(user_id=owner.id, account_id=account.id, role=Role.OWNER.value, fresh=True))
    return account


@use_case
def set_platform_fee(actor: Actor, account_id: AccountId, *, percent: Decimal | None) -> Account:
    """Agree on a fee with one account, in percent of a paid session; None: the platform's own. Raises Invalid."""
    account = _account(actor, account_id)
    if percent is not None and not 0 <= percent < 100:
        raise Invalid(percent="out_of_range")
    account.platform_fee_percent = percent
    return account


@use_case
def suspend_account(actor: Actor, account_id: AccountId) -> Account:
    """Stop new paid sessions in an account; what runs goes on, and everything stays readable."""
    account = _account(actor, account_id)
    account.suspended_at = account.suspended_at or clock.now()
    record(SuspensionChanged(account_id=account_id))
    return account


@use_case
def resume_account(actor: Actor, account_id: AccountId) -> Account:
    """Lift a suspension."""
    account = _account(actor, account_id)
    account.suspended_at = None
    record(SuspensionChanged(account_id=account_id))
    return account


@use_case
def review_account(actor: Actor, account_id: AccountId) -> Account:
    """Note that somebody looked at the seller data and found them right."""
    account = _account(actor, account_id)
    account.reviewed_at = clock.now()
    return account


def _account(actor: Actor, account_id: AccountId) -> Account:
    access.staff(actor)
    account = db.session().get(Account, account_id, with_for_update=True)
    if account is None:
        raise NotFound()
    return account
