"""Words and formats in the reader's language. `_()` works anywhere: requests, jobs, documents.

The source language is English; catalogues are read straight from `translations/<language>/LC_MESSAGES/messages.po`.
Numbers, money and instants are formatted the Swiss way: `CHF 12.50`, `1'234.5 kWh`, `23.11.2026, 18:21`.
"""

import functools
import io
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_time
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from jinja2 import Environment

from kit.money import Money

CATALOGUES = Path(__file__).parent.parent / "translations"
LANGUAGES = ("de", "fr", "it", "en")
FALLBACK = "en"
LOCALES = {"de": "de_CH", "fr": "fr_CH", "it": "it_CH", "en": "en_CH"}

_language: ContextVar[str] = ContextVar("language", default=FALLBACK)
_zone: ContextVar[str] = ContextVar("zone", default="Europe/Zurich")


def language() -> str:
    """The language in force, one of `LANGUAGES`."""
    return _language.get()


def set_language(code: str, zone: str | None = None) -> None:
    """Choose the language (and time zone) for the rest of this context; unknown codes fall back to English."""
    _language.set(code if code in LANGUAGES else FALLBACK)
    if zone:
        _zone.set(zone)


@contextmanager
def speaking(code: str, zone: str | None = None) -> Iterator[None]:
    """Speak a language, and count in a time zone, inside a block: for mails and documents."""
    before = _language.get(), _zone.get()
    set_language(code, zone)
    try:
        yield
    finally:
        _language.set(before[0])
        _zone.set(before[1])


def _(message: str, **values: object) -> str:
    """The message in the language in force, with `%(name)s` filled in."""
    text = _translations(language()).gettext(message)
    return text % values if values else text


def ngettext(singular: str, plural: str, number: int, **values: object) -> str:
    """The form of the message that fits the number; `%(number)s` is filled in."""
    return _translations(language()).ngettext(singular, plural, number) % {"number": number, **values}


def lazy_(message: str) -> str:
    """Mark a word for translation where it stands in a table; it is translated when shown."""
    return message


def install(environment: Environment) -> None:
    """Give templates `_()`, `ngettext()`, `{% trans %}` and the format filters."""
    environment.add_extension("jinja2.ext.i18n")
    environment.install_gettext_callables(  # type: ignore[attr-defined]  # added by the extension
        lambda message: _translations(language()).gettext(message),
        lambda one, many, number: _translations(language()).ngettext(one, many, number),
        newstyle=True,
    )
    environment.filters |= {
        "money": money,
        "price": price,
        "energy": energy,
        "power": power,
        "when": when,
        "exactly": exactly,
        "day": day,
        "until": until,
        "calendar_day": calendar_day,
        "month": month,
        "clock_time": clock_time,
        "duration": duration,
        "percent": percent,
        "whole": whole,
    }


@functools.cache
def _translations(code: str) -> NullTranslations:
    path = CATALOGUES / code / "LC_MESSAGES" / "messages.po"
    if code == FALLBACK or not path.exists():
        return NullTranslations()
    compiled = io.BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=code))
    compiled.seek(0)
    return GNUTranslations(compiled)


def locale() -> str:
    """The locale of the language in force, for formats that are not here."""
    return LOCALES[language()]


def money(minor: int, currency: str) -> str:
    """`CHF 12.50` from minor units."""
    return f"{currency} {format_decimal(Money(minor, currency).decimal, '#,##0.00', locale='de_CH')}"


def price(amount: Decimal, currency: str) -> str:
    """A unit price in major units with at least two, at most four decimals: `CHF 0.45`."""
    return f"{currency} {format_decimal(amount, '#,##0.00##', locale='de_CH')}"


def energy(energy_wh: int) -> str:
    """`12.345 kWh` from Wh."""
    return f"{format_decimal(Decimal(energy_wh) / 1000, '#,##0.000', locale='de_CH')} kWh"


def power(power_w: int) -> str:
    """`11.0 kW` from W."""
    return f"{format_decimal(Decimal(power_w) / 1000, '#,##0.0', locale='de_CH')} kW"


def percent(value: Decimal) -> str:
    """`8.1 %`."""
    return f"{format_decimal(value, '0.##', locale='de_CH')} %"


def whole(number: int) -> str:
    """`1'000'000`."""
    return format_decimal(number, "#,##0", locale="de_CH")


def when(instant: datetime, zone: str | None = None) -> str:
    """Date and time in the property's zone."""
    return format_datetime(_local(instant, zone), "dd.MM.yyyy, HH:mm", locale=locale())


def exactly(instant: datetime, zone: str | None = None) -> str:
    """Date and time to the second, in the property's zone."""
    return format_datetime(_local(instant, zone), "dd.MM.yyyy, HH:mm:ss", locale=locale())


def day(instant: datetime, zone: str | None = None) -> str:
    """The calendar day in the property's zone, in words: `23. November 2026`."""
    return calendar_day(_local(instant, zone).date())


def until(instant: datetime, zone: str | None = None) -> str:
    """When something ends: midnight as the last day that people chose, else date and time."""
    whole_days = _local(instant, zone).time() == time()
    return day(instant - timedelta(minutes=1), zone) if whole_days else when(instant, zone)


def calendar_day(date_: date) -> str:
    """A day of the calendar in words, the same everywhere: `23. November 2026`; the first is `1er` in French."""
    text = format_date(date_, "long", locale=locale())
    return f"1er{text[1:]}" if date_.day == 1 and language() == "fr" else text


def month(first_day: date) -> str:
    """A calendar month in words: `November 2026`."""
    return format_date(first_day, "LLLL yyyy", locale=locale())


def clock_time(instant: datetime, zone: str | None = None) -> str:
    """The time of day in the property's zone."""
    return format_time(_local(instant, zone), "HH:mm:ss", locale=locale())


def duration(length: timedelta) -> str:
    """`1 h 05 min`, or `45 s` below a minute."""
    seconds = max(0, int(length.total_seconds()))
    if seconds < 60:
        return f"{seconds} s"
    minutes = seconds // 60
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"


def _local(instant: datetime, zone: str | None) -> datetime:
    return instant.astimezone(ZoneInfo(zone or _zone.get()))
