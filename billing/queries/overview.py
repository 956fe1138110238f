"""What a dashboard shows of money, in few statements: balances, income by day, accounts that nobody can pay."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from accounts.access import Actor, visible, within
from accounts.models import Account, AccountLineage
from accounts.rights import Right
from billing import ledger
from billing.models import LedgerEntry, LedgerPosting, PayoutProfile
from billing.queries.income import Balance
from billing.values import LedgerAccount
from kit import db, settings
from kit.hours import day_of, last_days, utc_hour
from kit.use_case import query
from stations.models import Station

_SALES = (LedgerAccount.REVENUE, LedgerAccount.VAT)


@dataclass(frozen=True)
class DayIncome:
    """Sales of one calendar day with VAT, refunds taken off, minor units."""

    day: date
    currency: str
    gross_minor: int


@dataclass(frozen=True)
class UnpayableAccount:
    """An account with stations whose drivers can't pay yet."""

    account_id: UUID
    name: str


@query
def balances(actor: Actor, account_id: UUID) -> list[Balance]:
    """What can be paid out now and what follows, by currency, for an account with all below it."""
    accounts = visible(actor, Right.VIEW_INCOME, select(Account.id).where(within(Account, account_id)), Account)
    sums = ledger.balances(accounts)
    available, soon = LedgerAccount.PROVIDER_AVAILABLE, LedgerAccount.PROVIDER_SOON
    return [
        Balance(currency, sums.get((currency, available), 0), sums.get((currency, soon), 0))
        for currency in sorted({currency for currency, _ in sums})
    ]


@query
def daily_income(actor: Actor, account_id: UUID, *, zone: str = "Europe/Zurich", days: int = 30) -> list[DayIncome]:
    """Sales of the last days, by calendar day of `zone` and currency; days without a booking are left out."""
    begin, _ = last_days(days, zone)
    hour = utc_hour(LedgerEntry.booked_at).label("hour")
    summed = visible(
        actor,
        Right.VIEW_INCOME,
        select(hour, LedgerPosting.currency, func.sum(-LedgerPosting.amount_minor))
        .join(LedgerEntry, LedgerEntry.id == LedgerPosting.entry_id)
        .where(
            within(LedgerPosting, account_id),
            LedgerEntry.booked_at >= begin,
            LedgerPosting.ledger_account.in_(_SALES),
        )
        .group_by("hour", LedgerPosting.currency),
        LedgerPosting,
    )
    sums: dict[tuple[date, str], int] = {}
    for text, currency, gross_minor in db.session().execute(summed):
        key = day_of(text, zone), currency
        sums[key] = sums.get(key, 0) + int(gross_minor)
    return [DayIncome(day, currency, gross_minor) for (day, currency), gross_minor in sorted(sums.items())]


@query
def unpayable_accounts(actor: Actor, account_id: UUID) -> list[UnpayableAccount]:
    """Accounts with stations, from this one downwards, where neither they nor one above that sells in the same name
    can take money.
    """
    above = aliased(Account)
    chosen = (
        PayoutProfile.provider == settings.current().payment_provider,
        PayoutProfile.connected_at.is_not(None),
    )
    own = exists().where(PayoutProfile.account_id == Account.id, *chosen)
    own_ready = exists().where(PayoutProfile.account_id == Account.id, *chosen, PayoutProfile.charges_enabled)
    above_ready = (
        select(PayoutProfile.account_id)
        .join(AccountLineage, AccountLineage.ancestor_id == PayoutProfile.account_id)
        .join(above, above.id == PayoutProfile.account_id)
        .where(AccountLineage.account_id == Account.id, *chosen, PayoutProfile.charges_enabled)
        .where(or_(Account.legal_name.in_(("", above.legal_name)), and_(Account.uid != "", Account.uid == above.uid)))
        .exists()
    )
    found = visible(
        actor,
        Right.VIEW_INCOME,
        select(Account.id, Account.name)
        .where(within(Account, account_id), exists().where(Station.account_id == Account.id))
        .where(~own_ready, own | ~above_ready)
        .order_by(func.lower(Account.name)),
        Account,
    )
    return [UnpayableAccount(row_id, name) for row_id, name in db.session().execute(found)]
