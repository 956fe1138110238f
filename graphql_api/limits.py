"""What one request may ask for: how deep, how often, how much. Judged from its text, before anything is loaded.

An object costs 1; of a list counts the page that is asked for, or what such a list usually has. Plain fields are free.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLCompositeType,
    GraphQLError,
    GraphQLField,
    GraphQLList,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    Visitor,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    value_from_ast_untyped,
    visit,
)

MOST_TOKENS, MOST_ALIASES, MOST_DEPTH, MOST_COST = 2000, 30, 10, 1000
MOST_REPEATED = 50  # fields of the same name; the library compares each with each
LONGEST_TEXT = 50_000  # of a document; texts are kept, so they may not be as long as a request
WHOLE_LIST, INNER_LIST = 50, 5
USUAL_ITEMS = {("Session", "meterValues"): 20}


def refuse_repetition(document: DocumentNode) -> None:
    """Before it is validated, which takes seconds where a field is asked for hundreds of times. Raises GraphQLError."""
    counted = _Names()
    visit(document, counted)
    if max(counted.names.values(), default=0) > MOST_REPEATED:
        raise GraphQLError("Too repetitive.")


class _Names(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.names: Counter[str] = Counter()

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        self.names[node.alias.value if node.alias else node.name.value] += 1


class TooMuch(Exception):
    """One request asks for more than it may. `extensions` tell what was found, the most, and what all would cost."""

    def __init__(self, code: str, found: int, most: int, cost: int) -> None:
        super().__init__(code)
        self.cost = cost
        self.extensions = {"code": code, "found": found, "most": most, "cost": cost}


@dataclass
class Measure:
    """Measures one operation of a document that is valid."""

    schema: GraphQLSchema
    document: DocumentNode
    variables: Mapping[str, Any]
    aliases: int = 0
    depth: int = 0
    _fragments: dict[str, FragmentDefinitionNode] = field(default_factory=dict)
    _values: dict[str, Any] = field(default_factory=dict)
    _costs: dict[tuple[str, int], int] = field(default_factory=dict)

    def cost(self, operation: OperationDefinitionNode) -> int:
        """What the operation costs; depth and aliases are known afterwards. Raises TooMuch."""
        self._fragments = {
            node.name.value: node for node in self.document.definitions if isinstance(node, FragmentDefinitionNode)
        }
        defaults = {
            one.variable.name.value: value_from_ast_untyped(one.default_value)
            for one in operation.variable_definitions or ()
            if one.default_value is not None
        }
        self._values = defaults | dict(self.variables)
        root = self.schema.get_root_type(operation.operation)
        assert root is not None, "validated"
        cost = self._of(operation.selection_set, root, 1)
        for code, found, most in (
            ("too_deep", self.depth, MOST_DEPTH),
            ("too_many_aliases", self.aliases, MOST_ALIASES),
            ("too_expensive", cost, MOST_COST),
        ):
            if found > most:
                raise TooMuch(code, found, most, cost)
        return cost

    def _of(self, selected: SelectionSetNode, parent: GraphQLCompositeType, depth: int) -> int:
        self.depth = max(self.depth, depth)
        return sum(
            self._fragment(node, parent, depth) if not isinstance(node, FieldNode) else self._field(node, parent, depth)
            for node in selected.selections
        )

    def _fragment(self, node: Any, parent: GraphQLCompositeType, depth: int) -> int:
        if isinstance(node, InlineFragmentNode):
            return self._of(node.selection_set, self._type(node.type_condition, parent), depth)
        assert isinstance(node, FragmentSpreadNode)
        key = (node.name.value, depth)
        if key not in self._costs:  # fragments that spread each other many times are looked at once
            found = self._fragments[node.name.value]
            self._costs[key] = self._of(found.selection_set, self._type(found.type_condition, parent), depth)
        return self._costs[key]

    def _type(self, condition: Any, parent: GraphQLCompositeType) -> GraphQLCompositeType:
        found = parent if condition is None else self.schema.type_map[condition.name.value]
        assert is_composite_type(found)
        return found

    def _field(self, node: FieldNode, parent: GraphQLCompositeType, depth: int) -> int:
        self.aliases += node.alias is not None
        definition = self.schema.get_field(parent, node.name.value)
        if definition is None or node.selection_set is None or node.name.value.startswith("__"):
            return 0
        kind = get_named_type(definition.type)
        assert is_composite_type(kind), kind
        below = self._of(node.selection_set, kind, depth + 1)
        if parent.name.endswith("Connection"):  # its items were counted with the page
            return below
        return self._items(node, definition, parent, depth) * ((kind.name != "PageInfo") + below)

    def _items(self, node: FieldNode, definition: GraphQLField, parent: GraphQLCompositeType, depth: int) -> int:
        if "first" in definition.args:
            given = {one.name.value: value_from_ast_untyped(one.value, self._values) for one in node.arguments or ()}
            first = given.get("first")
            if not isinstance(first, int | float):  # a variable that was left out
                first = definition.args["first"].default_value
            return max(1, int(min(first, 2**31))) if isinstance(first, int | float) else 1  # 50.0 is an Int
        if isinstance(get_nullable_type(definition.type), GraphQLList):
            usual = WHOLE_LIST if depth == 1 else INNER_LIST
            return USUAL_ITEMS.get((parent.name, node.name.value), usual)
        return 1
