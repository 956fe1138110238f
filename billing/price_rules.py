"""What a price may be: its size, and the VAT that goes with its seller."""

from collections.abc import Mapping
from decimal import Decimal

from accounts.sellers import Seller
from billing.queries.tariffs import applicable_percent

MOST = {"energy_price": Decimal(10), "time_price": Decimal(10), "session_fee": Decimal(100)}
MOST_DECIMALS = 4


def judged_prices(prices: Mapping[str, Decimal]) -> dict[str, str]:
    """What is the matter with which price: not_a_number, negative, too_high, too_precise."""
    return {field: code for field, amount in prices.items() if (code := _problem(field, amount))}


def judged_vat(seller: Seller, wanted: Decimal | None, time_zone: str) -> tuple[Decimal | None, str | None]:
    """The rate to store and what is the matter with the wanted one, if anything."""
    lawful = applicable_percent(seller, wanted, time_zone)
    if not seller.vat_registered:
        return None, None if wanted is None else "not_registered"
    if lawful is None:
        return None, "required"
    if wanted is not None and (wanted != lawful or not 0 <= wanted < 100):
        return lawful, "not_the_rate"
    return lawful, None


def kept_vat(seller: Seller, present: Decimal | None, time_zone: str) -> Decimal | None:
    """The rate to ask for where only the price is to change: None where the law knows it anyway."""
    lawful = applicable_percent(seller, None, time_zone)
    return present if seller.vat_registered and lawful is None else None


def _problem(field: str, amount: Decimal) -> str | None:
    if not amount.is_finite():
        return "not_a_number"
    if amount < 0:
        return "negative"
    if amount > MOST[field]:
        return "too_high"
    return "too_precise" if amount != round(amount, MOST_DECIMALS) else None
