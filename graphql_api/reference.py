"""What the page `/docs/api` shows: the schema as chapters that can be searched, made from its own descriptions."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLUnionType,
    get_named_type,
)

from graphql_api.documents import core
from kit.i18n import lazy_ as word

CHANGES = Path(__file__).parent / "CHANGES.md"
HEADINGS = {
    "queries": word("Queries"),
    "mutations": word("Mutations"),
    "subscriptions": word("Subscriptions"),
    "types": word("Types"),
    "inputs": word("Inputs"),
    "enums": word("Lists of values"),
    "unions": word("Unions"),
}
ROOTS = {"queries": "Query", "mutations": "Mutation", "subscriptions": "Subscription"}


@dataclass(frozen=True)
class Line:
    """A field, an argument, or a value of an enum. `links`: the name of the type it is of."""

    name: str
    kind: str
    links: str
    description: str
    deprecated: str
    arguments: tuple["Line", ...] = ()


@dataclass(frozen=True)
class Chapter:
    """A root field of its own, or a type with its lines."""

    section: str
    name: str
    description: str
    lines: tuple[Line, ...]
    head: Line | None = None

    def mentions(self, words: str) -> bool:
        """Whether all the words stand in it."""
        text = " ".join((self.name, self.description, *(f"{one.name} {one.description}" for one in self.lines))).lower()
        return all(word in text for word in words.lower().split())


@cache
def chapters() -> tuple[Chapter, ...]:
    """Everything that the schema offers, in its order."""
    return (*_roots(), *_types())


def _roots() -> Iterator[Chapter]:
    for section, name in ROOTS.items():
        root = core.type_map[name]
        assert isinstance(root, GraphQLObjectType)
        for field_name, field in root.fields.items():
            head = _line(field_name, field)
            yield Chapter(section, field_name, head.description, head.arguments, head)


def _types() -> Iterator[Chapter]:
    for name, kind in sorted(core.type_map.items()):
        if name.startswith("__") or name in ROOTS.values():
            continue
        description = kind.description or ""
        if isinstance(kind, GraphQLObjectType):
            yield Chapter("types", name, description, tuple(_line(*one) for one in kind.fields.items()))
        elif isinstance(kind, GraphQLInputObjectType):
            lines = [
                Line(one, str(field.type), get_named_type(field.type).name, field.description or "", "")
                for one, field in kind.fields.items()
            ]
            yield Chapter("inputs", name, description, tuple(lines))
        elif isinstance(kind, GraphQLEnumType):
            values = kind.values.items()
            lines = [
                Line(one, "", "", value.description or "", value.deprecation_reason or "") for one, value in values
            ]
            yield Chapter("enums", name, description, tuple(lines))
        elif isinstance(kind, GraphQLUnionType):
            lines = [Line(one.name, one.name, one.name, one.description or "", "") for one in kind.types]
            yield Chapter("unions", name, description, tuple(lines))


def _line(name: str, field: GraphQLField) -> Line:
    arguments = tuple(
        Line(one, str(argument.type), get_named_type(argument.type).name, argument.description or "", "")
        for one, argument in field.args.items()
    )
    kind = get_named_type(field.type).name
    return Line(name, str(field.type), kind, field.description or "", field.deprecation_reason or "", arguments)


@cache
def changes() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The schema's changes: titles and what stands below each."""
    found: list[tuple[str, list[str]]] = []
    for line in CHANGES.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            found.append((line[3:], []))
        elif line.startswith("- ") and found:
            found[-1][1].append(line[2:])
    return tuple((title, tuple(lines)) for title, lines in found)
