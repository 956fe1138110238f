"""Reading what a resolver returned without asking field by field.

Most types of the schema are plain: their fields are attributes of an object that the root resolver filled. What was
selected of those is made into nested functions once per document; whatever is not plain goes the library's own way, and
so does an object on which such a function fails, so that errors are the library's as well.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from operator import attrgetter
from typing import Any

from graphql import (
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInt,
    GraphQLLeafType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLString,
    get_nullable_type,
    is_leaf_type,
)
from graphql.execution.collect_fields import FieldDetails
from graphql.execution.executor import Executor
from graphql.pyutils import Path

Reader = Callable[[Any], Any]
FieldDetailsList = list[FieldDetails]
AS_THEY_ARE = (GraphQLString.name, "UUID", "DateTime")  # orjson writes them as the schema says
LARGEST_INT = 2**31


class NotPlain(Exception):
    """Something here needs the library."""


@dataclass(frozen=True)
class Taken:
    """A field of an answer: where it comes from, whether it must be there, and how it is read (None: as it is)."""

    name: str
    attribute: str
    present: bool
    reader: Reader | None


class PlainExecutor(Executor[Any]):
    """The library's executor with a short way for plain objects."""

    def complete_object_value(
        self,
        return_type: GraphQLObjectType,
        field_details_list: FieldDetailsList,
        info: GraphQLResolveInfo[Any],
        path: Path,
        result: Any,
        position_context: Any,
    ) -> Any:
        """An object with what was selected of it."""
        reader = self._reader(return_type, field_details_list)
        if reader is not None:
            try:
                return reader(result)
            except Exception:  # noqa: S110  # it is read again below, and told as the library tells it
                pass
        return super().complete_object_value(return_type, field_details_list, info, path, result, position_context)

    def _reader(self, kind: GraphQLObjectType, details: FieldDetailsList) -> Reader | None:
        plans = self.context_value.plans
        if plans is None:
            return None
        key = (kind.name, tuple(id(one.node) for one in details))
        if key not in plans:
            try:
                plans[key] = self._object(kind, details)
            except NotPlain:
                plans[key] = None
        found: Reader | None = plans[key]
        return found

    def _object(self, kind: GraphQLObjectType, details: FieldDetailsList) -> Reader:
        grouped, _, _ = self.collect_subfields(kind, details)
        taken: list[Taken] = []
        constants = {}
        for name, below in grouped.items():
            if below[0].node.name.value == "__typename":
                constants[name] = kind.name
                continue
            definition = self.schema.get_field(kind, below[0].node.name.value)
            if definition is None:
                raise NotPlain
            present = isinstance(definition.type, GraphQLNonNull)
            inner = self._inner(get_nullable_type(definition.type), below)
            taken.append(Taken(name, _attribute(definition), present, inner))
        return _reader(taken, constants)

    def _inner(self, kind: Any, details: FieldDetailsList) -> Reader | None:
        if isinstance(kind, GraphQLList):
            item = self._inner(get_nullable_type(kind.of_type), details)
            return _items(item, present=isinstance(kind.of_type, GraphQLNonNull))
        if isinstance(kind, GraphQLObjectType):
            return self._object(kind, details)
        if is_leaf_type(kind):
            return _leaf(kind)
        raise NotPlain


def _items(item: Reader | None, *, present: bool) -> Reader:
    """A list; none of its items may be missing where all are `present`."""

    def read(values: Any) -> list[Any]:
        if present and None in values:
            raise NotPlain
        if item is None:
            return list(values)
        return [None if value is None else item(value) for value in values]

    return read


def _attribute(definition: GraphQLField) -> str:
    """The attribute behind a field that nobody resolves and that takes no arguments. Raises NotPlain."""
    if definition.args or not getattr(definition.resolve, "_is_default", False):
        raise NotPlain
    return str(definition.extensions["strawberry-definition"].python_name)


def _reader(taken: Sequence[Taken], constants: dict[str, str]) -> Reader:
    """An object: all its attributes in one go, and then what is not right as it is."""
    names = [one.name for one in taken]
    if len(names) < 2:  # attrgetter gives tuples from two on
        return _small_reader(taken, constants)
    get = attrgetter(*(one.attribute for one in taken))
    needed = [one.attribute for one in taken if one.present]
    required = attrgetter(*needed, *needed) if needed else lambda _source: ()  # a tuple even of one
    changed = [(one.name, one.reader) for one in taken if one.reader is not None]

    def read(source: Any) -> dict[str, Any]:
        values = get(source)
        shown = dict(zip(names, values, strict=True))
        if None in values and None in required(source):
            raise NotPlain
        for name, reader in changed:
            if (value := shown[name]) is not None:
                shown[name] = reader(value)
        return shown | constants if constants else shown

    return read


def _small_reader(taken: Sequence[Taken], constants: dict[str, str]) -> Reader:
    def read(source: Any) -> dict[str, Any]:
        shown: dict[str, Any] = {}
        for one in taken:
            value = getattr(source, one.attribute)
            if value is None and one.present:
                raise NotPlain
            shown[one.name] = value if one.reader is None or value is None else one.reader(value)
        return shown | constants

    return read


def _leaf(kind: GraphQLLeafType) -> Reader | None:
    """How a value is written; None: as it is, which orjson then does as the schema says."""
    written = kind.coerce_output_value
    if kind.name in AS_THEY_ARE:
        return None
    if kind.name == GraphQLBoolean.name:
        return lambda value: value if type(value) is bool else written(value)
    if kind.name == GraphQLInt.name:
        return lambda value: value if type(value) is int and -LARGEST_INT <= value < LARGEST_INT else written(value)
    if isinstance(kind, GraphQLEnumType):
        return cache(written)
    return written
