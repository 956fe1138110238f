"""What we wish of every charger by ourselves, so that sessions can be followed, and what its profile says it needs."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from stations.quirks import QuirkProfile
from stations.told_settings import folded, same_value

PLATFORM = "platform"
LONGEST_SAMPLING_S = 900
ENERGY = "Energy.Active.Import.Register"
# Chargers refuse lists with one thing that they don't measure, so the second choice is what all can do.
SAMPLED = (f"{ENERGY},Power.Active.Import", ENERGY)


@dataclass(frozen=True)
class PlatformWish:
    """A setting that we wish for: `values` are tried in their order, where what the charger has does not do."""

    key: str
    values: tuple[str, ...]
    does: Callable[[str], bool]


def platform_wishes(profile: QuirkProfile | None) -> list[PlatformWish]:
    """Everything that we wish of a charger of this profile."""
    needed = profile.configuration if profile else {}
    own = [one for one in _ALWAYS if folded(one.key) not in {folded(key) for key in needed}]
    return [*own, *(PlatformWish(key, (value,), _equals(value)) for key, value in needed.items())]


def next_value(wish: PlatformWish, refused: str) -> str | None:
    """What is wished when the charger refused this value; None where nothing is left."""
    left = iter(wish.values)
    return next(left, None) if any(one == refused for one in left) else None


def _often_enough(value: str) -> bool:
    return value.strip().isdecimal() and 1 <= int(value) <= LONGEST_SAMPLING_S


def _tells_energy(value: str) -> bool:
    return folded(ENERGY) in map(folded, _parts(value))


def _parts(value: str) -> Iterable[str]:
    return value.split(",")


def _equals(value: str) -> Callable[[str], bool]:
    return lambda found: same_value(found, value)


_ALWAYS = (
    PlatformWish("MeterValueSampleInterval", ("60",), _often_enough),
    PlatformWish("MeterValuesSampledData", SAMPLED, _tells_energy),
)
