"""A person wants no login any more: what it opened ends, and a pseudonym stands where the person was named."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, select, update

from accounts import access, shares
from accounts.access import Actor, ActorKind
from accounts.bounds import must_have_owner
from accounts.errors import IsStaff, LastOwner, OnlyOwner
from accounts.events import LoginDeleted
from accounts.models import (
    Account,
    CodeSecret,
    EmailChange,
    Grant,
    Identity,
    Invitation,
    Login,
    Passkey,
    RecoveryCode,
    User,
)
from accounts.presence import fresh
from accounts.rights import Role
from accounts.use_cases.grants import end
from accounts.values import InvitationState
from kit import clock, db, notes
from kit.errors import NotFound
from kit.events import record
from kit.ids import secret_text
from kit.use_case import use_case

_OWN = (CodeSecret, RecoveryCode, Passkey, Identity, EmailChange, Login)


@use_case
def delete_login(actor: Actor) -> None:
    """Delete one's own login: roles and the keys that came with them end, and nobody can sign in with it. What was done
    stays done by somebody without a name. A letter goes to the address for the last time.

    Raises CheckNeeded, IsStaff, OnlyOwner with the accounts that need another owner first, or have to be closed.
    """
    if actor.kind is not ActorKind.USER or actor.id is None:
        raise NotFound()
    access.oneself(actor, ActorKind.USER, actor.id)
    fresh(actor)
    session = db.session()
    user = session.get_one(User, actor.id, with_for_update=True)
    if user.staff:
        raise IsStaff()
    held = session.scalars(select(Grant).where(Grant.user_id == user.id, shares.live()).with_for_update()).all()
    alone = _owned_alone(held)
    if alone:
        raise OnlyOwner(alone)
    for grant in held:
        end(grant, by=actor)
    record(LoginDeleted(email=user.email, name=user.name, language=user.language))
    answered = update(Invitation).where(Invitation.email == user.email)
    open_ones = answered.where(Invitation.state == InvitationState.OPEN)
    session.execute(open_ones.values(state=InvitationState.WITHDRAWN, answered_at=clock.now()))
    session.execute(answered.values(email="", name=""))
    for model in _OWN:
        session.execute(delete(model).where(model.user_id == user.id))
    user.email, user.name, user.password_hash = f"deleted-{user.id.hex}@invalid", "", None
    user.session_key, user.confirmed_at, user.last_login_at = secret_text(), None, None
    session.flush()
    notes.tell("user", user.id)


def _owned_alone(held: Sequence[Grant]) -> list[str]:
    """The names of accounts that would have nobody left who may do everything."""
    alone: set[UUID] = set()
    for grant in held:
        if grant.role is Role.OWNER and grant.station_id is None and grant.group_id is None:
            for account_id in (grant.account_id, *_trusting(grant.account_id)):
                try:
                    must_have_owner(account_id, without=grant)
                except LastOwner:
                    alone.add(account_id)
    return sorted(db.session().scalars(select(Account.name).where(Account.id.in_(alone))))


def _trusting(account_id: UUID) -> Sequence[UUID]:
    """Accounts that let this one do everything in them."""
    given = Grant.holder_id == account_id, Grant.role == Role.OWNER, shares.live(), shares.whole()
    return db.session().scalars(select(Grant.account_id).where(*given)).all()
