"""What a resolver knows of the request."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from graphql import FieldNode, FragmentSpreadNode, InlineFragmentNode, SelectionSetNode
from strawberry import Info as StrawberryInfo

from accounts.access import Actor
from kit.errors import AppError
from kit.settings import Settings


@dataclass(frozen=True)
class Context:
    """Who asks, the settings of the process, and the plans of the document (`graphql_api.plans`). To `topics` a
    subscription adds what it listens to.
    """

    actor: Actor
    settings: Settings
    plans: dict[Any, Any] | None = None
    topics: set[str] | None = None
    counted_check: Callable[[], AbstractContextManager[None]] = nullcontext  # around a try at one's own password
    refusals: list[AppError] = field(default_factory=list)  # that became Problems


Info: TypeAlias = StrawberryInfo[Context, None]


def wants(info: Info, path: str) -> bool:
    """Whether the caller selected this field below the running one, for example `nodes.connectors.lastSession`.

    Root resolvers ask it to load exactly the tree that is shown.
    """
    return path in _selection(info)


def selected(info: Info, path: str) -> list[str]:
    """The fields selected at this path, for example `nodes.connectors.`."""
    depth = path.count(".")
    return [one[len(path) :] for one in _selection(info) if one.startswith(path) and one.count(".") == depth]


def _selection(info: Info) -> frozenset[str]:
    raw = info._raw_info
    key = ("paths", *(id(node) for node in raw.field_nodes))
    plans = info.context.plans
    paths: frozenset[str] | None = None if plans is None else plans.get(key)
    if paths is None:
        paths = frozenset(path for node in raw.field_nodes for path in _paths(node.selection_set, raw.fragments, ""))
        if plans is not None:
            plans[key] = paths
    return paths


def _paths(selected: SelectionSetNode | None, fragments: Mapping[str, Any], above: str) -> Iterator[str]:
    for node in selected.selections if selected is not None else ():
        if isinstance(node, FieldNode):
            yield above + node.name.value
            yield from _paths(node.selection_set, fragments, f"{above}{node.name.value}.")
        elif isinstance(node, InlineFragmentNode):
            yield from _paths(node.selection_set, fragments, above)
        elif isinstance(node, FragmentSpreadNode):
            yield from _paths(fragments[node.name.value].selection_set, fragments, above)


def given(**values: Any) -> dict[str, Any]:
    """The arguments that the caller really sent: null and missing both mean 'leave it as it is'."""
    return {name: value for name, value in values.items() if value is not None}
