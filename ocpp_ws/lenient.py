"""Reading values of payloads: text that may be a number, numbers that may be text, instants in any dialect."""

import re
from datetime import UTC, datetime
from typing import Any

from charging.metering import Reading, reading, whole
from stations.quirks import Quirks
from stations.station_clock import NO_ZONE

_ODD_INSTANT = re.compile(
    r"^\s*(\d{4})-(\d{1,2})-(\d{1,2})[T ]+(\d{1,2}):(\d{1,2})(?::(\d{1,2}))?(?:[.,]\d+)?\s*(Z|[+-]\d{2}:?\d{0,2})?\s*$",
    re.IGNORECASE,
)


def text(payload: dict[str, Any], name: str) -> str:
    """A text, whole and without blanks around it; empty where there is none. Other values as Python writes them."""
    value = payload.get(name)
    if value is None:
        return ""
    return (value if isinstance(value, str) else str(value)).strip()


def number(payload: dict[str, Any], name: str) -> int | None:
    """A whole number, from a number or a text; None where it can't be read."""
    return whole(payload.get(name))


def register(payload: dict[str, Any], name: str, quirks: Quirks) -> int | None:
    """A register of the meter in Wh; None where it can't be read."""
    return whole(payload.get(name), 1000 if quirks.wh_means_kwh else 1)


def instant(value: Any) -> datetime | None:
    """An instant in UTC; without a zone it counts as UTC and is marked (NO_ZONE). None where it can't be read."""
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return _odd_instant(value)
    if found.tzinfo is None:
        return found.replace(tzinfo=NO_ZONE)
    return _in_utc(found)


def readings(payload: dict[str, Any], name: str, quirks: Quirks) -> list[Reading]:
    """The sampled instants of a message; what is no list of samples is left out."""
    values = payload.get(name)
    if isinstance(values, dict):
        values = [values]
    if not isinstance(values, list):
        return []
    found = []
    for value in values:
        samples = value.get("sampledValue") if isinstance(value, dict) else None
        if isinstance(samples, dict):
            samples = [samples]
        if isinstance(samples, list) and samples:
            at = instant(value.get("timestamp"))
            found.append(reading(at, samples, wh_means_kwh=quirks.wh_means_kwh))
    return found


def _odd_instant(value: str) -> datetime | None:
    found = _ODD_INSTANT.match(value)
    if found is None:
        return None
    *parts, zone = found.groups()
    sign, digits = "+", "0000"
    if zone and zone.upper() != "Z":
        sign, digits = zone[0], zone[1:].replace(":", "").ljust(4, "0")
    year, month, day, hour, minute, second = (int(part or 0) for part in parts)
    written = f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{sign}{digits[:2]}:{digits[2:]}"
    try:
        read = _in_utc(datetime.fromisoformat(written))
    except ValueError:
        return None
    return read.replace(tzinfo=NO_ZONE) if read is not None and not zone else read


def _in_utc(found: datetime) -> datetime | None:
    try:
        return found.astimezone(UTC)
    except OverflowError:  # the year 1 or 9999, in another zone
        return None
