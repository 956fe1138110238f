"""Numbers and instants the Swiss way, in the property's zone."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from kit import i18n


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (lambda: i18n.money(123450, "CHF"), "CHF 1’234.50"),
        (lambda: i18n.money(-5, "CHF"), "CHF -0.05"),
        (lambda: i18n.price(Decimal("0.45"), "CHF"), "CHF 0.45"),
        (lambda: i18n.price(Decimal("0.4525"), "CHF"), "CHF 0.4525"),
        (lambda: i18n.energy(12345), "12.345 kWh"),
        (lambda: i18n.power(10950), "11.0 kW"),
        (lambda: i18n.percent(Decimal("8.10")), "8.1 %"),
        (lambda: i18n.duration(timedelta(seconds=45)), "45 s"),
        (lambda: i18n.duration(timedelta(minutes=65)), "1 h 05 min"),
    ],
)
def test_values_are_shown_the_swiss_way(shown: object, expected: str) -> None:
    assert callable(shown)
    assert shown() == expected


def test_an_instant_is_shown_in_the_zone_of_the_property() -> None:
    instant = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)
    with i18n.speaking("de", "Europe/Zurich"):
        assert i18n.when(instant) == "02.07.2026, 00:30"
        assert i18n.day(instant) == "2. Juli 2026"
    with i18n.speaking("fr"):
        assert i18n.day(instant, "Europe/London") == "1er juillet 2026"


def test_what_ends_at_midnight_ends_with_the_day_before() -> None:
    assert i18n.until(datetime(2026, 12, 14, 23, tzinfo=UTC), "Europe/Zurich") == "14 December 2026"
    assert i18n.until(datetime(2026, 12, 14, 23, tzinfo=UTC), "Europe/London") == "14.12.2026, 23:00"


def test_a_language_nobody_translated_falls_back_to_english() -> None:
    with i18n.speaking("rm"):
        assert i18n.language() == "en"
