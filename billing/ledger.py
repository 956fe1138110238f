"""Double entry in integer minor units: a mirror of the operator's money at the payment provider.

Every booking adds up to zero and has a business key, under which it happens once. Nothing is ever changed or removed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from billing.models import LedgerEntry, LedgerPosting
from billing.values import LedgerAccount
from kit import clock, db
from kit.ids import new_id
from kit.upsert import insert

Postings = Mapping[LedgerAccount, int]


@dataclass(frozen=True)
class Sale:
    """An amount taken from (or given back to) a driver, minor units: net + VAT = gross, of which `fee` is ours."""

    net_minor: int
    vat_minor: int
    fee_minor: int

    @property
    def earned_minor(self) -> int:
        """What the operator gets at the provider."""
        return self.net_minor + self.vat_minor - self.fee_minor


def post(
    account_id: UUID, business_key: str, currency: str, postings: Postings, payment_id: UUID | None = None
) -> bool:
    """Book once; debits are positive. False: this business key was booked before, and nothing happened now."""
    assert sum(postings.values()) == 0, f"{business_key}: debits and credits differ"
    entry_id = new_id()
    row = {
        "id": entry_id,
        "account_id": account_id,
        "business_key": business_key,
        "currency": currency,
        "booked_at": clock.now(),
        "payment_id": payment_id,
    }
    once = insert(LedgerEntry).values(row).on_conflict_do_nothing(index_elements=[LedgerEntry.business_key])
    if db.session().execute(once.returning(LedgerEntry.id)).first() is None:
        return False
    db.session().add_all(
        LedgerPosting(
            entry_id=entry_id, account_id=account_id, ledger_account=side, currency=currency, amount_minor=amount
        )
        for side, amount in postings.items()
        if amount
    )
    db.session().flush()
    return True


def book_capture(account_id: UUID, payment_id: UUID, currency: str, sale: Sale) -> bool:
    """A driver paid: the operator's share is on its way at the provider, our fee is his expense."""
    postings = {
        LedgerAccount.PROVIDER_SOON: sale.earned_minor,
        LedgerAccount.PLATFORM_FEE: sale.fee_minor,
        LedgerAccount.REVENUE: -sale.net_minor,
        LedgerAccount.VAT: -sale.vat_minor,
    }
    return post(account_id, f"capture:{payment_id}", currency, postings, payment_id)


def book_available(account_id: UUID, payment_id: UUID, currency: str) -> bool:
    """The provider may pay out now what is left of this payment. False: it was booked before."""
    soon = payment_balance(payment_id, LedgerAccount.PROVIDER_SOON)
    postings = {LedgerAccount.PROVIDER_AVAILABLE: soon, LedgerAccount.PROVIDER_SOON: -soon}
    return post(account_id, f"available:{payment_id}", currency, postings, payment_id)


def book_refund(account_id: UUID, payment_id: UUID, currency: str, sale: Sale, *, refund_key: str) -> bool:
    """Money goes back to the driver: a capture mirrored. It leaves from where the payment's money is now."""
    soon = payment_balance(payment_id, LedgerAccount.PROVIDER_SOON)
    source = LedgerAccount.PROVIDER_SOON if soon else LedgerAccount.PROVIDER_AVAILABLE
    postings = {
        source: -sale.earned_minor,
        LedgerAccount.PLATFORM_FEE: -sale.fee_minor,
        LedgerAccount.REVENUE: sale.net_minor,
        LedgerAccount.VAT: sale.vat_minor,
    }
    return post(account_id, f"refund:{payment_id}:{refund_key}", currency, postings, payment_id)


def payment_balance(payment_id: UUID, ledger_account: LedgerAccount) -> int:
    """What one payment's bookings come to in one account of the books."""
    statement = (
        select(func.coalesce(func.sum(LedgerPosting.amount_minor), 0))
        .join(LedgerEntry, LedgerEntry.id == LedgerPosting.entry_id)
        .where(LedgerEntry.payment_id == payment_id, LedgerPosting.ledger_account == ledger_account)
    )
    return int(db.session().scalar(statement) or 0)


def balances(account_ids: Sequence[UUID] | Select[Any]) -> dict[tuple[str, LedgerAccount], int]:
    """The sums of these operators' books by currency and account."""
    statement = (
        select(LedgerPosting.currency, LedgerPosting.ledger_account, func.sum(LedgerPosting.amount_minor))
        .where(LedgerPosting.account_id.in_(account_ids))
        .group_by(LedgerPosting.currency, LedgerPosting.ledger_account)
    )
    return {(currency, side): int(total) for currency, side, total in db.session().execute(statement)}


def unbalanced_entries() -> list[UUID]:
    """Bookings that do not add up to zero. Always empty; whoever finds one has found a bug."""
    statement = (
        select(LedgerPosting.entry_id)
        .group_by(LedgerPosting.entry_id)
        .having(func.sum(LedgerPosting.amount_minor) != 0)
    )
    return list(db.session().scalars(statement))
