"""What the pages of a session say in words: why it ended, why it did not begin, what it cost for what."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from billing.values import LineKind
from charging.values import StopReason
from kit.i18n import _, duration, energy, price
from kit.i18n import lazy_ as word
from portal.labels import label
from stations.dictionary import STOP_REASONS

# why a start came to nothing, by the code in `Authorisation.failure`
START_FAILURES: dict[str, str] = {
    "refused": word("The station refused the start."),
    "no_answer": word("The station did not answer."),
    "offline": word("The station was offline."),
    "not_plugged_in": word("Nobody plugged in."),
}


@dataclass(frozen=True)
class PriceLine:
    """A line of a charge: words such as `Energy, 12.345 kWh at CHF 0.45`, and the amount in minor units."""

    words: str
    amount_minor: int


def start_failure(code: str) -> str:
    """Why a start came to nothing."""
    return _(START_FAILURES.get(code, "The session did not start."))


def stop_reason(reason: str) -> str:
    """Who or what ended a session; a charger's own words stand beside."""
    known = StopReason.of(reason)
    words = _(STOP_REASONS[known.value])
    return words if known is not StopReason.OTHER or reason == known.value else f"{words} ({reason})"


def price_lines(charge: Any) -> list[PriceLine]:
    """The lines of a charge, as a person reads them."""
    return [PriceLine(_line_words(line, charge.currency), int(line["amount_minor"])) for line in charge.lines]


def _line_words(line: dict[str, Any], currency: str) -> str:
    kind = LineKind(line["kind"])
    if line.get("unit_price") is None:
        return label(kind)
    at = price(Decimal(line["unit_price"]), currency)
    if kind is LineKind.ENERGY:
        return _("%(what)s: %(much)s at %(price)s", what=label(kind), much=energy(int(line["quantity"])), price=at)
    if kind is LineKind.TIME:
        much = duration(timedelta(seconds=int(line["quantity"])))
        return _("%(what)s: %(much)s at %(price)s", what=label(kind), much=much, price=at)
    return label(kind)
