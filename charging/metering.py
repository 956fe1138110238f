"""What a charger's samples say in Wh and W. Pure sums; OCPP 1.6 sections 7.33 (SampledValue) and 7.31 (Measurand).

A physical fact is never refused: what can't be understood is left out of the numbers and stays in the raw samples.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from kit.spelling import plain
from stations.station_clock import FIRST_PLAUSIBLE

ENERGY = "Energy.Active.Import.Register"
POWER = "Power.Active.Import"
LARGEST = 10**15
MOST_POWER_W = 2_000_000  # more than any charger of the world
SLACK_WH = 1_000
MOST_TIMES_RATED = 10  # a rating that was typed in wrong is no reason to disbelieve the meter; this is
FUTURE_TOLERANCE = timedelta(minutes=5)
OFFLINE_AFTER = timedelta(minutes=10)
UNTIMED = timedelta(days=1)
AT_ONCE = timedelta(seconds=10)

_TOTAL = None
_PHASES = {"l1": "L1", "l2": "L2", "l3": "L3", "l1n": "L1", "l2n": "L2", "l3n": "L3"}
_ENERGY_FACTORS = {"wh": 1, "kwh": 1000, "mwh": 1_000_000}
_KILO_FACTORS = _ENERGY_FACTORS | {"wh": 1000}
_POWER_FACTORS = {"w": 1, "kw": 1000, "mw": 1_000_000}
_AT_THE_CAR = frozenset({"", "outlet", "cable"})
_MEASURANDS = {"": ENERGY, plain(ENERGY): ENERGY, plain(POWER): POWER}
# Most are spelt as the standard has them, and need no thought.
_USUAL_WORDS = (
    *(ENERGY, POWER, "Power.Offered", "Power.Factor", "Current.Import", "Current.Offered"),
    *("Voltage", "Frequency", "Temperature", "SoC", "Wh", "kWh", "W", "kW", "Outlet", "Cable", "Raw"),
    *("L1", "L2", "L3", "N", "L1-N", "L2-N", "L3-N"),
)
_USUAL = {said: plain(said) for said in _USUAL_WORDS}


@dataclass(frozen=True, slots=True)
class Reading:
    """One sampled instant. `at` is the station's own time (None: unreadable); `samples` stay as they came.

    `energy_wh` is the import register, `power_w` the active power; None where the samples don't say. `unread` is the
    first value of one of them that can't be understood, as it came.
    """

    at: datetime | None
    energy_wh: int | None
    power_w: int | None
    samples: list[Any]
    unread: str = ""


def reading(at: datetime | None, samples: list[Any], *, wh_means_kwh: bool = False) -> Reading:
    """Understand one sampled instant. A total stands before the sum of phases; neutral and line-to-line don't count.

    `wh_means_kwh`: this charger's registers are kWh, also where it says Wh or nothing.
    """
    factors = _KILO_FACTORS if wh_means_kwh else _ENERGY_FACTORS
    energies: dict[str | None, int] = {}
    powers: dict[str | None, int] = {}
    elsewhere: dict[str | None, int] = {}
    unread = ""
    for sample in samples:
        if not isinstance(sample, dict):
            continue
        measurand = _MEASURANDS.get(_word(sample, "measurand"))
        if measurand is ENERGY:
            at_car = _word(sample, "location") in _AT_THE_CAR
            unread = _note(energies if at_car else elsewhere, sample, factors, "wh") or unread
        elif measurand is POWER:
            unread = _note(powers, sample, _POWER_FACTORS, "w") or unread
    return Reading(at, _sum(energies or elsewhere), _sum(powers), samples, unread)


def whole(value: Any, factor: int = 1) -> int | None:
    """A number that may come as number or text, padded or with decimals; rounded to a whole one, None if it is none.

    It is multiplied by `factor` before it is rounded.
    """
    if type(value) is int:
        return value * factor if abs(value * factor) <= LARGEST else None
    exact = _decimal(value)
    return None if exact is None else _rounded(exact * factor)


def settled_instant(at: datetime | None, arrived: datetime) -> tuple[datetime, bool]:
    """The station's own time where it can be true, else the arrival; and whether it was doubtful."""
    if at is None or at < FIRST_PLAUSIBLE or at > arrived + FUTURE_TOLERANCE:
        return arrived, True
    return at, False


