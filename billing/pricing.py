"""What a session costs. Pure sums: exact fractions, rounded once on the total, ties away from zero."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from billing import vat
from billing.values import HOLD_MARGIN, LineKind, Terms, Usage
from kit.money import EXPONENTS, round_minor

WH_PER_KWH = 1000
MICROSECOND = timedelta(microseconds=1)
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Line:
    """One part of a price as people read it; the lines add up to the total.

    `quantity` counts Wh for ENERGY, whole seconds for TIME, 1 for SESSION and LIMIT. `unit_price` is gross, in major
    units, per kWh, per minute or once; None for LIMIT.
    """

    kind: LineKind
    quantity: int
    unit_price: Decimal | None
    amount_minor: int

    def plain(self) -> dict[str, Any]:
        """The line as JSON, for charges and documents."""
        return {
            "kind": self.kind.value,
            "quantity": self.quantity,
            "unit_price": None if self.unit_price is None else str(self.unit_price),
            "amount_minor": self.amount_minor,
        }


@dataclass(frozen=True)
class Priced:
    """A price: its lines, and net + VAT = gross in minor units of `currency`. `vat_percent` None: no VAT is shown."""

    currency: str
    lines: tuple[Line, ...]
    net_minor: int
    vat_minor: int
    gross_minor: int
    vat_percent: Decimal | None


def price(usage: Usage, terms: Terms, *, most_minor: int | None = None) -> Priced:
    """Price a session by its frozen terms.

    Energy is the register difference, time runs from start to end exactly. `most_minor` caps the total (what was
    reserved can't be exceeded); the difference becomes a line of its own.
    """
    exact = _exact_parts(usage, terms)
    gross_minor = round_minor(_total(exact), terms.currency)
    lines = _display_lines(exact, gross_minor, terms.currency)
    if most_minor is not None and gross_minor > most_minor:
        lines = [*lines, Line(LineKind.LIMIT, 1, None, most_minor - gross_minor)]
        gross_minor = most_minor
    vat_minor = vat.contained_minor(gross_minor, terms.vat_percent)
    return Priced(terms.currency, tuple(lines), gross_minor - vat_minor, vat_minor, gross_minor, terms.vat_percent)


cost_so_far = price
"""The price of a session that still runs: `usage` says how far it got."""


def exact_cost(usage: Usage, terms: Terms) -> Fraction:
    """The gross price before any rounding, in major units."""
    return _total(_exact_parts(usage, terms))


def energy_reach_wh(usage: Usage, terms: Terms, hold_minor: int) -> int | None:
    """How many Wh in all the hold pays for if the session ended at `usage.ended_at`; None: energy costs nothing."""
    if not terms.energy_price:
        return None
    others = exact_cost(Usage(0, usage.started_at, usage.ended_at), terms)
    left = max(Fraction(0), Fraction(hold_minor, 10 ** EXPONENTS[terms.currency]) - others)
    return int(left * WH_PER_KWH / Fraction(terms.energy_price))


def reaches_hold(
    usage: Usage, terms: Terms, hold_minor: int, *, power_w: int = 0, margin: timedelta = HOLD_MARGIN
) -> bool:
    """Whether the cost comes up to the hold within `margin`, the car drawing `power_w` all the while."""
    coming_wh = Fraction(power_w * (margin // MICROSECOND), 3600 * 1_000_000)
    later = Usage(usage.energy_wh + int(coming_wh), usage.started_at, usage.ended_at + margin)
    return exact_cost(later, terms) >= Fraction(hold_minor, 10 ** EXPONENTS[terms.currency])


_Part = tuple[LineKind, int, Decimal, Fraction]


def _total(parts: Sequence[_Part]) -> Fraction:
    return sum((amount for *_, amount in parts), Fraction(0))


def _exact_parts(usage: Usage, terms: Terms) -> list[_Part]:
    """Kind, quantity to show, unit price and exact amount of every part that has a price."""
    assert usage.energy_wh >= 0, "energy is never negative"
    length = max(timedelta(0), usage.ended_at - usage.started_at)
    parts = [
        (LineKind.ENERGY, usage.energy_wh, terms.energy_price, Fraction(usage.energy_wh, WH_PER_KWH)),
        (
            LineKind.TIME,
            length // timedelta(seconds=1),
            terms.time_price,
            Fraction(length // MICROSECOND, MINUTE // MICROSECOND),
        ),
        (LineKind.SESSION, 1, terms.session_fee, Fraction(1)),
    ]
    return [(kind, shown, unit, Fraction(unit) * exact) for kind, shown, unit, exact in parts if unit]


def _display_lines(parts: Sequence[_Part], gross_minor: int, currency: str) -> list[Line]:
    """Round each line; what the rounded lines miss of the rounded total goes to the largest one."""
    amounts = [round_minor(amount, currency) for *_, amount in parts]
    if amounts:
        largest = max(range(len(parts)), key=lambda index: parts[index][3])
        amounts[largest] += gross_minor - sum(amounts)
    return [Line(kind, shown, unit, amount) for (kind, shown, unit, _), amount in zip(parts, amounts, strict=True)]
