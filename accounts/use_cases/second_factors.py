"""The second factor: codes from an app, and recovery codes. Whoever changes it proves first who they are.

A `secret_code` is called so to be hidden in audit lines.
"""

from sqlalchemy import delete, exists, select, update

from accounts import access
from accounts.access import Actor, ActorKind
from accounts.errors import WrongCode
from accounts.events import CredentialChanged
from accounts.models import CodeSecret, Login, Passkey, RecoveryCode, User
from accounts.one_time_codes import clean_code, new_recovery_codes, new_secret, step_of
from accounts.presence import fresh, login_of
from accounts.secrets import fingerprint
from accounts.use_cases.browsers import end_logins_of
from accounts.values import CredentialChange, SignInMethod, UserId
from kit import clock, db
from kit.errors import Conflict, NotFound
from kit.events import record
from kit.ids import new_id
from kit.use_case import use_case


@use_case
def begin_codes(actor: Actor) -> str:
    """Make a secret for one's app; it counts once a code of it was shown. Raises CheckNeeded, Conflict("codes_on")."""
    user_id = oneself_fresh(actor)
    row = db.session().get(CodeSecret, user_id, with_for_update=True)
    if row is not None and row.confirmed_at is not None:
        raise Conflict("codes_on")
    if row is None:
        row = CodeSecret(user_id=user_id, secret={"secret": new_secret()}, last_step=0)
        db.session().add(row)
    secret: str = row.secret["secret"]
    return secret


@use_case
def confirm_codes(actor: Actor, *, secret_code: str) -> list[str]:
    """From now on the app's code is asked for. Recovery codes, where there were none yet; they are shown this once.

    Raises CheckNeeded, WrongCode, NotFound when no secret was made.
    """
    user_id = oneself_fresh(actor)
    row = db.session().get(CodeSecret, user_id, with_for_update=True)
    if row is None or row.confirmed_at is not None:
        raise NotFound()
    _use(row, clean_code(secret_code))
    row.confirmed_at = clock.now()
    now_stronger(actor, SignInMethod.PASSWORD_AND_CODE)
    record(CredentialChanged(user_id, CredentialChange.CODES_ON.value))
    return first_recovery_codes(user_id)


@use_case
def remove_codes(actor: Actor) -> None:
    """Ask for no codes any more; twice is harmless. Raises CheckNeeded."""
    user_id = oneself_fresh(actor)
    row = db.session().get(CodeSecret, user_id, with_for_update=True)
    if row is None:
        return
    db.session().delete(row)
    if row.confirmed_at is not None:
        record(CredentialChanged(user_id, CredentialChange.CODES_OFF.value))
    drop_useless_recovery_codes(user_id)


@use_case
def renew_recovery_codes(actor: Actor) -> list[str]:
    """Ten new codes, shown this once; the old ones are worthless. Raises CheckNeeded, Conflict("no_second_factor")."""
    user_id = oneself_fresh(actor)
    if not has_second_factor(user_id):
        raise Conflict("no_second_factor")
    record(CredentialChanged(user_id, CredentialChange.RECOVERY_CODES_RENEWED.value))
    return _new_codes(user_id)


@use_case
def forget_second_factors(actor: Actor, *, email: str) -> None:
    """Take passkeys and codes from a person who has lost them all; every login ends, and they hear of it by mail.

    For the operator of the software, who made sure who asks. Raises NotFound.
    """
    access.system(actor)
    user = db.session().scalar(select(User).where(User.email == email.strip().lower()))
    if user is None:
        raise NotFound()
    for table in (CodeSecret, Passkey, RecoveryCode):
        db.session().execute(delete(table).where(table.user_id == user.id))
    end_logins_of(UserId(user.id))
    record(CredentialChanged(user.id, CredentialChange.FORGOTTEN.value))


@use_case
def use_code(actor: Actor, user_id: UserId, *, secret_code: str) -> SignInMethod:
    """Take a code of the app, or a recovery code, as the second factor. Each is good once. Raises WrongCode."""
    access.system(actor)
    code = clean_code(secret_code)
    if len(code) > 6:
        same = (RecoveryCode.user_id == user_id, RecoveryCode.code_hash == fingerprint(code))
        taking = update(RecoveryCode).where(*same, RecoveryCode.used_at.is_(None)).values(used_at=clock.now())
        if db.session().execute(taking).rowcount != 1:  # type: ignore[attr-defined]  # SQLAlchemy's type hides it
            raise WrongCode()
        return SignInMethod.PASSWORD_AND_RECOVERY_CODE
    row = db.session().get(CodeSecret, user_id, with_for_update=True)
    if row is None or row.confirmed_at is None:
        raise WrongCode()
    _use(row, code)
    return SignInMethod.PASSWORD_AND_CODE


@use_case
def note_check(actor: Actor) -> None:
    """The person has just proved once more who they are, in this login."""
    if actor.kind is not ActorKind.USER or actor.id is None:
        raise NotFound()
    access.oneself(actor, ActorKind.USER, actor.id)
    here = update(Login).where(Login.id == login_of(actor), Login.user_id == actor.id)
    db.session().execute(here.values(checked_at=clock.now()))


def oneself_fresh(actor: Actor) -> UserId:
    """The actor's own id, if they are a person who just proved it. Raises NotFound, CheckNeeded."""
    if actor.kind is not ActorKind.USER or actor.id is None:
        raise NotFound()
    access.oneself(actor, ActorKind.USER, actor.id)
    fresh(actor)
    return UserId(actor.id)


def has_second_factor(user_id: UserId) -> bool:
    """Whether something is asked for beside the password."""
    codes = exists().where(CodeSecret.user_id == user_id, CodeSecret.confirmed_at.is_not(None))
    return bool(db.session().scalar(select(codes | exists().where(Passkey.user_id == user_id))))


def first_recovery_codes(user_id: UserId) -> list[str]:
    """Recovery codes for whoever has none; part of a larger deed."""
    if db.session().scalar(select(exists().where(RecoveryCode.user_id == user_id))):
        return []
    return _new_codes(user_id)


def drop_useless_recovery_codes(user_id: UserId) -> None:
    """Without a second factor there is nothing to recover; part of a larger deed."""
    db.session().flush()
    if not has_second_factor(user_id):
        db.session().execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))


def now_stronger(actor: Actor, method: SignInMethod) -> None:
    """What was just set up was also shown: this login counts as one with it. Part of a larger deed."""
    weak = (Login.id == login_of(actor), Login.method == SignInMethod.PASSWORD)
    db.session().execute(update(Login).where(*weak).values(method=method))


def _use(row: CodeSecret, code: str) -> None:
    step = step_of(row.secret["secret"], code, after=row.last_step)
    if step is None:
        raise WrongCode()
    row.last_step = step


def _new_codes(user_id: UserId) -> list[str]:
    db.session().execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    codes = new_recovery_codes()
    db.session().add_all(
        RecoveryCode(id=new_id(), user_id=user_id, code_hash=fingerprint(clean_code(code))) for code in codes
    )
    return codes
