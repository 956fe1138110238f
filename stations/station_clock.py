"""How far a charger's clock is ahead of ours. Pure: instants in, a measure out.

A stamp alone does not tell a wrong clock from an old message. A clock that is right needs no second witness; one that
is wrong is believed when two messages, some time apart, differ from our own clock by the same.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

FIRST_PLAUSIBLE = datetime(2020, 1, 1, tzinfo=UTC)
LAST_PLAUSIBLE = datetime(2200, 1, 1, tzinfo=UTC)
RIGHT = timedelta(seconds=60)  # a charger's clock that is as near as this counts as right
CORRECTED_FROM = timedelta(minutes=5)
SAME = timedelta(seconds=10)
APART = timedelta(seconds=10)
NO_ZONE = timezone(timedelta(0), "no zone was said")  # of a stamp that came without one; counts as UTC
_NONE = timedelta(0)


@dataclass(slots=True)
class StationClock:
    """What is known of one charger's clock. `skew` is positive where it is ahead; `measured_at` None: unknown.

    `written` is the skew that stands in the database.
    """

    skew: timedelta = _NONE
    measured_at: datetime | None = None
    written: timedelta | None = None
    _maybe: timedelta | None = None
    _maybe_at: datetime = FIRST_PLAUSIBLE

    @property
    def right(self) -> bool:
        """Whether it was seen to be right."""
        return self.measured_at is not None and abs(self.skew) <= RIGHT

    @property
    def correction(self) -> timedelta:
        """What to take off its stamps; nothing as long as they are near enough."""
        return self.skew if abs(self.skew) >= CORRECTED_FROM else _NONE

    @property
    def news(self) -> bool:
        """Whether it differs from what was written down of it."""
        if self.measured_at is None:
            return False
        return self.written is None or abs(self.skew - self.written) > SAME

    def hears(self, at: datetime, arrived: datetime) -> None:
        """A message stamped `at` arrived."""
        if not FIRST_PLAUSIBLE <= at < LAST_PLAUSIBLE:
            return
        ahead = at - arrived
        if abs(ahead) <= RIGHT:
            self._measured(ahead, arrived)
        elif self._maybe is None or abs(ahead - self._maybe) > SAME:
            self._maybe, self._maybe_at = ahead, arrived
        elif arrived - self._maybe_at >= APART:
            self._measured(ahead, arrived)

    def restarted(self) -> None:
        """The charger booted: its clock may be anything now."""
        self.skew, self.measured_at, self._maybe = _NONE, None, None

    def _measured(self, ahead: timedelta, arrived: datetime) -> None:
        self.skew, self.measured_at = ahead, arrived
        if abs(ahead) <= RIGHT:
            self._maybe = None
