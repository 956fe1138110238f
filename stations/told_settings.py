"""What stations answer when they are asked for their settings, however they write it: read here, never refused."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

import orjson

LONGEST_KEY, MOST_SETTINGS, LONGEST_RAW = 200, 1_000, 20_000
_YES = frozenset({"true", "1", "yes"})


@dataclass(frozen=True)
class ToldSetting:
    """A setting as the station told it; `value` is its text, None where it told none."""

    key: str
    value: str | None
    read_only: bool


@dataclass(frozen=True)
class ToldSettings:
    """All that could be read of an answer, by names blind to case. `in_order`: it was as the standard wants it."""

    settings: Mapping[str, ToldSetting] = field(default_factory=dict)
    unknown: Mapping[str, str] = field(default_factory=dict)
    in_order: bool = True

    def says(self, key: str) -> bool:
        """Whether it says something of this setting, be it that there is none."""
        return folded(key) in self.settings or folded(key) in self.unknown


def folded(key: str) -> str:
    """The name of a setting, blind to case and to blanks around it."""
    return key.strip().casefold()


def told_settings(answer: Any) -> ToldSettings:
    """What an answer to GetConfiguration tells: a list of entries; also a lone entry, or names with their values."""
    if not isinstance(answer, dict):
        return ToldSettings(in_order=False)
    rows, unknown = answer.get("configurationKey", []), answer.get("unknownKey", [])
    in_order = isinstance(rows, list) and isinstance(unknown, list)
    if isinstance(rows, dict):
        rows = [rows] if "key" in rows else [{"key": key, "value": value} for key, value in rows.items()]
    settings: dict[str, ToldSetting] = {}
    for row in (rows if isinstance(rows, list) else [])[:MOST_SETTINGS]:
        told = _setting(row)
        if told is not None:
            settings[folded(told.key)] = told
        in_order = in_order and told is not None and _as_standard(row)
    names = [_text(name) for name in (unknown if isinstance(unknown, list) else [unknown])[:MOST_SETTINGS]]
    known_not = {folded(name): name[:LONGEST_KEY] for name in names if name and folded(name)}
    return ToldSettings(settings, {key: name for key, name in known_not.items() if key not in settings}, in_order)


def same_value(one: str, other: str) -> bool:
    """Whether two values mean the same: chargers write numbers, switches and lists in their own way."""
    return _plain(one) == _plain(other)


def written_raw(answer: Any) -> str:
    """An answer as it came (without its secrets), to be shown."""
    return orjson.dumps(answer, default=str).decode()[:LONGEST_RAW]


def _setting(row: Any) -> ToldSetting | None:
    key = _text(row.get("key")) if isinstance(row, dict) else None
    if not key or not folded(key):
        return None
    read_only = _text(row.get("readonly", row.get("readOnly"))) or ""
    return ToldSetting(key.strip()[:LONGEST_KEY], _text(row.get("value")), read_only.strip().lower() in _YES)


def _as_standard(row: dict[str, Any]) -> bool:
    return isinstance(row.get("readonly"), bool) and isinstance(row.get("value", ""), str)


def _text(value: Any) -> str | None:
    """The text of a value: numbers and switches as JSON writes them."""
    if value is None:
        return None
    return value if isinstance(value, str) else orjson.dumps(value, default=str).decode()


def _plain(value: str) -> tuple[str, ...]:
    return tuple(_number(part.strip().casefold()) for part in value.strip().strip(",").split(","))


def _number(text: str) -> str:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    return str(number.normalize()) if number.is_finite() else text
