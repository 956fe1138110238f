"""Opening hours in words, as a driver reads them on a door."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from babel.dates import format_date, get_day_names

from kit import clock, i18n
from kit.i18n import _
from stations.opening_hours import WEEK, OpeningHours, Span, SpecialDays
from stations.queries import Opening

SPECIAL_AHEAD = timedelta(days=60)  # days with other hours that lie further ahead interest nobody at the door
MIDNIGHT = time(0)
_ALL_DAY = Span(MIDNIGHT, MIDNIGHT)


def opening_words(opening: Opening, zone: str) -> str:
    """`Open until 22:00`, `Closed. Opens again Mon 07:00`."""
    if opening.changes_at is None:
        return _("Open now") if opening.open else _("Closed")
    at = moment(opening.changes_at, zone)
    return _("Open until %(time)s", time=at) if opening.open else _("Closed. Opens again %(time)s", time=at)


def moment(instant: datetime, zone: str) -> str:
    """The time at the property: `18:21` today, `Mon 07:00` within a week, else with the date."""
    local, today = instant.astimezone(ZoneInfo(zone)), clock.now().astimezone(ZoneInfo(zone)).date()
    if local.date() == today:
        return f"{local:%H:%M}"
    if timedelta(0) < local.date() - today < timedelta(days=7):
        return f"{_day_name(local.weekday())} {local:%H:%M}"
    return i18n.when(instant, zone)


def week_lines(hours: OpeningHours) -> list[tuple[str, str]]:
    """Days with the same hours in one line: `Mon–Fri`, `07:00–12:00, 13:00–19:00`."""
    lines = []
    for spans, days in groupby(range(7), lambda number: tuple(sorted(hours.week.get(WEEK[number], ())))):
        first, *others = days
        name = f"{_day_name(first)}–{_day_name(others[-1])}" if others else _day_name(first)
        lines.append((name, _spans_words(spans)))
    return lines


def special_lines(hours: OpeningHours, zone: str, ahead: timedelta = SPECIAL_AHEAD) -> list[tuple[str, str]]:
    """The days with other hours that are near."""
    today = clock.now().astimezone(ZoneInfo(zone)).date()
    near = [one for one in sorted(hours.special) if one.last >= today and one.first <= today + ahead]
    return [(_days_words(one), _spans_words(one.spans)) for one in near]


def hours_summary(hours: OpeningHours | None) -> str:
    """Everything in one line, for tables."""
    if hours is None:
        return _("always open")
    lines = [" ".join(line) for line in week_lines(hours)]
    special = sorted(hours.special)
    lines += [f"{_days_words(one)} {_spans_words(one.spans)}" for one in special[:3]]
    if hours.ends_sessions:
        lines.append(_("sessions end when it closes"))
    if len(special) > 3:
        lines.append(_("%(count)s more", count=len(special) - 3))
    return " · ".join(lines)


def _spans_words(spans: Sequence[Span]) -> str:
    if not spans:
        return _("closed")
    if _ALL_DAY in spans:
        return _("all day")
    return ", ".join(f"{one.opens:%H:%M}–{_closing(one.closes)}" for one in spans)


def _closing(at: time) -> str:
    return "24:00" if at == MIDNIGHT else f"{at:%H:%M}"


def _days_words(special: SpecialDays) -> str:
    days = dict.fromkeys((special.first, special.last))
    return "–".join(_date_words(day) for day in days)


def _date_words(day: date) -> str:
    return format_date(day, "dd.MM.yyyy", locale=i18n.locale())


def _day_name(number: int) -> str:
    return str(get_day_names("abbreviated", context="stand-alone", locale=i18n.locale())[number])
