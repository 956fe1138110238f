"""Reading what a resolver returned without asking field by field.

Most types of the schema are plain: their fields are attributes of an object that the root resolver filled. What was
selected of those is made into nested functions once per document; whatever is not plain goes the library's own way, and
so does an object on which such a function fails, so that errors are the library's as well.
"""

from collections.abc import Callable
from operator import attrgetter
from typing import Any

from graphql import (
    GraphQLBoolean,
    GraphQLField,
    GraphQLInt,
    GraphQLLeafType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLResolveInfo,
    GraphQLString,
    is_leaf_type,
)
from graphql.execution.collect_fields import FieldDetails
from graphql.execution.executor import Executor
from graphql.pyutils import Path

Reader = Callable[[Any], Any]
FieldDetailsList = list[FieldDetails]
AS_THEY_ARE = {GraphQLString.name: str, GraphQLBoolean.name: bool}
WRITTEN_BY_JSON = ("UUID", "DateTime")  # orjson writes them as the schema says
LARGEST_INT = 2**31


class NotPlain(Exception):
    """Something here needs the library."""


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
        names, attributes, readers = [], [], []
        constants = {}
        for name, below in grouped.items():
            if below[0].node.name.value == "__typename":
                constants[name] = kind.name
                continue
            definition = self.schema.get_field(kind, below[0].node.name.value)
            if definition is None:
                raise NotPlain
            names.append(name)
            attributes.append(_attribute(definition))
            readers.append(self._value(definition.type, below))
        return _reader(names, attributes, readers, constants)

    def _value(self, kind: GraphQLOutputType, details: FieldDetailsList) -> Reader:
        if isinstance(kind, GraphQLNonNull):
            return _present(self._inner(kind.of_type, details))
        inner = self._inner(kind, details)
        return lambda value: None if value is None else inner(value)

    def _inner(self, kind: GraphQLOutputType, details: FieldDetailsList) -> Reader:
        if isinstance(kind, GraphQLList):
            item = self._value(kind.of_type, details)
            return lambda values: [item(value) for value in values]
        if isinstance(kind, GraphQLObjectType):
            return self._object(kind, details)
        if is_leaf_type(kind):
            return _leaf(kind)
        raise NotPlain


def _attribute(definition: GraphQLField) -> str:
    """The attribute behind a field that nobody resolves and that takes no arguments. Raises NotPlain."""
    if definition.args or not getattr(definition.resolve, "_is_default", False):
        raise NotPlain
    return str(definition.extensions["strawberry-definition"].python_name)


def _reader(names: list[str], attributes: list[str], readers: list[Reader], constants: dict[str, str]) -> Reader:
    get = attrgetter(*attributes) if attributes else None
    single = len(attributes) == 1
    fields = list(zip(names, readers, strict=True))

    def read(source: Any) -> dict[str, Any]:
        values = () if get is None else (get(source),) if single else get(source)
        shown = {name: reader(value) for (name, reader), value in zip(fields, values, strict=True)}
        return shown | constants if constants else shown

    return read


def _present(inner: Reader) -> Reader:
    def read(value: Any) -> Any:
        if value is None:
            raise NotPlain
        return inner(value)

    return read


def _leaf(kind: GraphQLLeafType) -> Reader:
    written = kind.coerce_output_value
    if kind.name in WRITTEN_BY_JSON:
        return _same
    if kind.name in AS_THEY_ARE:
        plain = AS_THEY_ARE[kind.name]
        return lambda value: value if type(value) is plain else written(value)
    if kind.name == GraphQLInt.name:
        return lambda value: value if type(value) is int and -LARGEST_INT <= value < LARGEST_INT else written(value)
    return written


def _same(value: Any) -> Any:
    return value
