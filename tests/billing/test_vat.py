"""The tax table and the tax inside an amount."""

from datetime import date
from decimal import Decimal

from stdnum.ch import vat as swiss_vat

from billing.vat import UID_SUFFIXES, contained_minor, standard_percent


def test_the_rate_is_that_of_the_day_of_supply() -> None:
    assert standard_percent("CH", date(2023, 12, 31)) == Decimal("7.7")
    assert standard_percent("CH", date(2024, 1, 1)) == Decimal("8.1")
    assert standard_percent("LI", date(2026, 11, 23)) == Decimal("8.1")
    assert standard_percent("DE", date(2026, 11, 23)) is None
    assert standard_percent("CH", date(2010, 1, 1)) is None


def test_tax_is_taken_out_of_the_gross_amount() -> None:
    assert contained_minor(1_056, Decimal("8.1")) == 79
    assert contained_minor(100, Decimal("8.1")) == 7
    assert contained_minor(2_500, Decimal("8.1")) == 187
    assert contained_minor(500, Decimal("8.1")) == 37


def test_a_tie_goes_away_from_zero_on_both_sides() -> None:
    assert contained_minor(3, Decimal(20)) == 1
    assert contained_minor(-3, Decimal(20)) == -1


def test_there_is_no_tax_without_a_rate() -> None:
    assert contained_minor(1_056, None) == 0
    assert contained_minor(1_056, Decimal(0)) == 0


def test_the_suffix_of_every_language_makes_a_valid_number() -> None:
    assert all(swiss_vat.is_valid(f"CHE-116.281.710 {suffix}") for suffix in UID_SUFFIXES.values())
