"""The owner's wish to close an account, and its end. Nothing changes before its day."""

from sqlalchemy import select

from accounts.access import Actor, allowed
from accounts.models import Account
from accounts.presence import fresh
from accounts.rights import Right
from accounts.values import AccountId
from closures import inspection
from closures.errors import ClosingAlready, StillInUse, TooLateToOpen
from closures.events import ClosureRequested, ClosureUndone
from closures.models import Closure
from closures.values import GRACE, ClosureState
from kit import clock, db
from kit.events import record
from kit.ids import new_id
from kit.use_case import use_case


@use_case
def request_closure(actor: Actor, account_id: AccountId) -> Closure:
    """Let an account be closed after a time in which it can be undone.

    Raises CheckNeeded, ClosingAlready, StillInUse with all that stands against it.
    """
    account = allowed(actor, Right.CLOSE_ACCOUNT, Account, account_id, lock=True)
    fresh(actor)
    assert actor.id is not None, "a person just proved who they are"
    if _waiting(account_id) is not None:
        raise ClosingAlready()
    standing = inspection.obstacles(account)
    if standing:
        raise StillInUse(standing)
    now = clock.now()
    row = Closure(
        id=new_id(),
        account_id=account_id,
        state=ClosureState.WAITING,
        name=account.name,
        requested_by=actor.id,
        requested_at=now,
        due_at=now + GRACE,
    )
    db.session().add(row)
    record(ClosureRequested(row.id))
    return row


@use_case
def undo_closure(actor: Actor, account_id: AccountId) -> Closure:
    """The account stays open. Raises TooLateToOpen."""
    allowed(actor, Right.CLOSE_ACCOUNT, Account, account_id, lock=True)
    row = _waiting(account_id)
    if row is None:
        raise TooLateToOpen()
    row.state, row.undone_at = ClosureState.UNDONE, clock.now()
    record(ClosureUndone(row.id))
    return row


def _waiting(account_id: AccountId) -> Closure | None:
    wanted = select(Closure).where(Closure.account_id == account_id, Closure.state == ClosureState.WAITING)
    return db.session().scalars(wanted.with_for_update()).one_or_none()
