"""Logins in browsers: begun, seen again, ended at once."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, or_, select, update

from accounts import access
from accounts.access import Actor, ActorKind
from accounts.events import NewDeviceUsed
from accounts.models import Login, User
from accounts.presence import login_of
from accounts.secrets import fingerprint
from accounts.values import AccountId, Browser, LoginId, SignInMethod, UserId
from kit import clock, db, notes
from kit.errors import NotFound
from kit.events import record
from kit.ids import new_id, secret_text
from kit.use_case import use_case

IDLE, REMEMBERED, LONGEST = timedelta(hours=12), timedelta(days=30), timedelta(days=180)
SEEN_NOTED_EVERY = timedelta(minutes=5)
DEVICES_KNOWN_FOR = timedelta(days=365)
LONGEST_AGENT = 400


@dataclass(frozen=True)
class NewLogin:
    """A login that just began. `secret` is what the browser keeps of it."""

    login: Login
    secret: str


@use_case
def begin_login(
    actor: Actor,
    user_id: UserId,
    *,
    method: SignInMethod,
    browser: Browser,
    remembered: bool = False,
    only_account_id: AccountId | None = None,
) -> NewLogin:
    """Let a person in who has proved who they are. Of a browser never seen with them, they hear by mail.

    `only_account_id`: the account whose company vouches for them. That is no proof to ourselves, so it opens nothing
    that protects the login.
    """
    access.system(actor)
    user = db.session().get_one(User, user_id)
    now, secret, device_hash = clock.now(), secret_text(32), fingerprint(browser.device_secret)
    before = select(Login.id).where(Login.user_id == user_id)
    is_first = not db.session().scalar(select(before.exists()))
    is_known = db.session().scalar(select(before.where(Login.device_hash == device_hash).exists()))
    login = Login(
        id=new_id(),
        user_id=user_id,
        secret_hash=fingerprint(secret),
        device_hash=device_hash,
        agent=browser.agent[:LONGEST_AGENT],
        address=browser.address,
        method=method,
        remembered=remembered,
        started_at=now,
        seen_at=now,
        checked_at=None if only_account_id is not None else now,
        only_account_id=only_account_id,
        expires_at=now + (REMEMBERED if remembered else IDLE),
    )
    db.session().add(login)
    user.last_login_at = now
    if not is_first and not is_known:
        record(NewDeviceUsed(login.id))
    return NewLogin(login, secret)


@use_case
def note_login_seen(actor: Actor, login_id: LoginId, *, address: str) -> None:
    """Remember that a login is used, and from where; it lives on for a while, though not for ever."""
    access.system(actor)
    login = db.session().get(Login, login_id)
    if login is None or login.ended_at is not None:
        return
    now = clock.now()
    login.seen_at, login.address = now, address
    login.expires_at = min(now + (REMEMBERED if login.remembered else IDLE), login.started_at + LONGEST)


@use_case
def end_login(actor: Actor, login_id: LoginId) -> None:
    """End one of one's own logins at once, its live pages too. Twice is harmless. Raises NotFound.

    A browser that was ended from elsewhere is a stranger from now on; whoever signs out is known when he comes back.
    """
    login = db.session().get(Login, login_id)
    if login is None:
        raise NotFound()
    access.oneself(actor, ActorKind.USER, login.user_id)
    login.ended_at = login.ended_at or clock.now()
    if login_of(actor) != login_id:
        login.device_hash = ""
    notes.tell("login", login_id)
    notes.tell("user", login.user_id)


@use_case
def end_other_logins(actor: Actor) -> None:
    """Sign out everywhere else: this login stays, all others end at once."""
    if actor.kind is not ActorKind.USER or actor.id is None:
        raise NotFound()
    access.oneself(actor, ActorKind.USER, actor.id)
    end_logins_of(UserId(actor.id), besides=actor)


@use_case
def prune_logins(actor: Actor) -> None:
    """Forget logins that are over, once nothing more is to be known of their browsers."""
    access.system(actor)
    now = clock.now()
    over = or_(Login.ended_at.is_not(None), Login.expires_at <= now)
    stranger = or_(Login.device_hash == "", Login.seen_at < now - DEVICES_KNOWN_FOR)
    db.session().execute(delete(Login).where(over, stranger))


def end_logins_of(user_id: UserId, *, besides: Actor | None = None) -> None:
    """End the logins of a person, but not the one in which the actor is here; part of a larger deed."""
    kept = login_of(besides) if besides is not None else None
    valid = update(Login).where(Login.user_id == user_id, Login.ended_at.is_(None))
    if kept is not None:
        valid = valid.where(Login.id != kept)
    db.session().execute(valid.values(ended_at=clock.now(), device_hash=""))
    notes.tell("user", user_id)  # live pages look again, and close
