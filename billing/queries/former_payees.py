"""Whose income a provider keeps although he is paid through it no more."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from accounts.access import Actor, allowed_in, staff
from accounts.models import Account
from accounts.rights import Right
from accounts.values import AccountId
from billing.models import FormerPayee
from kit import db, settings
from kit.use_case import query

SHOWN = 25


@dataclass(frozen=True)
class FormerPayeeRow:
    """One of them, with the name of his account. `released_at`: staff let it go, and the provider is about to hear."""

    id: UUID
    account_id: UUID
    account_name: str
    provider: str
    provider_account: str
    payouts_held_at: datetime | None
    left_at: datetime
    released_at: datetime | None

    @property
    def in_force(self) -> bool:
        """Whether the platform still works with this provider; to another one staff go themselves."""
        return self.provider == settings.current().payment_provider


@query
def former_payees(actor: Actor, *, before: UUID | None = None, limit: int = SHOWN) -> list[FormerPayeeRow]:
    """Operators who are paid in their account no more, and of whom the provider keeps something; who left it last
    comes first.
    """
    staff(actor)
    wanted = _kept()
    if before is not None:
        wanted = wanted.where(FormerPayee.id < before)
    return [FormerPayeeRow(*row) for row in db.session().execute(wanted.limit(limit))]


@query
def payouts_left_behind(actor: Actor, account_id: AccountId) -> list[FormerPayeeRow]:
    """The same of one account, for its own people. Raises NotFound, Forbidden."""
    allowed_in(actor, Right.VIEW_INCOME, account_id)
    return [FormerPayeeRow(*row) for row in db.session().execute(_kept().where(FormerPayee.account_id == account_id))]


def _kept() -> Select[*tuple[Any, ...]]:
    one = FormerPayee
    columns = one.id, one.account_id, Account.name, one.provider, one.provider_account
    wanted = select(*columns, one.payouts_held_at, one.left_at, one.released_at).where(one.payouts_held_at.is_not(None))
    return wanted.join(Account, Account.id == one.account_id).order_by(one.id.desc())
