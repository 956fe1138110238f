"""A charging profile as programs write it: for a station, and for a session that is about to start."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import strawberry

from charging.values import NewProfile, ProfileKind, ProfilePurpose, RateUnit, Recurrency, SchedulePeriod

strawberry.enum(ProfilePurpose, name="ProfilePurpose", description="The station, every session, or one session.")
strawberry.enum(ProfileKind, name="ProfileKind")
strawberry.enum(Recurrency, name="Recurrency")
strawberry.enum(RateUnit, name="RateUnit", description="Amperes per phase, or watts in all.")


@strawberry.input
class SchedulePeriodInput:
    """One step of a profile; the first begins at 0."""

    start_s: int
    limit: Decimal
    phases: int | None = None


@strawberry.input(description="A charging profile with everything that OCPP 1.6 has.")
class ChargingProfileInput:
    """A profile to send."""

    purpose: ProfilePurpose
    unit: RateUnit
    periods: list[SchedulePeriodInput]
    stack_level: int = 0
    kind: ProfileKind = ProfileKind.ABSOLUTE
    recurrency: Recurrency | None = None
    starts_at: datetime | None = None
    duration_s: int | None = None
    valid_from: datetime | None = None
    valid_to: datetime | None = None

    def told(self) -> NewProfile:
        """As the room takes it."""
        facts: dict[str, Any] = dict(vars(self))
        facts["periods"] = tuple(SchedulePeriod(**vars(period)) for period in self.periods)
        return NewProfile(**facts)
