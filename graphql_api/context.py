"""What a resolver knows of the request."""

from dataclasses import dataclass, field
from typing import Any, TypeAlias

from strawberry import Info as StrawberryInfo
from strawberry.types.nodes import SelectedField, Selection

from accounts.access import Actor
from kit.errors import AppError
from kit.settings import Settings

MOST_COST = 1000
LIST_COST, READINGS_COST = 50, 20


class TooExpensive(AppError):
    """One request asks for too much: an item of a page costs 1, a whole list 50, the readings of a session 20."""

    status, code = 422, "too_expensive"


@dataclass
class Budget:
    """What one request may still load."""

    left: int = MOST_COST

    def spend(self, cost: int) -> None:
        """Take so much of it. Raises TooExpensive."""
        self.left -= cost
        if self.left < 0:
            raise TooExpensive()


@dataclass(frozen=True)
class Context:
    """Who asks, the settings of the process, and how much may still be loaded."""

    actor: Actor
    settings: Settings
    budget: Budget = field(default_factory=Budget)


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
