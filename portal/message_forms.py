"""Forms of messages to chargers, made from the catalogue. Each input is named by the path of its field in the message,
so that a refusal of the message stands where it belongs; an empty input leaves its field out.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from flask import request

from kit.errors import Invalid
from kit.i18n import _
from portal.forms import Form
from portal.option_words import option_words
from stations.catalogue import MessageKind
from stations.fields import MOST_WHOLE, Choice, Field, Group, Groups, Instant, Tenths, Text, Texts, Whole

MORE_ROWS, MOST_ROWS = 3, 60
DELIVERY = {"expires_in": "wait"}  # what the doors call it, and the page
_WHOLE = re.compile(r"[+-]?\d{1,18}")


@dataclass(frozen=True)
class Input:
    """A field as the page draws it. `kind`: text, lines, whole, number, instant, choice, group or groups; the rows of
    `groups` and the only row of `group` are in `rows`.
    """

    path: str
    kind: str
    words: str
    hint: str
    required: bool
    choices: tuple[tuple[str, str], ...] = ()
    rows: tuple[tuple["Input", ...], ...] = ()


class MessageForm(Form):
    """The fields of one message. `prefix` stands before their paths where a page has several such forms; `start` is
    what stands in the fields at first, `defaults` what stands in others of the page; instants are in `time_zone`, for
    example `Europe/Zurich`.
    """

    def __init__(
        self,
        kind: MessageKind,
        time_zone: str,
        start: Mapping[str, Any] | None = None,
        *,
        prefix: str = "",
        **defaults: Any,
    ) -> None:
        super().__init__(**defaults)
        self._kind, self._zone, self._prefix = kind, ZoneInfo(time_zone), prefix
        found = _read(request.form, kind.fields, self._zone, prefix) if self.sent else dict(start or {})
        self.payload: dict[str, Any] = found
        self._texts = dict(_flat(found, self._zone, prefix))
        self.inputs = self._inputs(kind.fields, prefix)

    @property
    def wants_rows(self) -> bool:
        """Whether the button for more rows was pressed: nothing is to be sent."""
        return self.sent and "more" in request.form

    def value(self, name: str) -> str:
        """The text in a field of the message, or in another one of the page."""
        return self._texts.get(name, "") if self._of_message(name) else super().value(name)

    def place(self, refused: Invalid) -> None:
        """Put the problems of the message where its fields are on the page."""
        names = {field.name for field in self._kind.fields}
        for path, code in refused.fields.items():
            of_message = path.partition(".")[0] in names
            self.problems[self._prefix + path if of_message else DELIVERY.get(path, path)] = code

    def _of_message(self, name: str) -> bool:
        return name.startswith(self._prefix) and name.removeprefix(self._prefix).partition(".")[0] in {
            field.name for field in self._kind.fields
        }

    def _inputs(self, fields: Sequence[Field], prefix: str, *, within_optional: bool = False) -> tuple[Input, ...]:
        return tuple(self._input(field, prefix + field.name, within_optional) for field in fields)

    def _input(self, field: Field, path: str, within_optional: bool) -> Input:
        loose = within_optional or not field.required
        hints = (_(field.hint) if field.hint else "", _range_words(field))
        facts = (_(field.words), " ".join(filter(None, hints)), field.required and not within_optional)
        if isinstance(field, Group):
            return Input(path, "group", *facts, rows=(self._inputs(field.fields, f"{path}.", within_optional=loose),))
        if isinstance(field, Groups):
            rows = tuple(
                self._inputs(field.fields, f"{path}.{place}.", within_optional=True)
                for place in range(self._row_count(path))
            )
            return Input(path, "groups", *facts, rows=rows)
        if isinstance(field, Choice):
            empty = (("", "–"),) if loose else ()
            known = tuple((option, option_words(option)) for option in field.options)
            return Input(path, "choice", *facts, choices=empty + known)
        return Input(path, _plain_kind(field), *facts)

    def _row_count(self, path: str) -> int:
        """So many rows as are filled, and empty ones to go on with."""
        filled = {int(name[len(path) + 1 :].partition(".")[0]) for name in self._texts if name.startswith(f"{path}.")}
        more = MORE_ROWS if self.sent and request.form.get("more") == path else 0
        return min(MOST_ROWS, max(1, len(filled)) + more)


def read_json(text: str) -> dict[str, Any]:
    """A payload that somebody wrote himself. Raises Invalid(payload=)."""
    try:
        payload = orjson.loads(text.strip() or "{}")
    except orjson.JSONDecodeError as error:
        raise Invalid(payload="not_json") from error
    if not isinstance(payload, dict):
        raise Invalid(payload="not_an_object")
    return payload


def written_json(payload: Any) -> str:
    """A payload as people read it."""
    return orjson.dumps(payload, option=orjson.OPT_INDENT_2, default=str).decode()


def skeleton(fields: Sequence[Field]) -> dict[str, Any]:
    """A payload to begin with: every required field, with a value of its kind."""
    return {field.name: _example(field) for field in fields if field.required}


def _example(field: Field) -> Any:
    if isinstance(field, Group):
        return skeleton(field.fields)
    if isinstance(field, Groups):
        return [skeleton(field.fields)]
    if isinstance(field, Choice):
        return field.options[0]
    if isinstance(field, Whole):
        return field.least
    if isinstance(field, Texts):
        return []
    return 0 if isinstance(field, Tenths) else ""


def _range_words(field: Field) -> str:
    """Which numbers a field takes."""
    if isinstance(field, Tenths):
        return _("At most one digit after the point.")
    if not isinstance(field, Whole):
        return ""
    if field.most == MOST_WHOLE:
        return _("A whole number, at least %(least)s.", least=field.least)
    return _("A whole number from %(least)s to %(most)s.", least=field.least, most=field.most)


def _plain_kind(field: Field) -> str:
    if isinstance(field, Instant):
        return "instant"
    if isinstance(field, Whole):
        return "whole"
    if isinstance(field, Tenths):
        return "number"
    return "lines" if isinstance(field, Texts) or (isinstance(field, Text) and field.lines) else "text"


def _read(
    values: Mapping[str, str], fields: Sequence[Field], zone: ZoneInfo, prefix: str, *, loose: bool = False
) -> dict[str, Any]:
    """`loose`: these fields are part of something that may be left out as a whole."""
    found = {field.name: _value(values, field, zone, prefix + field.name, loose) for field in fields}
    return {name: value for name, value in found.items() if value is not None}


def _value(values: Mapping[str, str], field: Field, zone: ZoneInfo, path: str, loose: bool) -> Any:
    """What was entered, as far as it can be read; None for nothing. The message's own rules judge it."""
    if isinstance(field, Group):
        loose = loose or not field.required
        inner = _read(values, field.fields, zone, f"{path}.", loose=loose)
        return inner if inner or not loose else None
    if isinstance(field, Groups):
        rows = [_read(values, field.fields, zone, f"{path}.{place}.", loose=True) for place in range(MOST_ROWS)]
        return [row for row in rows if row] or None
    text = values.get(path, "").strip()
    if not text:
        return "" if isinstance(field, Text) and field.may_be_empty and path in values else None
    if isinstance(field, Whole) and _WHOLE.fullmatch(text):
        return int(text)
    if isinstance(field, Texts):
        return text.replace(",", " ").split()
    return _instant(text, zone) if isinstance(field, Instant) else text


def _instant(text: str, zone: ZoneInfo) -> Any:
    try:
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return text


def _flat(value: Any, zone: ZoneInfo, prefix: str) -> list[tuple[str, str]]:
    """A payload as texts by their paths."""
    if isinstance(value, Mapping):
        return [pair for name, part in value.items() for pair in _flat(part, zone, f"{prefix}{name}.")]
    if isinstance(value, list) and value and isinstance(value[0], Mapping):
        return [pair for place, part in enumerate(value) for pair in _flat(part, zone, f"{prefix}{place}.")]
    return [(prefix.removesuffix("."), _text(value, zone))]


def _text(value: Any, zone: ZoneInfo) -> str:
    if isinstance(value, datetime):
        return value.astimezone(zone).strftime("%Y-%m-%dT%H:%M")
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)
