"""The sums behind every price."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.pricing import Line, Priced, energy_reach_wh, exact_cost, price, reaches_hold
from billing.values import LineKind, Terms, Usage
from kit.money import percent_minor

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SWISS_VAT = Decimal("8.1")


def terms(energy: str = "0", time: str = "0", fee: str = "0", vat: str | None = "8.1", currency: str = "CHF") -> Terms:
    return Terms(
        tariff_id=UUID(int=1),
        currency=currency,
        energy_price=Decimal(energy),
        time_price=Decimal(time),
        session_fee=Decimal(fee),
        vat_percent=None if vat is None else Decimal(vat),
        time_zone="Europe/Zurich",
    )


def usage(energy_wh: int, length: timedelta = timedelta(hours=2)) -> Usage:
    return Usage(energy_wh, START, START + length)


def booked(priced: Priced) -> tuple[int, int, int]:
    return priced.net_minor, priced.vat_minor, priced.gross_minor


@pytest.mark.parametrize(
    ("used", "agreed", "expected"),
    [
        # gross is rounded first, VAT follows from it: not 976 + 80
        (usage(23_456), terms("0.45"), (977, 79, 1056)),
        (usage(23_456), terms("0.45", fee="1.50"), (1116, 90, 1206)),
        # an hour of real time over the change to summer time, 6.00 an hour
        (usage(11_000, timedelta(hours=1)), terms(time="0.10"), (555, 45, 600)),
        # 4.997… net of a gross 5.25 at 5 %
        (usage(20_000, timedelta(minutes=150)), terms(time="0.035", vat="5"), (500, 25, 525)),
        # no energy: the session fee alone, or nothing
        (usage(0, timedelta(minutes=10)), terms("0.45", fee="1.00"), (93, 7, 100)),
        (usage(0, timedelta(minutes=10)), terms("0.45"), (0, 0, 0)),
        # the fee alone, no rate stated
        (usage(2_000), terms(fee="1.00", vat=None), (100, 0, 100)),
        # a tie of half a Rappen goes up
        (usage(32_500), terms("0.33"), (993, 80, 1073)),
        # seconds count, not begun minutes: 47 min 20 s less half an hour free would be 0.8667; here 17 min 20 s
        (usage(5_000, timedelta(minutes=17, seconds=20)), terms(time="0.05"), (80, 7, 87)),
        # very little energy
        (usage(115), terms("0.25", vat=None), (3, 0, 3)),
        # a free price
        (usage(18_000), terms(), (0, 0, 0)),
    ],
)
def test_a_session_costs_exactly_this(used: Usage, agreed: Terms, expected: tuple[int, int, int]) -> None:
    assert booked(price(used, agreed)) == expected


def test_groups_of_drivers_pay_what_their_price_says() -> None:
    assert [price(usage(18_000), terms(each)).gross_minor for each in ("0.25", "0.30", "0.45")] == [450, 540, 810]


@pytest.mark.parametrize(("currency", "minor"), [("JPY", 11), ("EUR", 1056), ("KWD", 10555)])
def test_a_total_is_rounded_to_the_smallest_unit_of_its_currency(currency: str, minor: int) -> None:
    assert price(usage(23_456), terms("0.45", currency=currency)).gross_minor == minor


def test_lines_say_what_was_used_and_the_largest_takes_the_rest() -> None:
    priced = price(usage(1_010, timedelta(seconds=61)), terms("0.40", "0.10", "0.3050"))
    assert priced.lines == (
        Line(LineKind.ENERGY, 1_010, Decimal("0.40"), 40),
        Line(LineKind.TIME, 61, Decimal("0.10"), 10),
        Line(LineKind.SESSION, 1, Decimal("0.3050"), 31),
    )
    assert priced.gross_minor == 81
    tie = price(usage(1_000, timedelta(minutes=1)), terms("0.125", "0.125"))
    assert [line.amount_minor for line in tie.lines] == [12, 13]
    assert tie.gross_minor == 25


def test_parts_without_a_price_have_no_line() -> None:
    assert [line.kind for line in price(usage(1_000), terms("0.45")).lines] == [LineKind.ENERGY]
    assert price(usage(1_000), terms()).lines == ()


def test_a_total_above_the_hold_is_cut_and_says_so() -> None:
    priced = price(usage(80_000), terms("0.45"), most_minor=2_500)
    assert booked(priced) == (2_313, 187, 2_500)
    assert priced.lines == (
        Line(LineKind.ENERGY, 80_000, Decimal("0.45"), 3_600),
        Line(LineKind.LIMIT, 1, None, -1_100),
    )
    assert price(usage(80_000), terms("0.45"), most_minor=3_600).lines[-1].kind is LineKind.ENERGY


def test_a_hold_reaches_this_far() -> None:
    assert energy_reach_wh(usage(0), terms("0.79", fee="1.00"), 6_000) == 74_683
    assert price(usage(74_683), terms("0.79", fee="1.00")).gross_minor == 6_000
    assert energy_reach_wh(usage(0), terms("0.50", "0.10"), 6_000) == 96_000
    assert energy_reach_wh(usage(0), terms(time="0.10"), 6_000) is None
    assert energy_reach_wh(usage(0), terms("0.50", fee="70"), 6_000) == 0


def test_a_hold_is_reached_when_the_margin_would_use_it_up() -> None:
    agreed = terms("0.50")
    # 22 kW for 30 s are 183 Wh, 0.0915 in money
    assert not reaches_hold(usage(119_816), agreed, 6_000, power_w=22_000)
    assert reaches_hold(usage(119_817), agreed, 6_000, power_w=22_000)
    assert not reaches_hold(usage(119_999), agreed, 6_000)
    assert reaches_hold(usage(120_000), agreed, 6_000)


def test_the_platform_takes_its_fee_of_the_rounded_total() -> None:
    assert percent_minor(1_056, Decimal(10)) == 106


prices = st.decimals(0, 10, places=4)
energies = st.integers(0, 500_000)
lengths = st.timedeltas(timedelta(0), timedelta(days=3))
agreements = st.builds(
    Terms,
    tariff_id=st.just(UUID(int=1)),
    currency=st.sampled_from(["CHF", "EUR", "JPY", "KWD"]),
    energy_price=prices,
    time_price=prices,
    session_fee=prices,
    vat_percent=st.none() | st.decimals(0, 30, places=2),
    time_zone=st.just("Europe/Zurich"),
)


@given(agreements, energies, lengths, st.none() | st.integers(50, 20_000))
def test_lines_add_up_and_net_and_vat_make_gross(
    agreed: Terms, energy_wh: int, length: timedelta, most_minor: int | None
) -> None:
    priced = price(usage(energy_wh, length), agreed, most_minor=most_minor)
    assert sum(line.amount_minor for line in priced.lines) == priced.gross_minor
    assert priced.net_minor + priced.vat_minor == priced.gross_minor
    assert 0 <= priced.vat_minor <= priced.gross_minor
    assert all(line.amount_minor >= 0 for line in priced.lines if line.kind is not LineKind.LIMIT)
    assert most_minor is None or priced.gross_minor <= most_minor


@given(agreements, energies, energies, lengths, lengths)
def test_cost_never_falls_with_energy_or_time(
    agreed: Terms, energy_wh: int, more_wh: int, length: timedelta, longer: timedelta
) -> None:
    before = price(usage(energy_wh, length), agreed)
    assert price(usage(energy_wh + more_wh, length), agreed).gross_minor >= before.gross_minor
    assert price(usage(energy_wh, length + longer), agreed).gross_minor >= before.gross_minor


@given(agreements, energies, energies, lengths, lengths)
def test_splitting_a_session_never_changes_the_exact_cost(
    agreed: Terms, first_wh: int, second_wh: int, first: timedelta, second: timedelta
) -> None:
    whole = exact_cost(usage(first_wh + second_wh, first + second), agreed)
    parts = exact_cost(usage(first_wh, first), agreed) + exact_cost(usage(second_wh, second), agreed)
    assert parts - whole == agreed.session_fee


@given(agreements.filter(lambda each: each.energy_price > 0), st.integers(50, 20_000), lengths)
def test_the_reach_of_a_hold_is_the_last_wh_that_it_pays(agreed: Terms, hold_minor: int, length: timedelta) -> None:
    reach_wh = energy_reach_wh(usage(0, length), agreed, hold_minor)
    assert reach_wh is not None
    if reach_wh:
        assert price(usage(reach_wh, length), agreed).gross_minor <= hold_minor
    more = exact_cost(usage(reach_wh + 1, length), agreed)
    assert reaches_hold(usage(reach_wh + 1, length), agreed, hold_minor, margin=timedelta(0)), more
