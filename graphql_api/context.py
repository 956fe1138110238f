"""What a resolver knows of the request."""

from dataclasses import dataclass
from typing import Any, TypeAlias

from strawberry import Info as StrawberryInfo
from strawberry.types.nodes import SelectedField, Selection

from accounts.access import Actor
from kit.settings import Settings


@dataclass(frozen=True)
class Context:
    """Who asks, and the settings of the process."""

    actor: Actor
    settings: Settings


Info: TypeAlias = StrawberryInfo[Context, None]


def wants(info: Info, path: str) -> bool:
    """Whether the caller selected this field below the running one, for example `nodes.connectors.lastSession`.

    Root resolvers ask it to load exactly the tree that is shown.
    """
    names = path.split(".")
    return any(_selected(field.selections, names) for field in info.selected_fields)


def _selected(selections: list[Selection], names: list[str]) -> bool:
    for selection in selections:
        if isinstance(selection, SelectedField):
            if selection.name == names[0] and (len(names) == 1 or _selected(selection.selections, names[1:])):
                return True
        elif _selected(selection.selections, names):  # a fragment
            return True
    return False


def given(**values: Any) -> dict[str, Any]:
    """The arguments that the caller really sent: null and missing both mean 'leave it as it is'."""
    return {name: value for name, value in values.items() if value is not None}
