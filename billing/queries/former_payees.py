"""Whose income the provider keeps although he is paid here no more; for staff."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from accounts.access import Actor, staff
from accounts.models import Account
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


@query
def former_payees(actor: Actor, *, before: UUID | None = None, limit: int = SHOWN) -> list[FormerPayeeRow]:
    """Operators who are paid in their account no more, and of whom the provider keeps something; who left it last
    comes first.
    """
    staff(actor)
    one = FormerPayee
    columns = one.id, one.account_id, Account.name, one.provider, one.provider_account
    wanted = select(*columns, one.payouts_held_at, one.left_at, one.released_at).where(
        one.provider == settings.current().payment_provider, one.payouts_held_at.is_not(None)
    )
    if before is not None:
        wanted = wanted.where(one.id < before)
    rows = wanted.join(Account, Account.id == one.account_id).order_by(one.id.desc()).limit(limit)
    return [FormerPayeeRow(*row) for row in db.session().execute(rows)]
