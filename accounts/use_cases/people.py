"""People and their logins. Passwords arrive here as hashes: see `accounts.use_cases.logins`."""

from sqlalchemy import select

from accounts import access, links
from accounts.access import Actor, ActorKind
from accounts.addresses import clean_email
from accounts.events import PasswordChanged, PasswordResetRequested, RegistrationRepeated, UserRegistered
from accounts.models import User
from accounts.use_cases.accounts import add_master
from accounts.use_cases.browsers import end_logins_of
from accounts.values import LANGUAGES, UserId
from kit import clock, db
from kit.errors import Invalid, NotFound
from kit.events import record
from kit.ids import new_id, secret_text
from kit.use_case import use_case

LONGEST_NAME = 120


@use_case
def store_registration(
    actor: Actor, *, email: str, password_hash: str, name: str, account_name: str, language: str
) -> User | None:
    """Make a login with a master account of its own; a link goes to the address. None when the address is known:
    then only its owner hears of it, by mail, so that nobody can ask who is a customer.
    """
    access.public("whoever wants to run stations")
    email = clean_email(email)
    name, account_name = _text(name, "name"), _text(account_name, "account_name")
    known = _by_email(email)
    if known is not None:
        record(RegistrationRepeated(known.id) if known.confirmed_at else UserRegistered(known.id))
        return None
    user = new_user(email, name=name, language=language, password_hash=password_hash)
    add_master(account_name, owner=user, language=user.language)
    record(UserRegistered(user.id))
    return user


@use_case
def confirm_email(actor: Actor, link_token: str) -> User:
    """The address belongs to whoever opened the link. Raises LinkExpired, LinkBroken; twice is harmless.

    People go by `accounts.use_cases.logins.confirm`, which asks for the password first.
    """
    access.public("the signed link is the right")
    user = links.user_of_confirmation(link_token)
    user.confirmed_at = user.confirmed_at or clock.now()
    return user


@use_case
def request_password_reset(actor: Actor, *, email: str) -> None:
    """Send a link for a new password, if there is such a login. The answer is the same for everybody."""
    access.public("whoever forgot the password is not signed in")
    user = _by_email(clean_email(email))
    if user is not None:
        record(PasswordResetRequested(user.id))


@use_case
def store_new_password(actor: Actor, *, link_token: str, password_hash: str) -> User:
    """Set the password through a mailed link, which also proves the address. All other logins end; the link works
    once. Raises LinkExpired, LinkBroken.
    """
    access.public("the signed link is the right")
    user = links.user_of_reset(link_token)
    user.confirmed_at = user.confirmed_at or clock.now()
    _set_password(actor, user, password_hash)
    return user


@use_case
def store_changed_password(actor: Actor, *, password_hash: str) -> User:
    """Set one's own password while signed in. All other logins end."""
    user = _oneself(actor)
    _set_password(actor, user, password_hash)
    return user


@use_case
def store_rehashed_password(actor: Actor, user_id: UserId, *, password_hash: str) -> None:
    """Keep the same password under a hash of today's strength."""
    access.system(actor)
    db.session().get_one(User, user_id).password_hash = password_hash


@use_case
def update_user(actor: Actor, *, name: str | None = None, language: str | None = None) -> User:
    """Change one's own name and language; what is None stays."""
    user = _oneself(actor)
    if name is not None:
        user.name = _text(name, "name")
    if language is not None:
        user.language = _language(language)
    return user


def new_user(email: str, *, name: str, language: str, password_hash: str | None) -> User:
    """A login as it begins: unconfirmed."""
    user = User(
        id=new_id(),
        email=email,
        name=name,
        password_hash=password_hash,
        session_key=secret_text(),
        language=_language(language),
        created_at=clock.now(),
        staff=False,
    )
    db.session().add(user)
    db.session().flush()
    return user


def _set_password(actor: Actor, user: User, password_hash: str) -> None:
    user.password_hash = password_hash
    user.session_key = secret_text()
    end_logins_of(UserId(user.id), besides=actor)
    record(PasswordChanged(user.id))


def _by_email(email: str) -> User | None:
    return db.session().scalar(select(User).where(User.email == email))


def _oneself(actor: Actor) -> User:
    if actor.kind is not ActorKind.USER or actor.id is None:
        raise NotFound()
    access.oneself(actor, ActorKind.USER, actor.id)
    user = db.session().get(User, actor.id)
    assert user is not None
    return user


def _text(value: str, field: str) -> str:
    value = " ".join(value.split())
    if not value:
        raise Invalid(**{field: "required"})
    if len(value) > LONGEST_NAME:
        raise Invalid(**{field: "too_long"})
    return value


def _language(code: str) -> str:
    if code not in LANGUAGES:
        raise Invalid(language="unknown")
    return code
