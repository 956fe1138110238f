"""The kinds of fields that messages to chargers are made of: what may stand in one, in words and as a judgement.

A field judges a JSON value and returns it as it is sent; what can't be taken raises Invalid with the field's path,
`csChargingProfiles.stackLevel` for instance. One description serves the judgement, the portal's form and the API.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any, Self

from kit.errors import Invalid
from stations.pem import certificate_in, written

MOST_WHOLE = 2_147_483_647  # chargers count in 32 bits
LONGEST_LIST = 1_000
_TENTH = Decimal("0.1")
_HIGHEST = 10**9
ADDRESS_KINDS = ("http://", "https://", "ftp://", "ftps://", "sftp://")


@dataclass(frozen=True, kw_only=True)
class Field(ABC):
    """One field of a message. `words` names it for people, `hint` explains it in a line; both in the reader's language
    once they went through `kit.i18n._`.
    """

    name: str
    words: str
    hint: str = ""
    required: bool = True

    @property
    def optional(self) -> Self:
        """The same field where it may be left out."""
        return replace(self, required=False)

    @abstractmethod
    def judge(self, value: Any) -> Any:
        """The value as it is sent. Raises Invalid."""

    def stays_empty(self, value: Any) -> bool:
        """Whether this value says that the field is left out."""
        return bool(value == "")

    def refuse(self, code: str) -> Invalid:
        """The refusal of this field's value."""
        return Invalid(**{self.name: code})


@dataclass(frozen=True, kw_only=True)
class Text(Field):
    """A text of limited length; blanks around it are not sent. `may_be_empty`: an empty one is a value, too."""

    longest: int
    may_be_empty: bool = False
    lines: bool = False

    def stays_empty(self, value: Any) -> bool:
        """An empty text is a value of some fields, of a setting for instance."""
        return super().stays_empty(value) and not self.may_be_empty

    def judge(self, value: Any) -> Any:
        """A text; a number is taken for its digits."""
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise self.refuse("not_a_text")
        text = str(value).strip()
        if not text and not self.may_be_empty:
            raise self.refuse("required")
        if len(text) > self.longest:
            raise self.refuse("too_long")
        return text


@dataclass(frozen=True, kw_only=True)
class Address(Text):
    """An address of a file, or of a folder for files."""

    longest: int = 512

    def judge(self, value: Any) -> Any:
        """An address whose kind chargers know."""
        text = super().judge(value)
        if not text.lower().startswith(ADDRESS_KINDS) or any(sign.isspace() for sign in text):
            raise self.refuse("not_an_address")
        return text


@dataclass(frozen=True, kw_only=True)
class Pem(Text):
    """One certificate in PEM, however its lines end; sent as the standard writes it."""

    longest: int = 5_500
    lines: bool = True

    def judge(self, value: Any) -> Any:
        """A certificate that can be read."""
        found = certificate_in(super().judge(value))
        if found is None:
            raise self.refuse("not_a_certificate")
        return written(found)


@dataclass(frozen=True, kw_only=True)
class PemChain(Text):
    """Certificates in PEM, one below the other; sent with a line end behind the last."""

    lines: bool = True

    def judge(self, value: Any) -> Any:
        """The chain as it came."""
        return super().judge(value) + "\n"


@dataclass(frozen=True, kw_only=True)
class Whole(Field):
    """A whole number."""

    least: int = 0
    most: int = MOST_WHOLE

    def judge(self, value: Any) -> Any:
        """A number, not a text of digits."""
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.refuse("not_whole")
        if not self.least <= value <= self.most:
            raise self.refuse("out_of_range")
        return value


@dataclass(frozen=True, kw_only=True)
class Tenths(Field):
    """A number with at most one digit behind the point, such as a current in A or a power in W."""

    def judge(self, value: Any) -> Any:
        """The number; OCPP's JSON knows no exact decimals, so it leaves as a float of one digit."""
        if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
            raise self.refuse("not_a_number")
        try:
            exact = Decimal(str(value).strip().replace(",", "."))
        except InvalidOperation as error:
            raise self.refuse("not_a_number") from error
        if not exact.is_finite():
            raise self.refuse("not_a_number")
        if not 0 <= exact <= _HIGHEST:
            raise self.refuse("out_of_range")
        if exact != exact.quantize(_TENTH, ROUND_HALF_UP):
            raise self.refuse("too_precise")
        return int(exact) if exact == exact.to_integral_value() else float(exact)


