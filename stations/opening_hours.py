"""Opening hours of a connector, by the clock on the wall of its property.

An hour that the clock skips in spring is nobody's, and what would begin or end in it does so at the jump. One that it
shows twice in autumn belongs as a whole to who is open in it: opening counts from the first, closing from the second.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from itertools import pairwise
from typing import Any, Self
from zoneinfo import ZoneInfo

from kit.errors import Invalid

MOST_SPANS, MOST_SPECIAL = 4, 100
OPEN_AHEAD, CLOSED_AHEAD = timedelta(days=8), timedelta(days=370)  # how far it is worth to look for a change
_DAY = timedelta(days=1)


class Weekday(Enum):
    """A day of the week."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


WEEK = tuple(Weekday)


class OutsideHours(Enum):
    """Who may charge while it is closed. OWN: with the operator's tags, and who is let in by the operator's people."""

    NOBODY = "nobody"
    OWN = "own"
    EVERYBODY = "everybody"


@dataclass(frozen=True, order=True)
class Span:
    """From one time of the day to another. Where that is no later it is the next day's: 00:00 to 00:00 is all day."""

    opens: time
    closes: time

    def on(self, day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """Its two instants, when it begins on this day."""
        ends = day if self.closes > self.opens else day + _DAY
        return _instant(day, self.opens, zone, fold=0), _instant(ends, self.closes, zone, fold=1)


@dataclass(frozen=True, order=True)
class SpecialDays:
    """Days with other hours than their weekday's, both ends included; without spans they are closed."""

    first: date
    last: date
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True)
class OpeningHours:
    """When it is open, and who may charge when it is not. Spans that begin on a special day are that day's; a night
    that began the day before goes on into it.

    `ends_sessions`: when it closes, sessions of those who may not charge then are stopped; else they go on.
    """

    week: Mapping[Weekday, tuple[Span, ...]] = field(default_factory=dict)
    special: tuple[SpecialDays, ...] = ()
    outside: OutsideHours = OutsideHours.OWN
    ends_sessions: bool = False

    def spans_of(self, day: date) -> tuple[Span, ...]:
        """The spans that begin on a day."""
        for special in self.special:
            if special.first <= day <= special.last:
                return special.spans
        return self.week.get(WEEK[day.weekday()], ())

    def open_at(self, instant: datetime, zone: ZoneInfo) -> bool:
        """Whether it is open."""
        today = instant.astimezone(zone).date()
        spans = self._spans(today - _DAY, today, zone)
        return any(opens_at <= instant < closes_at for opens_at, closes_at in spans)

    def admits(self, instant: datetime, zone: ZoneInfo, *, own: bool) -> bool:
        """Whether a session may begin. `own`: by a tag or the people of the operator."""
        return self._lets_in(own=own) or self.open_at(instant, zone)

    def changes_at(self, instant: datetime, zone: ZoneInfo) -> datetime | None:
        """When it closes, or, closed, when it opens; None: not within a week, or a year."""
        today = instant.astimezone(zone).date()
        open_until, enough = instant, instant + OPEN_AHEAD
        for opens_at, closes_at in self._spans(today - _DAY, today + CLOSED_AHEAD, zone):
            if opens_at > open_until:
                return open_until if open_until > instant else opens_at
            open_until = max(open_until, closes_at)
            if open_until > enough:
                return None
        return open_until if open_until > instant else None

    def ends_at(self, instant: datetime, zone: ZoneInfo, *, own: bool) -> datetime | None:
        """When a session that runs at this instant has to end: when it closes, or at once; None: it may go on."""
        if not self.ends_sessions or self._lets_in(own=own):
            return None
        return self.changes_at(instant, zone) if self.open_at(instant, zone) else instant

    def _lets_in(self, *, own: bool) -> bool:
        return self.outside is OutsideHours.EVERYBODY or (own and self.outside is OutsideHours.OWN)

    def _spans(self, first: date, last: date, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
        """The instants of all spans of these days, by their begin; without those that the clock skips."""
        for number in range((last - first).days + 1):
            day = first + number * _DAY
            for span in sorted(self.spans_of(day)):
                opens_at, closes_at = span.on(day, zone)
                if opens_at < closes_at:
                    yield opens_at, closes_at

    def plain(self) -> dict[str, Any]:
        """The same as JSON; equal hours are equal there."""
        ends = {"ends_sessions": True} if self.ends_sessions else {}  # hours that were stored before have no such key
        return ends | {
            "week": {day.value: _plain(spans) for day in WEEK if (spans := self.week.get(day, ()))},
            "special": [
                {"first": one.first.isoformat(), "last": one.last.isoformat(), "spans": _plain(one.spans)}
                for one in sorted(self.special)
            ],
            "outside": self.outside.value,
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Self:
        """The hours again."""
        return cls(
            {Weekday(day): _spans(spans) for day, spans in plain["week"].items()},
            tuple(
                SpecialDays(date.fromisoformat(one["first"]), date.fromisoformat(one["last"]), _spans(one["spans"]))
                for one in plain["special"]
            ),
            OutsideHours(plain["outside"]),
            plain.get("ends_sessions", False),
        )


ALWAYS = OpeningHours(dict.fromkeys(WEEK, (Span(time(0), time(0)),)))


def judged(hours: OpeningHours) -> OpeningHours:
    """The hours, where they can be kept. Raises Invalid: `week` and `special` `too_many`, `special` `before_the_start`
    or `twice` (two exceptions for one day).
    """
    if any(len(spans) > MOST_SPANS for spans in hours.week.values()):
        raise Invalid(week="too_many")
    special = sorted(hours.special)
    if len(special) > MOST_SPECIAL or any(len(one.spans) > MOST_SPANS for one in special):
        raise Invalid(special="too_many")
    if any(one.last < one.first for one in special):
        raise Invalid(special="before_the_start")
    if any(after.first <= one.last for one, after in pairwise(special)):
        raise Invalid(special="twice")
    return hours


def _instant(day: date, at: time, zone: ZoneInfo, *, fold: int) -> datetime:
    """When the clock shows this time on this day, or the first instant after it where it never does."""
    wall = datetime.combine(day, at)
    instant = wall.replace(tzinfo=zone, fold=fold).astimezone(UTC)
    if _wall(instant, zone) == wall:
        return instant
    instant = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    while _wall(instant - timedelta(minutes=1), zone) >= wall:
        instant -= timedelta(minutes=1)
    return instant


def _wall(instant: datetime, zone: ZoneInfo) -> datetime:
    return instant.astimezone(zone).replace(tzinfo=None)


def _plain(spans: tuple[Span, ...]) -> list[list[str]]:
    return [[f"{span.opens:%H:%M}", f"{span.closes:%H:%M}"] for span in sorted(spans)]


def _spans(plain: list[list[str]]) -> tuple[Span, ...]:
    return tuple(Span(time.fromisoformat(opens), time.fromisoformat(closes)) for opens, closes in plain)
