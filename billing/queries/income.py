"""What an operator earned, and where that money is."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Select, case, func, select

from accounts.access import Actor, allowed_in, visible, within
from accounts.models import Account
from accounts.rights import Right
from billing import ledger
from billing.models import LedgerEntry, LedgerPosting
from billing.values import LedgerAccount
from kit import clock, db
from kit.use_case import query

MONTHS = 12
DEFAULT_ZONE = "Europe/Zurich"


@dataclass(frozen=True)
class Balance:
    """Money at the provider in minor units: what can be paid out now, and what follows in a few days."""

    currency: str
    available_minor: int
    soon_minor: int


@dataclass(frozen=True)
class MonthIncome:
    """One calendar month: sales with VAT (refunds taken off), the VAT in them, our fee, and what remains."""

    first_day: date
    currency: str
    gross_minor: int
    vat_minor: int
    fee_minor: int

    @property
    def earned_minor(self) -> int:
        """Sales less the platform's fee."""
        return self.gross_minor - self.fee_minor


@dataclass(frozen=True)
class Income:
    """Balances by currency, and the last twelve months with bookings, newest first."""

    balances: tuple[Balance, ...]
    months: tuple[MonthIncome, ...]


@query
def income(actor: Actor, account_id: UUID | None = None) -> Income:
    """The income of an account with all below it, as far as the actor may see it, or of every such account."""
    zone = DEFAULT_ZONE
    accounts = visible(actor, Right.VIEW_INCOME, select(Account.id), Account)
    if account_id is not None:
        allowed_in(actor, Right.VIEW_INCOME, account_id)
        accounts = accounts.where(within(Account, account_id))
        zone = db.session().get_one(Account, account_id).time_zone
    sums = ledger.balances(accounts)
    balances = tuple(
        Balance(
            currency,
            sums.get((currency, LedgerAccount.PROVIDER_AVAILABLE), 0),
            sums.get((currency, LedgerAccount.PROVIDER_SOON), 0),
        )
        for currency in sorted({currency for currency, _ in sums})
    )
    return Income(balances, _months(accounts, ZoneInfo(zone)))


def _months(accounts: Select[Any], zone: ZoneInfo) -> tuple[MonthIncome, ...]:
    starts = _month_starts(zone)
    month: Any = case(*((LedgerEntry.booked_at >= start, number) for number, start in enumerate(starts)), else_=MONTHS)
    number = month.label("number")
    statement = (
        select(number, LedgerPosting.currency, LedgerPosting.ledger_account, func.sum(LedgerPosting.amount_minor))
        .join(LedgerEntry, LedgerEntry.id == LedgerPosting.entry_id)
        .where(LedgerPosting.account_id.in_(accounts), LedgerEntry.booked_at >= starts[-1])
        .group_by(number, LedgerPosting.currency, LedgerPosting.ledger_account)
    )
    sums: dict[tuple[int, str], dict[LedgerAccount, int]] = defaultdict(dict)
    for index, currency, side, total in db.session().execute(statement):
        sums[index, currency][side] = int(total)
    return tuple(
        _month(starts[index].astimezone(zone).date(), currency, sums[index, currency])
        for index, currency in sorted(sums)
    )


def _month(first_day: date, currency: str, sums: dict[LedgerAccount, int]) -> MonthIncome:
    vat_minor = -sums.get(LedgerAccount.VAT, 0)
    return MonthIncome(
        first_day=first_day,
        currency=currency,
        gross_minor=vat_minor - sums.get(LedgerAccount.REVENUE, 0),
        vat_minor=vat_minor,
        fee_minor=sums.get(LedgerAccount.PLATFORM_FEE, 0),
    )


def _month_starts(zone: ZoneInfo) -> list[datetime]:
    """Midnight of the first day of this month and the eleven before, newest first."""
    today = clock.now().astimezone(zone)
    newest = today.year * MONTHS + today.month - 1
    return [datetime((newest - back) // MONTHS, (newest - back) % MONTHS + 1, 1, tzinfo=zone) for back in range(MONTHS)]
