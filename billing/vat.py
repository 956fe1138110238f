"""Value added tax: which rate holds when, and how much of a gross amount it is. Rates are data with dates."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

_SWISS = ((date(2018, 1, 1), Decimal("7.7")), (date(2024, 1, 1), Decimal("8.1")))

STANDARD_RATES: dict[str, tuple[tuple[date, Decimal], ...]] = {"CH": _SWISS, "LI": _SWISS}
"""The standard rate in percent by country (ISO 3166), each with its first day, oldest first."""

UID_SUFFIXES = {"de": "MWST", "fr": "TVA", "it": "IVA", "en": "MWST"}
"""What follows the UID of a registered firm, by language of the document."""


def standard_percent(country: str, supply_date: date) -> Decimal | None:
    """The standard rate on the day of the supply (not of the invoice); None for a country that is not in the table."""
    percent = None
    for first_day, rate in STANDARD_RATES.get(country, ()):
        if first_day <= supply_date:
            percent = rate
    return percent


def contained_minor(gross_minor: int, percent: Decimal | None) -> int:
    """The tax inside a gross amount in minor units, rounded once, ties away from zero; 0 without a rate."""
    if not percent:
        return 0
    rate = Fraction(percent) / 100
    exact = abs(gross_minor) * rate / (1 + rate)
    rounded = int((exact * 2 + 1) // 2)
    return rounded if gross_minor >= 0 else -rounded
