"""The vocabulary of mass changes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from enum import Enum
from typing import Any, NewType, Self
from uuid import UUID

from stations.opening_hours import OpeningHours

MassChangeId = NewType("MassChangeId", UUID)
PARTS = ("energy_price", "time_price", "session_fee")
ROUNDINGS = (Decimal("0.01"), Decimal("0.05"), Decimal("0.0001"))


class Subject(Enum):
    """What is changed."""

    PRICES = "prices"
    OPENING_HOURS = "opening_hours"
    VAT = "vat"


class How(Enum):
    """What happens to a price: it becomes this much, or changes by a part or by an amount."""

    SET = "set"
    PERCENT = "percent"
    AMOUNT = "amount"


class RowState(Enum):
    """How far one connector is. SAME: it was so already. LEFT: not undone, the row says why. STOPPED and UNDOING are
    not stored: they are what WAITING and DONE mean once it was stopped or is to be undone.
    """

    WAITING = "waiting"
    DONE = "done"
    SAME = "same"
    REFUSED = "refused"
    STOPPED = "stopped"
    UNDOING = "undoing"
    UNDONE = "undone"
    LEFT = "left"


@dataclass(frozen=True)
class Step:
    """What happens to one part of a price. `value` is an amount in major units, or a percentage."""

    how: How
    value: Decimal

    def applied(self, present: Decimal, round_to: Decimal) -> Decimal:
        """The new price. What is set stays as it is; what is calculated is rounded, half away from zero."""
        if self.how is How.SET:
            return self.value
        exact = present + self.value if self.how is How.AMOUNT else present * (100 + self.value) / 100
        return (exact / round_to).quantize(Decimal(1), ROUND_HALF_UP) * round_to


@dataclass(frozen=True)
class Wish:
    """The change. Of prices: a step for each part that changes, and what the results are rounded to. Of opening hours:
    the new ones, None those of the station. Of VAT: the rate in percent, None the standard rate of the country.
    """

    subject: Subject
    steps: Mapping[str, Step] = field(default_factory=dict)
    round_to: Decimal = ROUNDINGS[0]
    hours: OpeningHours | None = None
    vat_percent: Decimal | None = None

    def plain(self) -> dict[str, Any]:
        """The same as JSON, without what another subject has."""
        match self.subject:
            case Subject.PRICES:
                steps = {part: [self.steps[part].how.value, str(self.steps[part].value)] for part in self.steps}
                return {"steps": steps, "round_to": str(self.round_to)}
            case Subject.OPENING_HOURS:
                return {"hours": self.hours.plain() if self.hours else None}
            case Subject.VAT:
                return {"vat_percent": None if self.vat_percent is None else str(self.vat_percent)}

    @classmethod
    def from_plain(cls, subject: Subject, plain: Mapping[str, Any]) -> Self:
        """The wish again."""
        hours, percent = plain.get("hours"), plain.get("vat_percent")
        return cls(
            subject,
            {part: Step(How(how), Decimal(value)) for part, (how, value) in plain.get("steps", {}).items()},
            Decimal(plain.get("round_to", ROUNDINGS[0])),
            OpeningHours.from_plain(hours) if hours else None,
            None if percent is None else Decimal(percent),
        )


@dataclass(frozen=True)
class Scope:
    """Which connectors of an account and of those below it: of these accounts with all below them, of these stations,
    and these; or, said in so many words, everything. `text` narrows them: it stands in the name or place of property or
    station.
    """

    everything: bool = False
    account_ids: tuple[UUID, ...] = ()
    station_ids: tuple[UUID, ...] = ()
    connector_ids: tuple[UUID, ...] = ()
    text: str = ""

    def plain(self) -> dict[str, Any]:
        """The same as JSON."""
        ids = {name: sorted(map(str, getattr(self, name))) for name in ("account_ids", "station_ids", "connector_ids")}
        return {"everything": self.everything, "text": self.text.strip()} | ids

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Self:
        """The scope again."""
        ids = {name: tuple(map(UUID, plain[name])) for name in ("account_ids", "station_ids", "connector_ids")}
        return cls(everything=plain["everything"], text=plain["text"], **ids)


@dataclass(frozen=True)
class ConnectorPlace:
    """Where a connector stands in a preview: by property, station and number."""

    account: str
    station: str
    number: int
    connector_id: UUID

    def __str__(self) -> str:
        return f"{self.connector_id}:{self.number}:{len(self.account)}:{self.account}{self.station}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """The place again. Raises ValueError."""
        connector_id, number, length, names = text.split(":", 3)
        return cls(names[: int(length)], names[int(length) :], int(number), UUID(connector_id))
