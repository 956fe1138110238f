"""What a virtual station is, how its drivers behave, and what it remembers while it is off."""

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from demo.physics import Current


@dataclass(frozen=True)
class PlugPlan:
    """One plug: its number, what comes out, how strong, and where its register stands. `tag` charges by itself."""

    number: int = 1
    current: Current = Current.AC
    power_w: int = 11_000
    register_wh: int = 0
    tag: str | None = None


@dataclass(frozen=True)
class StationPlan:
    """One station: how it signs in, what it says of itself, and its plugs."""

    identity: str
    password: str
    plugs: tuple[PlugPlan, ...] = (PlugPlan(),)
    vendor: str = "Muster Elektro"
    model: str = "Wallbox 11"
    firmware: str = "2.4.1"
    serial: str = ""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "StationPlan":
        """The plan as `as_json` wrote it; unknown keys are passed over."""
        plugs = tuple(PlugPlan(**{**plug, "current": Current(plug["current"])}) for plug in data["plugs"])
        known = {key: value for key, value in data.items() if key in cls.__dataclass_fields__}
        return cls(**{**known, "plugs": plugs})

    def as_json(self) -> dict[str, Any]:
        """The plan for a file."""
        data = asdict(self)
        for plug in data["plugs"]:
            plug["current"] = plug["current"].value
        return data


@dataclass(frozen=True)
class Habits:
    """How drivers and station behave; times in seconds.

    `plug_in_after` None: nobody plugs in by himself (tests do it by hand). `pace` makes batteries fill faster than
    the clock runs; the shown power stays what it is.
    """

    plug_in_after: tuple[float, float] | None = (4.0, 8.0)
    plug_in_window: float = 90.0
    unplug_after: tuple[float, float] | None = (6.0, 15.0)
    stay_when_full: float = 900.0
    sample_every: int = 10
    tick: float = 1.0
    pace: float = 1.0
    first_pause: float = 1.0
    longest_pause: float = 20.0
    answer_within: float = 20.0
    restart_takes: float = 3.0


@dataclass
class Memory:
    """What survives a power cut: registers, password, firmware, configuration, transactions not yet told as over."""

    path: Path | None = None
    password: str | None = None
    firmware: str | None = None
    registers: dict[str, float] = field(default_factory=dict)
    configuration: dict[str, str] = field(default_factory=dict)
    transactions: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def read(cls, path: Path | None) -> "Memory":
        """What was written last, or nothing."""
        if path is None or not path.exists():
            return cls(path)
        return cls(path, **json.loads(path.read_text(encoding="utf-8")))

    def write(self) -> None:
        """Keep it: written aside, then moved into place, readable by the owner only."""
        if self.path is None:
            return
        data = {key: value for key, value in asdict(self).items() if key != "path"}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        aside = self.path.with_suffix(".new")
        with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            json.dump(data, file)
        aside.replace(self.path)
