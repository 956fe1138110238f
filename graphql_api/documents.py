"""Queries, read and validated once, and kept with their plans; programs ask the same few again and again."""

from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    OperationDefinitionNode,
    get_operation_ast,
    parse,
    validate,
)

from graphql_api.limits import LONGEST_TEXT, MOST_TOKENS, refuse_repetition
from graphql_api.schema import schema
from kit.kept import Kept

MOST_SIGNS = 300_000  # of all texts together; what is read of one takes a hundred times its length
Plans = dict[Any, Any]
core = schema._schema


@dataclass(frozen=True)
class Document:
    """A query as it was read. `plans` is None where parts of it come and go with variables."""

    node: DocumentNode | None
    errors: tuple[GraphQLError, ...]
    plans: Plans | None = field(default=None, compare=False)

    def operation(self, name: str | None) -> OperationDefinitionNode | None:
        """The operation of this name; without one, the only one."""
        return None if self.node is None else get_operation_ast(self.node, name)


TOO_LONG = Document(None, (GraphQLError("Too long."),))
_kept: Kept[str, Document] = Kept(MOST_SIGNS)


def read(text: str) -> Document:
    """A query from its text; what is wrong with it is in `errors`."""
    if len(text) > LONGEST_TEXT:
        return TOO_LONG
    return _kept.get(text) or _kept.keep(text, _read(text), len(text))


def is_query(text: str) -> bool:
    """Whether it can be run."""
    return not read(text).errors


def _read(text: str) -> Document:
    try:
        node = parse(text, max_tokens=MOST_TOKENS)
        refuse_repetition(node)
    except GraphQLError as error:
        return Document(None, (error,))
    except RecursionError:
        return Document(None, (GraphQLError("Too deeply nested."),))
    errors = validate(core, node, hide_suggestions=True)
    return Document(node, tuple(errors), None if "@" in text else {})
