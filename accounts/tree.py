"""The tree of accounts: where a new one stands, and what moves along when it gets another parent.

Standing above gives no right. The grants that a new account makes to those above it do, and it can take them back.
"""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, delete, exists, insert, or_, select, update

from accounts import shares
from accounts.models import Account, AccountLineage, Grant
from accounts.rights import Role
from kit import clock, db
from kit.ids import new_id


def place(account: Account, *, by: str, trusting: bool = True) -> None:
    """Put a new account into the tree. The account above may do everything in it, and whoever has a role in all of that
    one has it here, too, until the new account takes it back; nobody has anything if it is not `trusting`.
    """
    session = db.session()
    session.add(account)
    session.flush()
    _stand([account.id], [account.id, *lineage(account.parent_id)])
    if trusting and account.parent_id is not None:
        entrust(account.id, account.parent_id, by=by, role=Role.OWNER)


def move(account: Account, parent_id: UUID | None, *, by: str, role: Role) -> None:
    """Stand below another account, with all that is below. The roles of those who no longer stand above end; the new
    parent gets this one, here and wherever the account itself may do everything.
    """
    moved, old, new = below(account.id), lineage(account.parent_id), lineage(parent_id)
    account.parent_id = parent_id
    db.session().flush()
    cut = AccountLineage.account_id.in_(moved) & AccountLineage.ancestor_id.in_(old)
    db.session().execute(delete(AccountLineage).where(cut))
    for one in moved:
        _stand([one], new)
    leaving = Grant.account_id.in_(moved) & Grant.holder_id.in_(set(old) - set(new))
    ended = update(Grant).where(leaving, shares.live()).values(revoked_at=clock.now(), revoked_by=by)
    db.session().execute(ended)
    if parent_id is None:
        return
    entrust(account.id, parent_id, by=by, role=role)
    everything = Grant.holder_id == account.id, Grant.role == Role.OWNER, shares.live(), shares.whole()
    for trusting in list(db.session().scalars(select(Grant.account_id).where(*everything))):
        if trusting in moved:
            _hand_on(account.id, trusting, new, by=by)


def entrust(account_id: UUID, parent_id: UUID, *, by: str, role: Role) -> None:
    """Give the account above a role; with ownership, those who have a role in all of that one have it here, too."""
    present = Grant.account_id == account_id, Grant.holder_id == parent_id, shares.live(), shares.whole()
    if db.session().scalar(select(Grant.id).where(*present, Grant.role == role)) is None:
        db.session().add(_given(account_id, parent_id, role, by))
    if role is Role.OWNER:
        _hand_on(parent_id, account_id, lineage(parent_id), by=by)
    db.session().flush()
    shares.forget()


def lineage(account_id: UUID | None) -> Sequence[UUID]:
    """The account and all above it; nothing for None."""
    above = select(AccountLineage.ancestor_id).where(AccountLineage.account_id == account_id)
    return [] if account_id is None else list(db.session().scalars(above))


def below_trusting() -> ColumnElement[bool]:
    """For a WHERE on the lineage: the account is the ancestor itself, or lets that one do everything. What stands below
    and has taken its trust back is not the ancestor's to open.
    """
    line = AccountLineage
    given = Grant.account_id == line.account_id, Grant.holder_id == line.ancestor_id, Grant.role == Role.OWNER
    trust = exists().where(*given, shares.live(), shares.whole()).correlate(line)
    return or_(line.account_id == line.ancestor_id, trust)


def below(account_id: UUID) -> Sequence[UUID]:
    """The account and all below it."""
    return list(db.session().scalars(select(AccountLineage.account_id).where(AccountLineage.ancestor_id == account_id)))


def _hand_on(from_id: UUID, to_id: UUID, holders: Collection[UUID], *, by: str) -> None:
    """What these holders may do in all of one account they may do in another one, too."""
    mandates = Grant.account_id.in_([from_id, to_id]), Grant.holder_id.in_(holders), shares.live(), shares.whole()
    rows = list(db.session().scalars(select(Grant).where(*mandates)))
    present = {(row.holder_id, row.role, row.own_role_id) for row in rows if row.account_id == to_id}
    for row in rows:
        if row.account_id == from_id and (row.holder_id, row.role, row.own_role_id) not in present:
            given = _given(to_id, row.holder_id, row.role, by)
            given.own_role_id, given.ends_at = row.own_role_id, row.ends_at
            db.session().add(given)
    db.session().flush()
    shares.forget()


def _given(account_id: UUID, holder_id: UUID | None, role: Role | None, by: str) -> Grant:
    return Grant(
        id=new_id(), account_id=account_id, holder_id=holder_id, role=role, granted_by=by, granted_at=clock.now()
    )


def _stand(accounts: Collection[UUID], above: Collection[UUID]) -> None:
    rows = [{"account_id": one, "ancestor_id": ancestor} for one in accounts for ancestor in above]
    if rows:
        db.session().execute(insert(AccountLineage), rows)
