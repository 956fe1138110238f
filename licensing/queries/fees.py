"""What the platform kept from the drivers' payments, as the operators' books say it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import case, func, select

from accounts.access import Actor, system
from billing.models import LedgerEntry, LedgerPosting
from billing.values import LedgerAccount
from kit import db
from kit.use_case import query


@dataclass(frozen=True)
class FeeSum:
    """The fees of one account and currency in a span: of so many payments, and given back with so many refunds."""

    account_id: UUID
    currency: str
    payments: int
    fees_minor: int
    refunds: int
    returned_minor: int


@query
def fee_sums(actor: Actor, begins_at: datetime, ends_at: datetime) -> list[FeeSum]:
    """Every account with fees in this span. One statement."""
    system(actor)
    amount = LedgerPosting.amount_minor
    statement = (
        select(
            LedgerPosting.account_id,
            LedgerPosting.currency,
            func.sum(case((amount > 0, 1), else_=0)),
            func.sum(case((amount > 0, amount), else_=0)),
            func.sum(case((amount < 0, 1), else_=0)),
            func.sum(case((amount < 0, -amount), else_=0)),
        )
        .join(LedgerEntry, LedgerEntry.id == LedgerPosting.entry_id)
        .where(
            LedgerPosting.ledger_account == LedgerAccount.PLATFORM_FEE,
            LedgerEntry.booked_at >= begins_at,
            LedgerEntry.booked_at < ends_at,
            amount != 0,
        )
        .group_by(LedgerPosting.account_id, LedgerPosting.currency)
        .order_by(LedgerPosting.account_id, LedgerPosting.currency)
    )
    rows = db.session().execute(statement)
    return [FeeSum(account_id, currency, *map(int, sums)) for account_id, currency, *sums in rows]
