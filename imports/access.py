"""Who may bring something into an account: its administrators, and staff of the platform whom they let."""

from sqlalchemy import select

from accounts import access
from accounts.access import Actor, ActorKind
from accounts.flags import Flag, must_be_on
from accounts.models import Account, SupportVisit
from accounts.queries.support import holds
from accounts.rights import Right
from accounts.values import AccountId
from kit import db
from kit.errors import NotFound


def may_import(actor: Actor, account_id: AccountId) -> Account:
    """Ask for the right; the account. Staff needs a visit that holds and was agreed to for that."""
    if actor.staff and _agreed(actor, account_id):
        access.staff(actor, account_id)
    else:
        access.allowed_in(actor, Right.MANAGE_ACCOUNT, account_id)
        if actor.kind is not ActorKind.SYSTEM:
            must_be_on(Flag.OWN_IMPORT, account_id)
    account = db.session().get(Account, account_id)
    if account is None:
        raise NotFound()
    return account


def _agreed(actor: Actor, account_id: AccountId) -> bool:
    mine = SupportVisit.account_id == account_id, SupportVisit.asked_by == actor.id, SupportVisit.with_import.is_(True)
    return db.session().scalar(select(SupportVisit.id).where(*mine, holds()).limit(1)) is not None
