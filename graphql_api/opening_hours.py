"""When connectors are open."""

from datetime import date, datetime, time
from typing import Annotated, Self
from uuid import UUID

import strawberry

from graphql_api.context import Info
from graphql_api.errors import Problem, refusable
from stations import use_cases
from stations.opening_hours import WEEK, OutsideHours, Span, SpecialDays, Weekday, judged
from stations.opening_hours import OpeningHours as Hours
from stations.queries import Opening as OpeningFacts
from stations.values import ConnectorId, StationId

strawberry.enum(Weekday, name="Weekday")
strawberry.enum(
    OutsideHours,
    name="OutsideHours",
    description="Who may charge while it is closed. OWN: with the operator's tags, and who is let in by its people.",
)


@strawberry.type(description="From a time of the day to another; where that is no later, it is the next day's.")
class OpeningSpan:
    """A span."""

    opens: time
    closes: time


@strawberry.type
class OpeningDay:
    """A weekday and its spans; none: closed."""

    weekday: Weekday
    spans: list[OpeningSpan]


@strawberry.type(description="Days with other hours, both ends included; without spans they are closed.")
class SpecialOpening:
    """A holiday and the like."""

    first: date
    last: date
    spans: list[OpeningSpan]


@strawberry.type(description="By the clock of the property; a span counts for the day that it begins on.")
class OpeningHours:
    """Opening hours."""

    week: list[OpeningDay]
    special: list[SpecialOpening]
    outside: OutsideHours
    ends_sessions: bool = strawberry.field(
        description="When it closes, sessions of those who may not charge then are stopped; else they go on."
    )

    @classmethod
    def of(cls, hours: Hours) -> Self:
        """As the schema shows them."""
        return cls(
            week=[OpeningDay(weekday=day, spans=_spans(hours.week.get(day, ()))) for day in WEEK],
            special=[SpecialOpening(first=one.first, last=one.last, spans=_spans(one.spans)) for one in hours.special],
            outside=hours.outside,
            ends_sessions=hours.ends_sessions,
        )


@strawberry.type(description="How a connector stands in its hours: its own ones, or else those of its station.")
class Opening:
    """Open or closed, and until when."""

    hours: OpeningHours
    open: bool
    changes_at: datetime | None = strawberry.field(
        description="When it closes, or, closed, when it opens. Null: not within a week, or a year."
    )

    @classmethod
    def of(cls, facts: OpeningFacts) -> Self:
        """As the schema shows it."""
        return cls(hours=OpeningHours.of(facts.hours), open=facts.open, changes_at=facts.changes_at)


@strawberry.input(description="07:00 to 19:00 for example; 22:00 to 06:00 ends the next day; 00:00 to 00:00: all day.")
class OpeningSpanInput:
    """A span."""

    opens: time
    closes: time


@strawberry.input
class OpeningDayInput:
    """A weekday and its spans."""

    weekday: Weekday
    spans: list[OpeningSpanInput]


@strawberry.input(description="Without `last` it is one day; without `spans` it is closed.")
class SpecialOpeningInput:
    """Days with other hours."""

    first: date
    last: date | None = None
    spans: list[OpeningSpanInput] = strawberry.field(default_factory=list)


@strawberry.input(description="Weekdays that are left out are closed.")
class OpeningHoursInput:
    """Opening hours."""

    week: list[OpeningDayInput]
    special: list[SpecialOpeningInput] = strawberry.field(default_factory=list)
    outside: OutsideHours = OutsideHours.OWN
    ends_sessions: bool = False

    @property
    def hours(self) -> Hours:
        """As the doors take them. Raises Invalid."""
        week: dict[Weekday, tuple[Span, ...]] = {}
        for one in self.week:
            week[one.weekday] = tuple(sorted({*week.get(one.weekday, ()), *_given(one.spans)}))
        special = tuple(SpecialDays(one.first, one.last or one.first, _given(one.spans)) for one in self.special)
        return judged(Hours(week, special, self.outside, self.ends_sessions))


@strawberry.type(description="What was set; null: none of its own.")
class OwnOpeningHours:
    """The hours of a station or a connector."""

    hours: OpeningHours | None


OwnOpeningHoursResult = Annotated[OwnOpeningHours | Problem, strawberry.union("OwnOpeningHoursResult")]


def _spans(spans: tuple[Span, ...]) -> list[OpeningSpan]:
    return [OpeningSpan(opens=one.opens, closes=one.closes) for one in sorted(spans)]


def _given(spans: list[OpeningSpanInput]) -> tuple[Span, ...]:
    """To the minute, by the clock of the property whatever zone a program names."""
    return tuple(Span(_minute(one.opens), _minute(one.closes)) for one in spans)


def _minute(at: time) -> time:
    return at.replace(second=0, microsecond=0, tzinfo=None)


def _own(plain: dict[str, object] | None) -> OwnOpeningHours:
    return OwnOpeningHours(hours=None if plain is None else OpeningHours.of(Hours.from_plain(plain)))


@strawberry.type
class OpeningHoursMutations:
    """Setting opening hours."""

    @strawberry.mutation(
        description="When a station is open; null: always. Connectors with hours of their own keep them."
    )
    @refusable
    def set_station_opening_hours(
        self, info: Info, station_id: UUID, hours: OpeningHoursInput | None = None
    ) -> OwnOpeningHoursResult:
        """Hours of a station."""
        row = use_cases.set_station_hours(info.context.actor, StationId(station_id), hours.hours if hours else None)
        return _own(row.opening_hours)

    @strawberry.mutation(description="When a connector is open; null: as its station is.")
    @refusable
    def set_connector_opening_hours(
        self, info: Info, connector_id: UUID, hours: OpeningHoursInput | None = None
    ) -> OwnOpeningHoursResult:
        """Hours of a connector."""
        wanted = hours.hours if hours else None
        return _own(use_cases.set_connector_hours(info.context.actor, ConnectorId(connector_id), wanted).opening_hours)
