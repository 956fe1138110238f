"""What a person has beside the password."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from accounts import access, passkeys
from accounts.access import Actor, ActorKind
from accounts.models import CodeSecret, Passkey, RecoveryCode, User
from accounts.passkeys import Question
from accounts.presence import fresh
from accounts.values import PasskeyId, UserId
from kit import db
from kit.errors import NotFound
from kit.use_case import query


@dataclass(frozen=True)
class KnownPasskey:
    """A passkey as its owner sees it."""

    id: PasskeyId
    name: str
    created_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True)
class SecondFactors:
    """Whether an app's codes are asked for, which passkeys there are, and how many recovery codes are left."""

    codes: bool
    passkeys: tuple[KnownPasskey, ...]
    recovery_codes_left: int

    @property
    def any(self) -> bool:
        """Whether the password alone is not enough."""
        return self.codes or bool(self.passkeys)


@query
def my_second_factors(actor: Actor) -> SecondFactors:
    """The actor's own."""
    return _of(_oneself(actor))


@query
def second_factors_of(actor: Actor, user_id: UserId) -> SecondFactors:
    """Those of a person who is about to sign in."""
    access.system(actor)
    return _of(user_id)


@query
def new_passkey_question(actor: Actor) -> Question:
    """What to ask the browser of a person who wants one more passkey. Raises CheckNeeded."""
    user_id = _oneself(actor)
    fresh(actor)
    user = db.session().get_one(User, user_id)
    return passkeys.ask_for_new(user_id, user.email, user.name, _credentials(user_id))


@query
def passkey_question(actor: Actor, user_id: UserId | None = None) -> Question:
    """What to ask a browser from which somebody signs in: for any passkey, or for one of this person."""
    access.system(actor)
    return passkeys.ask(_credentials(user_id) if user_id is not None else ())


def _of(user_id: UUID) -> SecondFactors:
    session = db.session()
    confirmed = select(CodeSecret.user_id).where(CodeSecret.user_id == user_id, CodeSecret.confirmed_at.is_not(None))
    rows = session.scalars(select(Passkey).where(Passkey.user_id == user_id).order_by(Passkey.created_at))
    left = select(func.count()).select_from(RecoveryCode)
    left = left.where(RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))
    return SecondFactors(
        codes=session.scalar(confirmed) is not None,
        passkeys=tuple(KnownPasskey(PasskeyId(row.id), row.name, row.created_at, row.last_used_at) for row in rows),
        recovery_codes_left=session.scalar(left) or 0,
    )


def _credentials(user_id: UUID) -> list[str]:
    return list(db.session().scalars(select(Passkey.credential_id).where(Passkey.user_id == user_id)))


def _oneself(actor: Actor) -> UserId:
    if actor.kind is not ActorKind.USER or actor.id is None:
        raise NotFound()
    access.oneself(actor, ActorKind.USER, actor.id)
    return UserId(actor.id)
