"""Texts of cells as values. Each refuses what it can't read by the code of the problem."""

from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from kit import clock

_INSTANTS = ("%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d.%m.%Y, %H:%M", "%d.%m.%y %H:%M")
_DAYS = ("%Y-%m-%d", "%d.%m.%Y")
_YES = (
    "yes",
    "y",
    "ja",
    "j",
    "1",
    "true",
    "x",
    "blocked",
    "gesperrt",
    "oui",
    "o",
    "bloqué",
    "sì",
    "si",
    "s",
    "bloccata",
    "bloccato",
)
LONGEST = timedelta(days=60)


class Unreadable(Exception):
    """A cell that can't be taken: its column and the code of the problem."""

    def __init__(self, field: str, code: str) -> None:
        super().__init__(code)
        self.field, self.code = field, code


def number(facts: dict[str, str], field: str) -> Decimal | None:
    """A number with point or comma; None where the cell is empty."""
    text = facts.get(field, "").replace("'", "").replace("’", "").replace("\xa0", "").replace(" ", "")
    if not text:
        return None
    try:
        value = Decimal(text.replace(",", ".") if text.count(",") < 2 and "." not in text else text.replace(",", ""))
    except InvalidOperation as error:
        raise Unreadable(field, "not_a_number") from error
    if not value.is_finite() or abs(value) >= 10**9:
        raise Unreadable(field, "out_of_range")
    return value


def whole(facts: dict[str, str], field: str, *, usual: int) -> int:
    """A whole number above zero."""
    value = number(facts, field)
    if value is None:
        return usual
    if value != int(value) or value < 1:
        raise Unreadable(field, "not_whole")
    return int(value)


def instant(facts: dict[str, str], field: str, zone: str) -> datetime | None:
    """A moment, in the account's own time unless it says its zone."""
    text = facts.get(field, "")
    if not text:
        return None
    for pattern in ("", *_INSTANTS):
        try:
            found = datetime.fromisoformat(text) if not pattern else datetime.strptime(text, pattern)  # noqa: DTZ007
        except ValueError:
            continue
        found = found if found.tzinfo else found.replace(tzinfo=ZoneInfo(zone))
        if found > clock.now():
            raise Unreadable(field, "in_the_future")
        if found.year < 2000:
            raise Unreadable(field, "out_of_range")
        return found
    raise Unreadable(field, "not_an_instant")


def last_day(facts: dict[str, str], field: str, zone: str) -> datetime | None:
    """The end of a day."""
    text = facts.get(field, "")
    if not text:
        return None
    for pattern in _DAYS:
        try:
            day = datetime.strptime(text, pattern).replace(tzinfo=ZoneInfo(zone))
        except ValueError:
            continue
        return day + timedelta(days=1)
    raise Unreadable(field, "not_a_day")


def duration(facts: dict[str, str], field: str) -> timedelta | None:
    """Seconds, or hours and minutes as 2:05 or 2:05:30."""
    text = facts.get(field, "")
    if not text:
        return None
    parts = text.split(":")
    try:
        found = [float(part) for part in parts]
        hours, minutes, seconds = (0.0, 0.0, found[0]) if len(found) == 1 else (*found, 0.0)[:3]
        span = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    except (ValueError, OverflowError) as error:
        raise Unreadable(field, "not_a_time") from error
    if not timedelta(0) <= span <= LONGEST:
        raise Unreadable(field, "out_of_range")
    return span


def ticked(facts: dict[str, str], field: str) -> bool:
    """Whether the cell says yes."""
    return facts.get(field, "").casefold() in _YES
