"""Money as integer minor units of one currency (ISO 4217), and the one way it is rounded."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

EXPONENTS = {"CHF": 2, "EUR": 2, "JPY": 0, "KWD": 3}


@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount. `minor` counts the currency's smallest unit (Rappen, cent)."""

    minor: int
    currency: str

    def __add__(self, other: "Money") -> "Money":
        assert self.currency == other.currency, "amounts of two currencies never add up"
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return self + Money(-other.minor, other.currency)

    @property
    def decimal(self) -> Decimal:
        """The amount in major units, for example Decimal("12.50")."""
        return Decimal(self.minor).scaleb(-EXPONENTS[self.currency])


def round_minor(amount: Fraction | Decimal, currency: str) -> int:
    """Major units to minor units, rounded once, ties away from zero."""
    exact = Fraction(amount) * 10 ** EXPONENTS[currency]
    whole = (abs(exact) * 2 + 1) // 2
    return int(whole) if exact >= 0 else -int(whole)


def percent_minor(minor: int, percent: Decimal) -> int:
    """A percentage of an amount in minor units, rounded once, ties away from zero."""
    return int((minor * percent / 100).quantize(Decimal(1), ROUND_HALF_UP))
