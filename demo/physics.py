"""How a car draws power, and what a meter says of it: plausible numbers, nothing more."""

import random
from dataclasses import dataclass
from enum import Enum

FULL = 0.995
NOMINAL_V = 230.0
LEAST_AC_W = 1_400.0


class Current(Enum):
    """What comes out of the plug: three phases, or direct current with a state of charge."""

    AC = "ac"
    DC = "dc"


@dataclass
class Car:
    """A battery behind a charging curve. `charge` runs from 0 to 1; `most_w` is what the car itself can take."""

    battery_wh: float = 60_000.0
    charge: float = 0.4
    most_w: float = 11_000.0

    @property
    def full(self) -> bool:
        """Whether the car wants no more."""
        return self.charge >= FULL

    def wants_w(self, current: Current, offered_w: float) -> float:
        """The power it draws now: AC steady until shortly before full, DC falling from half full on."""
        if self.full:
            return 0.0
        most = min(self.most_w, offered_w)
        if current is Current.AC:
            return most if self.charge < 0.97 else max(LEAST_AC_W, most * (1 - self.charge) / 0.03)
        return most if self.charge < 0.5 else most * (0.14 + 0.86 * (1 - self.charge) / 0.5)

    def take(self, energy_wh: float) -> None:
        """Store energy."""
        self.charge = min(1.0, self.charge + energy_wh / self.battery_wh)


@dataclass(frozen=True)
class Reading:
    """What the meter of one plug shows at one instant. `charge` only where the car tells it (DC)."""

    current: Current
    register_wh: int
    power_w: int
    charge: float | None = None

    def sampled_values(self, noise: random.Random) -> list[dict[str, str]]:
        """The samples of a MeterValues message; voltages wobble a little, as they do."""
        values = [
            _sample(f"{self.register_wh}", "Energy.Active.Import.Register", "Wh", location="Outlet"),
            _sample(f"{self.power_w}", "Power.Active.Import", "W", location="Outlet"),
        ]
        return values + (self._three_phases(noise) if self.current is Current.AC else self._direct(noise))

    def _three_phases(self, noise: random.Random) -> list[dict[str, str]]:
        values = []
        for phase in ("L1", "L2", "L3"):
            volts = NOMINAL_V + noise.uniform(-2.5, 2.5)
            values.append(_sample(f"{self.power_w / 3 / volts:.2f}", "Current.Import", "A", phase=phase))
            values.append(_sample(f"{volts:.1f}", "Voltage", "V", phase=f"{phase}-N"))
        return values

    def _direct(self, noise: random.Random) -> list[dict[str, str]]:
        charge = self.charge or 0.0
        volts = 355 + 50 * charge + noise.uniform(-0.8, 0.8)
        return [
            _sample(f"{self.power_w / volts:.1f}", "Current.Import", "A"),
            _sample(f"{volts:.1f}", "Voltage", "V"),
            _sample(f"{round(charge * 100)}", "SoC", "Percent", location="EV"),
        ]


def _sample(
    value: str, measurand: str, unit: str, *, location: str | None = None, phase: str | None = None
) -> dict[str, str]:
    sample = {"value": value, "context": "Sample.Periodic", "format": "Raw", "measurand": measurand, "unit": unit}
    if location:
        sample["location"] = location
    if phase:
        sample["phase"] = phase
    return sample
