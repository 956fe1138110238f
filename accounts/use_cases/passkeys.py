"""Passkeys: made, used, named, removed."""

from dataclasses import dataclass

from sqlalchemy import func, select

from accounts import access, passkeys
from accounts.access import Actor, ActorKind
from accounts.errors import LastPasskey, PasskeyRefused
from accounts.events import CredentialChanged
from accounts.models import Passkey, User
from accounts.use_cases.second_factors import (
    drop_useless_recovery_codes,
    first_recovery_codes,
    now_stronger,
    oneself_fresh,
)
from accounts.values import CredentialChange, PasskeyId, SignInMethod, UserId
from kit import clock, db
from kit.errors import Conflict, Invalid, NotFound
from kit.events import record
from kit.ids import new_id
from kit.use_case import use_case

MOST_PASSKEYS, LONGEST_NAME = 20, 60


@dataclass(frozen=True)
class AddedPasskey:
    """A passkey just added, and recovery codes where it is the first second factor; they are shown this once."""

    passkey: Passkey
    recovery_codes: list[str]


@use_case
def add_passkey(actor: Actor, *, challenge: str, answer: str, name: str) -> AddedPasskey:
    """Keep the passkey that the browser made. Raises CheckNeeded, PasskeyRefused, Conflict("too_many_passkeys"),
    Invalid(name=).
    """
    user_id = oneself_fresh(actor)
    made = passkeys.read_new(answer, challenge)
    if db.session().scalar(select(Passkey.id).where(Passkey.credential_id == made.credential_id)):
        raise PasskeyRefused()
    if _count(user_id) >= MOST_PASSKEYS:
        raise Conflict("too_many_passkeys")
    row = Passkey(
        id=new_id(),
        user_id=user_id,
        credential_id=made.credential_id,
        public_key=made.public_key,
        sign_count=made.sign_count,
        name=_name(name),
        created_at=clock.now(),
    )
    db.session().add(row)
    now_stronger(actor, SignInMethod.PASSWORD_AND_PASSKEY)
    record(CredentialChanged(user_id, CredentialChange.PASSKEY_ADDED.value))
    return AddedPasskey(row, first_recovery_codes(user_id))


@use_case
def rename_passkey(actor: Actor, passkey_id: PasskeyId, *, name: str) -> Passkey:
    """Call one's passkey by another name. Raises NotFound, Invalid(name=)."""
    row = _own(actor, passkey_id)
    row.name = _name(name)
    return row


@use_case
def remove_passkey(actor: Actor, passkey_id: PasskeyId) -> None:
    """Let a passkey open nothing any more. Raises NotFound, CheckNeeded, LastPasskey."""
    row = _own(actor, passkey_id)
    user_id = oneself_fresh(actor)
    if db.session().get_one(User, user_id).staff and _count(user_id) == 1:
        raise LastPasskey()
    db.session().delete(row)
    record(CredentialChanged(user_id, CredentialChange.PASSKEY_REMOVED.value))
    drop_useless_recovery_codes(user_id)


@use_case
def use_passkey(actor: Actor, *, challenge: str, answer: str) -> User:
    """The person whose passkey answered. Raises PasskeyRefused."""
    access.public("the signature of the passkey is the right")
    wanted = select(Passkey).where(Passkey.credential_id == passkeys.credential_id_in(answer)).with_for_update()
    row = db.session().scalar(wanted)
    if row is None:
        raise PasskeyRefused()
    row.sign_count = passkeys.count_in(answer, challenge, row.public_key, row.sign_count)
    row.last_used_at = clock.now()
    user = db.session().get_one(User, row.user_id)
    if user.confirmed_at is None:
        raise PasskeyRefused()
    return user


def _own(actor: Actor, passkey_id: PasskeyId) -> Passkey:
    row = db.session().get(Passkey, passkey_id)
    if row is None:
        raise NotFound()
    access.oneself(actor, ActorKind.USER, row.user_id)
    return row


def _count(user_id: UserId) -> int:
    return db.session().scalar(select(func.count()).select_from(Passkey).where(Passkey.user_id == user_id)) or 0


def _name(text: str) -> str:
    name = " ".join(text.split())
    if not name or len(name) > LONGEST_NAME:
        raise Invalid(name="too_long" if name else "required")
    return name
