"""When a connector is open: weeks, nights, holidays, and the two nights when the clock jumps."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.access import SYSTEM
from accounts.rights import Role
from kit.errors import Forbidden, Invalid, NotFound
from stations.models import Connector, Station
from stations.opening_hours import ALWAYS, WEEK, OpeningHours, OutsideHours, Span, SpecialDays, Weekday, judged
from stations.queries import Opening, station_page
from stations.use_cases import set_connector_hours, set_station_hours
from stations.values import ConnectorId, NewConnector, StationId
from tests import scene

ZURICH = ZoneInfo("Europe/Zurich")
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
# the Sunday of each jump, and one when nothing happens
SUNDAYS = (date(2026, 3, 29), date(2026, 10, 25), date(2026, 7, 5))
OFFICE = OpeningHours(dict.fromkeys(WEEK[:5], (Span(time(7), time(12)), Span(time(13), time(19)))))


def at(text: str, *, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZURICH, fold=fold).astimezone(UTC)


times = st.times().map(lambda one: one.replace(second=0, microsecond=0))
spans = st.lists(st.builds(Span, times, times), max_size=3).map(tuple)
weeks: st.SearchStrategy[Mapping[Weekday, tuple[Span, ...]]] = st.dictionaries(st.sampled_from(WEEK), spans)
# around a Sunday: from the Friday before to the Tuesday after
special = st.tuples(st.integers(-2, 2), spans)


class Window:
    """Every minute of the days around a Sunday, and what the clock showed in it."""

    def __init__(self, sunday: date) -> None:
        self.begin = datetime.combine(sunday - 3 * DAY, time(), tzinfo=UTC)
        self.minutes = [self.begin + number * MINUTE for number in range(6 * 24 * 60)]
        self.walls = [minute.astimezone(ZURICH).replace(tzinfo=None) for minute in self.minutes]

    def open_minutes(self, hours: OpeningHours, sunday: date) -> set[datetime]:
        """The same judgement by looking at the clock each minute: open from when it first shows the beginning (or
        something later) until it shows the end for the last time.
        """
        found: set[datetime] = set()
        for day in (sunday + number * DAY for number in range(-4, 4)):
            for span in hours.spans_of(day):
                opens = datetime.combine(day, span.opens)
                closes = datetime.combine(day + (DAY if span.closes <= span.opens else DAY * 0), span.closes)
                first = next((number for number, wall in enumerate(self.walls) if wall >= opens), len(self.walls))
                before = [number for number, wall in enumerate(self.walls) if wall < closes]
                found.update(self.minutes[first : before[-1] + 1 if before else 0])
        return found


WINDOWS = {sunday: Window(sunday) for sunday in SUNDAYS}


@settings(max_examples=30)  # each looks at thousands of minutes
@given(st.sampled_from(SUNDAYS), weeks, special)
def test_each_minute_is_open_or_closed_as_the_clock_on_the_wall_says(
    sunday: date, week: Mapping[Weekday, tuple[Span, ...]], other: tuple[int, tuple[Span, ...]]
) -> None:
    day = sunday + other[0] * DAY
    hours = OpeningHours(week, (SpecialDays(day, day, other[1]),))
    open_minutes = WINDOWS[sunday].open_minutes(hours, sunday)
    for minute in WINDOWS[sunday].minutes[24 * 60 : -24 * 60 : 7]:
        assert hours.open_at(minute, ZURICH) is (minute in open_minutes), minute.astimezone(ZURICH)


@settings(max_examples=30)  # each looks at thousands of minutes
@given(st.sampled_from(SUNDAYS), weeks, st.integers(24 * 60, 4 * 24 * 60))
def test_the_next_change_is_the_next_change(
    sunday: date, week: Mapping[Weekday, tuple[Span, ...]], number: int
) -> None:
    hours, window = OpeningHours(week), WINDOWS[sunday]
    open_minutes = window.open_minutes(hours, sunday)
    now, rest = window.minutes[number], window.minutes[number : 5 * 24 * 60]
    expected = next((minute for minute in rest if (minute in open_minutes) is not (now in open_minutes)), None)
    told = hours.changes_at(now, ZURICH)
    assert told == expected if expected is not None else told is None or told > rest[-1]


@given(weeks, st.dictionaries(st.dates(date(2026, 1, 1), date(2027, 1, 1)), spans, max_size=3))
def test_hours_are_the_same_after_being_written_down(
    week: Mapping[Weekday, tuple[Span, ...]], days: dict[date, tuple[Span, ...]]
) -> None:
    hours = OpeningHours(
        week, tuple(SpecialDays(day, day, of_day) for day, of_day in days.items()), OutsideHours.NOBODY
    )
    again = OpeningHours.from_plain(hours.plain())
    assert again.plain() == hours.plain()
    assert all(sorted(again.week.get(day, ())) == sorted(week.get(day, ())) for day in WEEK)


def test_a_night_that_begins_on_sunday_ends_on_monday() -> None:
    hours = OpeningHours({Weekday.SUNDAY: (Span(time(22), time(6)),)})
    assert hours.open_at(at("2026-11-30T05:59"), ZURICH)
    assert not hours.open_at(at("2026-11-30T06:00"), ZURICH)
    assert not hours.open_at(at("2026-11-29T21:59"), ZURICH)
    assert hours.changes_at(at("2026-11-29T23:00"), ZURICH) == at("2026-11-30T06:00")


def test_a_hole_of_an_hour_in_spring_and_the_same_hour_twice_in_autumn() -> None:
    nights = OpeningHours({Weekday.SUNDAY: (Span(time(2, 30), time(4)),)})
    assert nights.changes_at(at("2026-03-29T01:00"), ZURICH) == at("2026-03-29T03:00"), "at the jump, not after it"
    assert nights.changes_at(at("2026-10-25T01:00"), ZURICH) == at("2026-10-25T02:30")
    early = OpeningHours({Weekday.SUNDAY: (Span(time(1), time(2, 30)),)})
    assert early.open_at(at("2026-10-25T02:45"), ZURICH), "it closes when the clock shows 02:30 for the second time"
    assert early.changes_at(at("2026-10-25T01:00"), ZURICH) == at("2026-10-25T02:30", fold=1)
    hole = OpeningHours({Weekday.SUNDAY: (Span(time(2, 10), time(2, 50)),)})
    assert hole.changes_at(at("2026-03-28T12:00"), ZURICH) == at("2026-04-05T02:10"), "nobody can come in it"


def test_holidays_are_closed_or_have_other_hours_and_the_night_before_goes_on() -> None:
    hours = OpeningHours(
        dict.fromkeys(WEEK, (Span(time(18), time(2)),)),
        (
            SpecialDays(date(2026, 12, 24), date(2026, 12, 26)),
            SpecialDays(date(2026, 12, 31), date(2026, 12, 31), (Span(time(10), time(12)),)),
        ),
    )
    assert hours.open_at(at("2026-12-24T01:00"), ZURICH), "still the night of the 23rd"
    assert not hours.open_at(at("2026-12-25T19:00"), ZURICH)
    assert hours.changes_at(at("2026-12-24T12:00"), ZURICH) == at("2026-12-27T18:00")
    assert hours.open_at(at("2026-12-31T11:00"), ZURICH)
    assert not hours.open_at(at("2026-12-31T19:00"), ZURICH)


def test_what_is_always_open_never_changes_and_what_never_opens_neither() -> None:
    assert ALWAYS.open_at(at("2026-03-29T03:00"), ZURICH)
    assert ALWAYS.changes_at(at("2026-03-29T03:00"), ZURICH) is None
    assert OpeningHours().changes_at(at("2026-03-29T03:00"), ZURICH) is None
    once = OpeningHours({}, (SpecialDays(date(2026, 12, 31), date(2026, 12, 31), (Span(time(10), time(12)),)),))
    assert once.changes_at(at("2026-03-29T03:00"), ZURICH) == at("2026-12-31T10:00")


@pytest.mark.parametrize(
    ("outside", "own", "strangers"),
    [(OutsideHours.NOBODY, False, False), (OutsideHours.OWN, True, False), (OutsideHours.EVERYBODY, True, True)],
)
def test_who_may_charge_when_it_is_closed(outside: OutsideHours, own: bool, strangers: bool) -> None:
    hours, sunday = OpeningHours(OFFICE.week, outside=outside), at("2026-11-29T10:00")
    assert hours.admits(sunday, ZURICH, own=True) is own
    assert hours.admits(sunday, ZURICH, own=False) is strangers
    assert hours.admits(at("2026-11-30T10:00"), ZURICH, own=False), "on Monday everybody may"


def test_what_can_not_be_kept_is_named() -> None:
    def refusal(hours: OpeningHours) -> dict[str, str]:
        with pytest.raises(Invalid) as refused:
            judged(hours)
        return refused.value.fields

    day, later = date(2026, 12, 24), date(2026, 12, 26)
    assert refusal(OpeningHours({Weekday.MONDAY: (Span(time(1), time(2)),) * 5})) == {"week": "too_many"}
    assert refusal(OpeningHours({}, (SpecialDays(later, day),))) == {"special": "before_the_start"}
    assert refusal(OpeningHours({}, (SpecialDays(day, later), SpecialDays(later, later)))) == {"special": "twice"}
    many = tuple(SpecialDays(day + number * DAY, day + number * DAY) for number in range(101))
    assert refusal(OpeningHours({}, many)) == {"special": "too_many"}


@pytest.mark.usefixtures("database", "program")
def test_the_stations_hours_count_where_a_connector_has_none_of_its_own() -> None:
    people = scene.people()
    station = scene.station(property=people.property, connectors=[NewConnector()] * 2)
    plug = scene.connector(station, 2)

    def openings() -> list[Opening | None]:
        shown = station_page(people.alice, StationId(station.id))
        return [shown.opening(one.connector) for one in shown.connectors]

    assert openings() == [None, None]
    set_station_hours(people.bob, StationId(station.id), OFFICE)
    set_connector_hours(people.bob, ConnectorId(plug.id), ALWAYS)
    first, second = openings()
    assert first is not None
    assert second is not None
    assert first.hours.plain() == OFFICE.plain()
    assert (second.open, second.changes_at) == (True, None)
    set_connector_hours(people.bob, ConnectorId(plug.id), None)
    set_station_hours(people.bob, StationId(station.id), None)
    assert scene.row(Connector, plug.id).opening_hours is None
    assert scene.row(Station, station.id).opening_hours is None


@pytest.mark.usefixtures("database", "program")
def test_only_who_manages_stations_sets_hours_and_number_0_has_none() -> None:
    people = scene.people()
    station = scene.station(property=people.property)
    plug, itself = scene.connector(station), scene.connector(station, 0)
    viewer = scene.somebody(Role.VIEWER, people.property)
    for deed in (
        lambda actor: set_station_hours(actor, StationId(station.id), OFFICE),
        lambda actor: set_connector_hours(actor, ConnectorId(plug.id), OFFICE),
    ):
        with pytest.raises(Forbidden):
            deed(viewer)
        with pytest.raises(NotFound):
            deed(people.charlie)
    with pytest.raises(NotFound):
        set_connector_hours(SYSTEM, ConnectorId(itself.id), OFFICE)
