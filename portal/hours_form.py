"""Opening hours in a form: the spans of each weekday, days with other hours, who may charge when it is closed."""

from datetime import date, time
from typing import Any

from kit.errors import Invalid
from kit.i18n import lazy_ as word
from portal.forms import Form
from stations.opening_hours import ALWAYS, MOST_SPANS, WEEK, OpeningHours, OutsideHours, Span, SpecialDays

STATION, ALWAYS_OPEN, OWN_HOURS = "station", "always", "hours"
MODES = {
    STATION: word("As the station"),
    ALWAYS_OPEN: word("Always open"),
    OWN_HOURS: word("At these hours"),
}
USUAL_SPANS, SPARE_SPECIAL = 2, 2
_MIDNIGHT = time(0)


def hours_values(hours: OpeningHours | None, today: date) -> dict[str, str]:
    """What the fields show. Days that are over are left out, and so forgotten with the next change."""
    mode = ALWAYS_OPEN if hours == ALWAYS else OWN_HOURS
    shown = hours if hours is not None and mode == OWN_HOURS else OpeningHours()
    values = {"mode": mode, "outside": shown.outside.value} | ({"ends_sessions": "1"} if shown.ends_sessions else {})
    for day in WEEK:
        values |= _span_values(day.value, shown.week.get(day, ()))
    coming = (one for one in sorted(shown.special) if one.last >= today)
    for number, one in enumerate(coming, start=1):
        name = f"special_{number}"
        values |= {f"{name}_first": one.first.isoformat(), f"{name}_last": one.last.isoformat()}
        values |= _span_values(name, one.spans)
    return values


def hours_context(form: Form, values: dict[str, Any]) -> dict[str, Any]:
    """What the template of the fields needs: how many rows there are of what."""
    names = values.keys() | (form.names if form.sent else set())
    special = max((int(name.split("_")[1]) for name in names if _is_first(name)), default=0)
    return {
        "weekdays": [(day, _spans_shown(names, day.value)) for day in WEEK],
        "specials": [
            (f"special_{number}", range(1, _count(names, f"special_{number}", least=1) + 1))
            for number in range(1, special + 1 + SPARE_SPECIAL)
        ],
        "outsides": list(OutsideHours),
    }


def monday_copied(form: Form) -> dict[str, str]:
    """What was entered, with Monday's hours from Tuesday to Friday."""
    values = {name: form.value(name) for name in form.names}
    for day in WEEK[1:5]:
        for number in range(1, MOST_SPANS + 1):
            for end in ("opens", "closes"):
                values[f"{day.value}_{number}_{end}"] = form.value(f"monday_{number}_{end}")
    return values


def read_hours(form: Form) -> OpeningHours | None:
    """The hours that were entered; None: those of the station. Raises Invalid by field."""
    mode = form.text("mode")
    if mode not in MODES:
        raise Invalid(mode="unknown")
    if mode == STATION:
        return None
    if mode == ALWAYS_OPEN:
        return ALWAYS
    problems: dict[str, str] = {}
    week = {day: spans for day in WEEK if (spans := _spans(form, day.value, problems))}
    special = _special(form, problems)
    if problems:
        raise Invalid(**problems)
    return OpeningHours(week, special, form.choice("outside", OutsideHours), form.ticked("ends_sessions"))


def _special(form: Form, problems: dict[str, str]) -> tuple[SpecialDays, ...]:
    found = []
    for field in sorted(name for name in form.names if _is_first(name)):
        name = field.removesuffix("_first")
        spans = _spans(form, name, problems)
        first, last = _day(form, field, problems), _day(form, f"{name}_last", problems)
        if first is not None:
            found.append(SpecialDays(first, last or first, spans))
        elif (last is not None or spans) and field not in problems:
            problems[field] = "required"
    return tuple(sorted(found))


def _spans(form: Form, name: str, problems: dict[str, str]) -> tuple[Span, ...]:
    found = []
    for number in range(1, MOST_SPANS + 1):
        opens, closes = (_time(form, f"{name}_{number}_{end}", problems) for end in ("opens", "closes"))
        if opens is not None and closes is not None:
            found.append(Span(opens, closes))
        elif opens is not None or closes is not None:
            missing = f"{name}_{number}_{'opens' if opens is None else 'closes'}"
            problems.setdefault(missing, "required")
    return tuple(sorted(found))


def _time(form: Form, field: str, problems: dict[str, str]) -> time | None:
    text = form.text(field)
    try:
        return None if not text else _MIDNIGHT if text == "24:00" else time.fromisoformat(text).replace(second=0)
    except ValueError:
        problems[field] = "not_a_time"
        return None


def _day(form: Form, field: str, problems: dict[str, str]) -> date | None:
    text = form.text(field)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        problems[field] = "not_a_day"
        return None


def _span_values(name: str, spans: tuple[Span, ...]) -> dict[str, str]:
    return {
        f"{name}_{number}_{end}": f"{getattr(span, end):%H:%M}"
        for number, span in enumerate(sorted(spans), start=1)
        for end in ("opens", "closes")
    }


def _spans_shown(names: set[str], name: str) -> range:
    return range(1, _count(names, name, least=USUAL_SPANS) + 1)


def _count(names: set[str], name: str, *, least: int) -> int:
    return max((number for number in range(least, MOST_SPANS + 1) if f"{name}_{number}_opens" in names), default=least)


def _is_first(name: str) -> bool:
    parts = name.split("_")
    return len(parts) == 3 and parts[0] == "special" and parts[1].isdigit() and parts[2] == "first"
