"""What makes a station ready for use: six checks, judged from what it said. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from partners.values import Check, CheckState


@dataclass(frozen=True)
class ConnectorFact:
    """A connector and the last it said; `status` in our words for the standard's."""

    number: int
    status: str
    ready: bool
    status_at: datetime | None


@dataclass(frozen=True)
class ChargeFact:
    """The newest charge that ended there. `most_wh` is what the connector can deliver in that time; `doubts` are
    reasons not to trust its meter.
    """

    ended_at: datetime
    energy_wh: int
    most_wh: int
    meter_start_wh: int
    meter_stop_wh: int | None
    doubts: tuple[str, ...] = ()

    @property
    def plausible(self) -> bool:
        """The register went forwards, by what was charged, and no faster than the connector can."""
        if self.meter_stop_wh is None or self.doubts:
            return False
        return 0 < self.energy_wh <= self.most_wh and self.meter_stop_wh - self.meter_start_wh == self.energy_wh


@dataclass(frozen=True)
class Facts:
    """All that is known of a station that is being put into service."""

    first_contact_at: datetime | None = None
    last_seen_at: datetime | None = None
    boot_at: datetime | None = None
    hardware: dict[str, str] = field(default_factory=dict)
    connectors: tuple[ConnectorFact, ...] = ()
    charge: ChargeFact | None = None


@dataclass(frozen=True)
class Checked:
    """One check: how it stands, since when, and the facts that it was judged by."""

    check: Check
    state: CheckState
    at: datetime | None = None
    facts: dict[str, Any] = field(default_factory=dict)


def judge(facts: Facts) -> Sequence[Checked]:
    """Every check, in the order in which an installer comes to them."""
    return (
        _reached(Check.ADDRESS, facts.first_contact_at),
        _reached(Check.CONTACT, facts.last_seen_at),
        _reached(Check.BOOT, facts.boot_at, facts.hardware),
        _status(facts.connectors),
        _charge(facts.charge),
        _meter(facts.charge),
    )


def _reached(check: Check, at: datetime | None, facts: dict[str, Any] | None = None) -> Checked:
    return Checked(check, CheckState.OPEN if at is None else CheckState.PASSED, at, facts or {})


def _status(connectors: Sequence[ConnectorFact]) -> Checked:
    told = [one.status_at for one in connectors if one.status_at is not None]
    facts = {str(one.number): one.status for one in connectors}
    if not connectors or len(told) < len(connectors):
        return Checked(Check.STATUS, CheckState.OPEN, max(told, default=None), facts)
    ready = all(one.ready for one in connectors)
    return Checked(Check.STATUS, CheckState.PASSED if ready else CheckState.FAILED, max(told), facts)


def _charge(charge: ChargeFact | None) -> Checked:
    if charge is None:
        return Checked(Check.TEST_CHARGE, CheckState.OPEN)
    state = CheckState.PASSED if charge.energy_wh > 0 else CheckState.FAILED
    return Checked(Check.TEST_CHARGE, state, charge.ended_at, {"energy_wh": charge.energy_wh})


def _meter(charge: ChargeFact | None) -> Checked:
    if charge is None:
        return Checked(Check.METER, CheckState.OPEN)
    state = CheckState.PASSED if charge.plausible else CheckState.FAILED
    facts = {"start_wh": charge.meter_start_wh, "stop_wh": charge.meter_stop_wh, "doubts": list(charge.doubts)}
    return Checked(Check.METER, state, charge.ended_at, facts)
