"""What changes in the schema is told to those who wrote programs for it, and nothing of theirs stops working."""

from collections.abc import Iterator
from pathlib import Path

from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLNamedType, GraphQLObjectType, build_schema
from graphql.utilities import find_breaking_changes

GRAPHQL = Path(__file__).parents[2] / "graphql_api"
# of the last release; with a release the present one takes its place, and "Not released yet" gets its name
RELEASED = build_schema((GRAPHQL / "released.graphql").read_text(encoding="utf-8"))
PRESENT = build_schema((GRAPHQL / "schema.graphql").read_text(encoding="utf-8"))
TOLD = (GRAPHQL / "CHANGES.md").read_text(encoding="utf-8").split("## Not released yet")[1].split("\n## ")[0]


def test_nothing_of_the_last_release_stopped_working() -> None:
    broken = [change.description for change in find_breaking_changes(RELEASED, PRESENT)]
    assert broken == [], "mark it as deprecated and let it be for six months"


def test_everything_new_stands_in_the_list_of_changes() -> None:
    silent = sorted({name for name in _new() if f"`{name}`" not in TOLD})
    assert silent == [], "name it in graphql_api/CHANGES.md"


def test_everything_deprecated_says_what_to_use_and_stands_in_the_list_of_changes() -> None:
    before = dict(_deprecated(RELEASED.type_map.values()))
    for name, reason in _deprecated(PRESENT.type_map.values()):
        assert reason.startswith("Use `"), f"{name}: say what to use instead"
        assert name in before or f"`{name.partition('.')[2]}`" in TOLD, f"name {name} in graphql_api/CHANGES.md"


def _new() -> Iterator[str]:
    """Fields, arguments and values that were not there; of what is reached by a new field only that field."""
    for name, kind in PRESENT.type_map.items():
        before = RELEASED.type_map.get(name)
        if before is None and name != "Subscription":
            continue
        known = _parts(before)
        new = {part for part in _parts(kind) if part not in known}
        yield from (part for part in new if part.partition("(")[0] not in new - {part})


def _parts(kind: GraphQLNamedType | None) -> set[str]:
    if isinstance(kind, GraphQLEnumType):
        return set(kind.values)
    if isinstance(kind, GraphQLObjectType):
        return {*kind.fields, *(f"{name}({one}:)" for name, field in kind.fields.items() for one in field.args)}
    return set(kind.fields) if isinstance(kind, GraphQLInputObjectType) else set()


def _deprecated(kinds: object) -> Iterator[tuple[str, str]]:
    for kind in kinds:  # type: ignore[attr-defined]  # an iterable of types
        if isinstance(kind, GraphQLObjectType):
            for name, field in kind.fields.items():
                if field.deprecation_reason:
                    yield f"{kind.name}.{name}", field.deprecation_reason