@dataclass(frozen=True, kw_only=True)
class Choice(Field):
    """One word of a list; `options` are the standard's words."""

    options: tuple[str, ...]

    def judge(self, value: Any) -> Any:
        """One of them, exactly."""
        if value not in self.options:
            raise self.refuse("required" if value in (None, "") else "unknown")
        return value


@dataclass(frozen=True, kw_only=True)
class Instant(Field):
    """A day and a time; without a zone it would mean something else to each charger, so it needs one."""

    def judge(self, value: Any) -> Any:
        """In UTC, whole seconds, as every charger reads it."""
        try:
            found = value if isinstance(value, datetime) else datetime.fromisoformat(str(value).strip())
        except ValueError as error:
            raise self.refuse("not_an_instant") from error
        if found.tzinfo is None:
            raise self.refuse("without_zone")
        try:
            return found.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        except (OverflowError, ValueError) as error:
            raise self.refuse("not_an_instant") from error


@dataclass(frozen=True, kw_only=True)
class Texts(Field):
    """Several texts, such as names of settings."""

    longest: int

    def stays_empty(self, value: Any) -> bool:
        """No text at all is none of them."""
        return value in ("", [])

    def judge(self, value: Any) -> Any:
        """A list without empty ones."""
        if not isinstance(value, Sequence) or isinstance(value, str):
            raise self.refuse("not_a_list")
        texts = [str(each).strip() for each in value]
        if any(len(text) > self.longest for text in texts):
            raise self.refuse("too_long")
        if len(texts) > LONGEST_LIST:
            raise self.refuse("too_many")
        return [text for text in texts if text]


@dataclass(frozen=True, kw_only=True)
class Group(Field):
    """An object with fields of its own."""

    fields: tuple[Field, ...]

    def judge(self, value: Any) -> Any:
        """Every field judged; what is wrong within stands at the path that leads there."""
        if not isinstance(value, Mapping):
            raise self.refuse("not_an_object")
        try:
            return judged(self.fields, value)
        except Invalid as refusal:
            raise Invalid(**{f"{self.name}.{name}": code for name, code in refusal.fields.items()}) from refusal


@dataclass(frozen=True, kw_only=True)
class Groups(Field):
    """A list of objects."""

    fields: tuple[Field, ...]
    least: int = 0

    def judge(self, value: Any) -> Any:
        """Every one judged; the path holds its place, counted from 0."""
        if not isinstance(value, Sequence) or isinstance(value, str):
            raise self.refuse("not_a_list")
        if not self.least <= len(value) <= LONGEST_LIST:
            raise self.refuse("too_many" if value else "required")
        taken: list[Any] = []
        problems: dict[str, str] = {}
        for place, each in enumerate(value):
            one = Group(name=f"{self.name}.{place}", words=self.words, fields=self.fields)
            try:
                taken.append(one.judge(each))
            except Invalid as refusal:
                problems |= refusal.fields
        if problems:
            raise Invalid(**problems)
        return taken


def judged(fields: Iterable[Field], values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as they are sent, in the order of the fields. A field without a value is left out.

    Raises Invalid with every field that can't be taken; names that no field has are refused as `no_such_field`.
    """
    taken: dict[str, Any] = {}
    problems: dict[str, str] = {}
    known = {field.name: field for field in fields}
    problems.update({str(name): "no_such_field" for name in values if name not in known})
    for name, field in known.items():
        value = values.get(name)
        if value is None or field.stays_empty(value):
            if field.required:
                problems[name] = "required"
            continue
        try:
            taken[name] = field.judge(value)
        except Invalid as refusal:
            problems |= refusal.fields
    if problems:
        raise Invalid(**problems)
    return taken
