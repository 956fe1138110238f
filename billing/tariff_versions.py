"""Versions of a price before they are stored: judged, compared, taken along to another account."""

from decimal import Decimal
from uuid import UUID

from accounts.models import Account
from accounts.sellers import seller_of
from billing import payees
from billing.models import Tariff
from billing.price_rules import judged_prices, judged_vat
from billing.profiles import wants_to_earn
from billing.queries.tariffs import applicable_percent
from billing.values import Earning
from kit import clock
from kit.errors import Invalid

PRICES = ("energy_price", "time_price", "session_fee")


def judged_tariff(account: Account, prices: dict[str, Decimal], vat_percent: Decimal | None) -> Tariff:
    """The price as a version of this account, to be added. Raises Invalid by field, Conflict."""
    percent, vat_problem = judged_vat(seller_of(account.id), vat_percent, account.time_zone)
    problems = judged_prices(prices)
    if vat_problem:
        problems["vat_percent"] = vat_problem
    if problems:
        raise Invalid(**problems)
    if any(prices.values()):
        payees.need_earning(account.id, Earning.PRICES)
        wants_to_earn(account.id)
    return Tariff(
        account_id=account.id, currency=account.currency, vat_percent=percent, created_at=clock.now(), **prices
    )


def same_price(one: Tariff, other: Tariff) -> bool:
    """Whether a driver pays the same by both."""
    return all(getattr(one, name) == getattr(other, name) for name in ("currency", "vat_percent", *PRICES))


def carried(sold: Tariff, account: Account, *, person_price_id: UUID | None = None) -> Tariff:
    """The same price as one of another account, with the VAT of whoever sells there; to be added."""
    return Tariff(
        account_id=account.id,
        currency=sold.currency,
        **{name: getattr(sold, name) for name in PRICES},
        vat_percent=applicable_percent(seller_of(account.id), sold.vat_percent, account.time_zone),
        person_price_id=person_price_id,
        created_at=clock.now(),
    )
