"""Objects of the schema made of rows: no more of them than somebody asked for, and no more columns read for it.

The objects of long lists have many fields, of which a program asks for a few.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from operator import attrgetter
from typing import Any, Generic, TypeVar

from graphql_api.context import Info, selected

T = TypeVar("T")
Computed = tuple[tuple[str, ...], Callable[[Any], Any]]  # the columns that it needs, and the value


class Picture(Generic[T]):
    """How a type of the schema looks at a row. A field is the column of its name, if `computed` does not say another
    way; `given` ones are no matter of the row.
    """

    def __init__(
        self, kind: type[T], *, given: Iterable[str] = (), computed: Mapping[str, Computed] | None = None
    ) -> None:
        self.kind = kind
        self.computed = computed or {}
        fields = kind.__strawberry_definition__.fields  # type: ignore[attr-defined]  # every type of the schema has it
        by_name = {_camel(field.python_name): field.python_name for field in fields}
        self.names = {shown: name for shown, name in by_name.items() if name not in set(given)}

    def whole(self) -> "View[T]":
        """All that there is."""
        return _view(self, frozenset(self.names.values()))

    def chosen(self, info: Info, path: str) -> "View[T]":
        """What was selected at this path, for example `nodes.connectors.`."""
        return _view(self, frozenset(self.names[one] for one in selected(info, path) if one in self.names))


class View(Generic[T]):
    """A picture of some fields."""

    def __init__(self, kind: type[T], fields: frozenset[str], computed: Mapping[str, Computed]) -> None:
        self._kind = kind
        self._plain = sorted(fields - set(computed))
        self._computed = [(name, computed[name][1]) for name in sorted(fields & set(computed))]
        needed = (column for name in fields & set(computed) for column in computed[name][0])
        self.columns = tuple(sorted({*self._plain, *needed}))
        self._get = attrgetter(*self._plain, "__class__", "__class__")  # attrgetter gives tuples from two on

    def of(self, row: Any, **given: Any) -> T:
        """The object; fields that nobody asked for are not there at all."""
        made = self._kind.__new__(self._kind)
        values = made.__dict__
        values.update(zip(self._plain, self._get(row), strict=False))
        for name, value in self._computed:
            values[name] = value(row)
        values.update(given)
        return made


@lru_cache(maxsize=2000)
def _view(picture: Picture[T], fields: frozenset[str]) -> View[T]:
    return View(picture.kind, fields, picture.computed)


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