def ceiling_w(rated_w: int, measured_w: int | None) -> int:
    """More than a connector delivers, even when its rating was typed in wrong; never more than any can.

    Generous on purpose: real energy that is not believed is money lost, and a glitch is larger than this.
    """
    return min(max(rated_w * MOST_TIMES_RATED, (measured_w or 0) * 2), MOST_POWER_W)


def possible_power(power_w: int, rated_w: int) -> bool:
    """Whether a connector of this rating could deliver (or take) that power."""
    return abs(power_w) <= min(rated_w * MOST_TIMES_RATED, MOST_POWER_W)


def possible_step(before_wh: int, before_at: datetime, now_wh: int, now_at: datetime, most_w: int) -> bool:
    """Whether at most `most_w` could have delivered that much in the time (a glitch of the register can't)."""
    seconds = max(0, int((now_at - before_at).total_seconds()) + 1)
    return (now_wh - before_wh - SLACK_WH) * 3600 <= most_w * seconds


def untimed_span(before_at: datetime, now_at: datetime) -> timedelta:
    """What to add to the time between two readings of which only the arrivals are known.

    What a charger kept while it was offline arrives all at once, and may be of a whole day.
    """
    return UNTIMED if now_at - before_at < AT_ONCE else timedelta(0)


def power_between(before_wh: int, before_at: datetime, now_wh: int, now_at: datetime) -> int | None:
    """Mean power in W from two registers, for chargers that send no power; None where they are too close to tell."""
    seconds = int((now_at - before_at).total_seconds())
    if seconds < 5 or now_wh < before_wh:
        return None
    mean_w = (now_wh - before_wh) * 3600 // seconds
    return mean_w if mean_w <= MOST_POWER_W else None


def energy_of_steps(registers: Iterable[int]) -> int:
    """Energy in Wh of a register that started anew in between: the steps upwards, nothing for a step back."""
    total, before = 0, None
    for register in registers:
        if before is not None and register > before:
            total += register - before
        before = register
    return total


def _note(sums: dict[str | None, int], sample: dict[str, Any], factors: dict[str, int], usual: str) -> str:
    """Add a sample up; what can't be understood of it is returned. Empty values, and signed ones, say nothing."""
    phase = _TOTAL
    if said := _word(sample, "phase"):
        phase = _PHASES.get(said)
        if phase is None:
            return ""
    factor = factors.get(_word(sample, "unit") or usual)
    value = sample.get("value")
    if value in (None, "") or _word(sample, "format") == "signeddata":
        return ""
    if factor is None:
        return f"{value} {sample.get('unit')}"
    if factor == 1 and type(value) is str and len(value) < 15 and value.isascii() and value.isdigit():
        sums[phase] = int(value)
        return ""
    exact = _decimal(value)
    number = None if exact is None else _rounded(exact * factor)
    if number is None:
        return str(value) if str(value).strip() else ""
    sums[phase] = number
    return ""


def _word(sample: dict[str, Any], name: str) -> str:
    """A word of the standard's lists, however it is spelt; empty where there is none."""
    said = sample.get(name)
    if said is None:
        return ""
    try:
        return _USUAL[said]
    except (KeyError, TypeError):
        return plain(said) if isinstance(said, str) else str(said)


def _sum(values: dict[str | None, int]) -> int | None:
    if not values:
        return None
    if _TOTAL in values:
        return values[_TOTAL]
    return sum(values.values())


def _decimal(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    text = str(value).strip().replace(",", ".")
    if len(text) > 40:
        return None
    try:
        exact = Decimal(text)
    except InvalidOperation:
        return None
    return exact if exact.is_finite() and abs(exact) <= LARGEST else None


def _rounded(exact: Decimal) -> int | None:
    number = int(exact.to_integral_value(ROUND_HALF_UP))
    return number if abs(number) <= LARGEST else None
