"""Rounded once, ties away from zero."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.money import Money, percent_minor, round_minor


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        (Decimal("13.725"), "CHF", 1373),
        (Decimal("-13.725"), "CHF", -1373),
        (Decimal("13.7249999"), "CHF", 1372),
        (Fraction(1, 3), "CHF", 33),
        (Decimal("12.5"), "JPY", 13),
        (Decimal("1.0005"), "KWD", 1001),
    ],
)
def test_amounts_are_rounded_to_the_currency_with_ties_away_from_zero(
    amount: Decimal | Fraction, currency: str, minor: int
) -> None:
    assert round_minor(amount, currency) == minor


def test_ten_percent_of_ten_francs_fifty_six_is_one_franc_six() -> None:
    assert percent_minor(1056, Decimal(10)) == 106


@given(st.fractions(min_value=-10_000, max_value=10_000))
def test_rounding_is_symmetric_and_never_off_by_more_than_half(amount: Fraction) -> None:
    minor = round_minor(amount, "CHF")
    assert abs(Fraction(minor, 100) - amount) <= Fraction(1, 200)
    assert round_minor(-amount, "CHF") == -minor


def test_amounts_of_two_currencies_never_add_up() -> None:
    assert Money(1, "CHF") + Money(2, "CHF") == Money(3, "CHF")
    with pytest.raises(AssertionError):
        Money(1, "CHF") + Money(1, "EUR")
