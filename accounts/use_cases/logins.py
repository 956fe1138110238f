"""Signing up and in: what needs a password. The slow hash is computed between two doors, never inside a transaction:
on SQLite it would hold up every charger.
"""

from accounts.access import ANYONE, SYSTEM, Actor
from accounts.errors import NotConfirmed, WrongLogin
from accounts.models import User
from accounts.passwords import fits, hash_password, is_outdated, rehashed
from accounts.queries.actors import credentials_of, own_credentials
from accounts.queries.invitations import invitation_of_link
from accounts.queries.people import confirmation_link_holder, reset_link_holder
from accounts.queries.second_factors import my_second_factors
from accounts.use_cases.invitations import store_invited_login
from accounts.use_cases.people import (
    confirm_email,
    store_changed_password,
    store_new_password,
    store_registration,
    store_rehashed_password,
)
from accounts.use_cases.second_factors import note_check
from accounts.values import UserId
from kit.errors import Conflict


def register(
    actor: Actor, *, email: str, password: str, name: str, account_name: str, language: str = "de"
) -> User | None:
    """Make a login and a master account; see `store_registration`. Raises Invalid."""
    hashed = hash_password(password, email=email, name=name, account_name=account_name)
    return store_registration(
        actor, email=email, password_hash=hashed, name=name, account_name=account_name, language=language
    )


def confirm(actor: Actor, *, link_token: str, password: str) -> User:
    """Confirm an address by the mailed link and the password chosen before: whoever got the letter unasked, because
    somebody else registered with the address, can't put that person's password into force by a click.

    Raises LinkExpired, LinkBroken, WrongLogin.
    """
    holder = confirmation_link_holder(ANYONE, link_token)
    if not fits(password, holder.password_hash):
        raise WrongLogin()
    return confirm_email(actor, link_token)


def check_password(actor: Actor, *, password: str) -> None:
    """Let a signed-in person prove once more who they are. Raises NotFound, WrongLogin; Conflict("passkey_needed") for
    staff of the platform, who have something better.
    """
    user = own_credentials(actor)
    if not fits(password, user.password_hash):
        raise WrongLogin()
    if user.staff and my_second_factors(actor).passkeys:
        raise Conflict("passkey_needed")
    note_check(actor)


def sign_in(actor: Actor, *, email: str, password: str) -> User:
    """The person whose e-mail and password these are. Raises WrongLogin, NotConfirmed; both take equally long."""
    user = credentials_of(SYSTEM, email)
    if not fits(password, user.password_hash if user else None) or user is None:
        raise WrongLogin()
    if user.confirmed_at is None:
        raise NotConfirmed()
    if is_outdated(user.password_hash):
        store_rehashed_password(SYSTEM, UserId(user.id), password_hash=rehashed(password))
    return user


def reset_password(actor: Actor, *, link_token: str, password: str) -> User:
    """Set a new password through a mailed link. Raises LinkExpired, LinkBroken, Invalid."""
    holder = reset_link_holder(ANYONE, link_token)
    hashed = hash_password(password, email=holder.email, name=holder.name)
    return store_new_password(actor, link_token=link_token, password_hash=hashed)


def accept_as_new_person(actor: Actor, *, link_token: str, name: str, password: str) -> User:
    """Make a login by the link of an invitation, and take the role. Raises LinkExpired, LinkBroken, Invalid."""
    offered = invitation_of_link(ANYONE, link_token)
    hashed = hash_password(password, email=offered.email, name=name)
    return store_invited_login(actor, link_token, password_hash=hashed, name=name)


def change_password(actor: Actor, *, email: str, old_password: str, new_password: str) -> User:
    """Set one's own password; the old one has to fit. Raises Invalid."""
    user = credentials_of(SYSTEM, email)
    if user is None or user.id != actor.id or not fits(old_password, user.password_hash):
        raise WrongLogin("old_password")
    return store_changed_password(actor, password_hash=hash_password(new_password, email=email))
