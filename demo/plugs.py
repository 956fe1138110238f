"""One plug of a virtual station: cable, car, transaction, register."""

import random
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from demo.physics import Car, Current, Reading
from demo.plans import PlugPlan


@dataclass
class Transaction:
    """A transaction from the station's side. `id` is unknown until the platform answered the start."""

    plug: int
    id_tag: str
    started_at: str
    meter_start: int
    id: int | None = None
    stopped_at: str | None = None
    meter_stop: int | None = None
    reason: str | None = None

    @property
    def running(self) -> bool:
        """Whether energy may still flow."""
        return self.stopped_at is None


@dataclass
class Plug:
    """The state of one plug. `status` is the OCPP status last told or about to be told."""

    plan: PlugPlan
    register_wh: float
    status: str = "Available"
    in_service: bool = True
    leaving_service: bool = False
    car: Car | None = None
    accepted_tag: str | None = None
    tag_until: float = 0.0
    transaction: Transaction | None = None
    power_w: float = 0.0
    full_since: float | None = None
    next_sample: float = 0.0
    started: float = 0.0
    noise: random.Random = field(default_factory=random.Random)

    @property
    def number(self) -> int:
        """The OCPP connector number."""
        return self.plan.number

    @property
    def free(self) -> bool:
        """Whether a new driver may have it."""
        return self.in_service and self.transaction is None and self.accepted_tag is None

    def flow(self, now: float, seconds: float, pace: float) -> None:
        """Let energy flow for a moment: a soft start, a little noise, the car's own curve."""
        if self.car is None or self.transaction is None:
            self.power_w = 0.0
            return
        wanted = self.car.wants_w(self.plan.current, self.plan.power_w)
        soft = min(1.0, (now - self.started + seconds) / 4.0)
        self.power_w = wanted * soft * self.noise.uniform(0.985, 1.0)
        energy = self.power_w * seconds / 3600 * pace
        self.register_wh += energy
        self.car.take(energy)

    def reading(self) -> Reading:
        """What the meter shows."""
        charge = self.car.charge if self.car and self.plan.current is Current.DC else None
        return Reading(self.plan.current, int(self.register_wh), round(self.power_w), charge)

    def meter_value(self, at: datetime) -> list[dict[str, Any]]:
        """The reading as a MeterValues message carries it."""
        return [{"timestamp": instant(at), "sampled_value": self.reading().sampled_values(self.noise)}]


def instant(at: datetime) -> str:
    """An instant as chargers write it."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def some_car(current: Current, chance: random.Random) -> Car:
    """A car that arrives with a battery partly used."""
    if current is Current.DC:
        return Car(chance.choice((58_000, 64_000, 77_000)), chance.uniform(0.12, 0.35), 120_000)
    return Car(chance.choice((40_000, 52_000, 64_000, 77_000)), chance.uniform(0.2, 0.7), 11_000)
