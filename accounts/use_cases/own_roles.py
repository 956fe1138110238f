"""Roles that an account puts together itself. A change reaches everybody who holds one at once."""

from collections.abc import Collection

from sqlalchemy import delete, select

from accounts import shares
from accounts.access import Actor, allowed
from accounts.bounds import must_hold_rights
from accounts.models import Account, Grant, OwnRole, OwnRoleRight
from accounts.rights import Right
from accounts.use_cases.grants import tell_grantees
from accounts.values import AccountId, OwnRoleId
from kit import clock, db
from kit.errors import Conflict, Invalid
from kit.ids import new_id
from kit.use_case import use_case

LONGEST_NAME = 60


@use_case
def create_own_role(actor: Actor, account_id: AccountId, *, name: str, rights: Collection[Right]) -> OwnRole:
    """Put a role together, of rights that the actor holds. Raises Invalid, MoreThanOneHolds."""
    allowed(actor, Right.MANAGE_PEOPLE, Account, account_id, lock=True)
    must_hold_rights(actor, rights, account_id)
    row = OwnRole(id=new_id(), account_id=account_id, name="", created_at=clock.now())
    row.name = _judged_name(row, name)
    db.session().add(row)
    db.session().flush()
    _store(row, rights)
    return row


@use_case
def change_own_role(
    actor: Actor, own_role_id: OwnRoleId, *, name: str | None = None, rights: Collection[Right] | None = None
) -> OwnRole:
    """Another name or other rights; neither those taken away nor those added may be more than the actor holds.

    Raises Invalid, MoreThanOneHolds.
    """
    row = allowed(actor, Right.MANAGE_PEOPLE, OwnRole, own_role_id, lock=True)
    must_hold_rights(actor, shares.rights_of_own(row.id) | set(rights or ()), row.account_id)
    if name is not None:
        row.name = _judged_name(row, name)
    if rights is not None:
        _store(row, rights)
        for grant in db.session().scalars(select(Grant).where(Grant.own_role_id == row.id, shares.live())):
            tell_grantees(grant)
    return row


@use_case
def remove_own_role(actor: Actor, own_role_id: OwnRoleId) -> None:
    """Give it to nobody any more. Raises Conflict("in_use") while somebody holds it."""
    row = allowed(actor, Right.MANAGE_PEOPLE, OwnRole, own_role_id, lock=True)
    if db.session().scalar(select(Grant.id).where(Grant.own_role_id == row.id, shares.live()).limit(1)) is not None:
        raise Conflict("in_use")
    row.removed_at = row.removed_at or clock.now()


def _store(row: OwnRole, rights: Collection[Right]) -> None:
    if not rights:
        raise Invalid(rights="required")
    session = db.session()
    session.execute(delete(OwnRoleRight).where(OwnRoleRight.own_role_id == row.id))
    session.add_all(OwnRoleRight(own_role_id=row.id, right=right) for right in set(rights))
    session.flush()
    shares.forget()


def _judged_name(row: OwnRole, text: str) -> str:
    name = " ".join(text.split())
    if not name or len(name) > LONGEST_NAME:
        raise Invalid(name="too_long" if name else "required")
    same = OwnRole.account_id == row.account_id, OwnRole.name == name, OwnRole.removed_at.is_(None)
    if db.session().scalar(select(OwnRole.id).where(*same, OwnRole.id != row.id)) is not None:
        raise Invalid(name="taken")
    return name
