"""Nothing of another tenant is to be had by GraphQL: not by ids, cursors, filters, sorting, errors or counts.

Every field of the schema is asked twice, once with what belongs to Alice and once with what belongs to nobody. Charlie
must not be able to tell the answers apart, and never sees one of her words.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLUnionType,
    get_named_type,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.access import Actor
from graphql_api.context import Context
from graphql_api.errors import as_json
from graphql_api.execution import run
from graphql_api.schema import schema
from kit.audit import AuditLine
from kit.ids import new_id
from kit.settings import Settings
from stations.values import ConnectorStatus
from tests import make, scene
from tests.people import People

SECRET = "Geheimhausen"
# her energy as a number of its own; four digits of an id or of an instant may look like it
COUNTED = re.compile(r"(?<![\w.-])7777(?!\w)")
_schema = schema._schema
FIELDS = {
    f"{kind}.{name}": (kind, name, field)
    for kind, root in (("query", _schema.query_type), ("mutation", _schema.mutation_type))
    if root is not None
    for name, field in root.fields.items()
}
# these are about something of Charlie's own, whatever the ids: a new account, his profile, his logins
OWN = {"mutation.createAccount", "mutation.updateProfile", "mutation.endOtherLogins", "query.me", "query.readyRoles"}
WORDS = st.sampled_from(["", "a", SECRET, SECRET[:4].lower(), "%", "'", "0", "manager"])
NUMBERS = st.sampled_from([0, 1, -1, 2, 100])


@dataclass(frozen=True)
class World:
    """Alice's things, and Charlie, who tries to reach them."""

    charlie: Actor
    hers: Mapping[str, UUID]
    settings: Settings

    def answer(self, query: str) -> Any:
        """What Charlie gets."""
        return as_json(run(query, Context(self.charlie, self.settings)).result)


@pytest.fixture
def world(people: People, program: Settings) -> World:
    """Alice has a station, a session and people; Charlie has a station and a session of his own."""
    station = make.station(property=people.home, owner=people.alice, name=SECRET)
    scene.says(station.station, ConnectorStatus.AVAILABLE)
    session = scene.session(connector=station.connector, energy_wh=7_777, ended=True)
    (own,) = people.charlie.grants
    mine = make.station(property=scene.row(type(people.home), own), owner=people.charlie, name="Eigene")
    scene.session(connector=mine.connector, energy_wh=1_000, ended=True)
    hers = {
        "account": people.home.id,
        "station": station.id,
        "connector": station.connector.id,
        "session": session.id,
        "user": people.alice_login.user.id,
        "parent": people.master.id,
    }
    return World(people.charlie, hers, program)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_what_is_alice_s_looks_like_what_is_nobody_s(world: World, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(sorted(set(FIELDS) - OWN)))
    kind, name, field = FIELDS[path]
    words, number, every = data.draw(WORDS), data.draw(NUMBERS), data.draw(st.booleans())
    _compare(world, kind, name, field, words, number, every)


def test_every_field_is_asked_for_what_is_alice_s(world: World) -> None:
    before = _deeds(world)
    for path, (kind, name, field) in FIELDS.items():
        if path not in OWN:
            _compare(world, kind, name, field, SECRET, 1, True)
    assert _deeds(world) == before, "a refused deed leaves nothing behind"


def _deeds(world: World) -> int:
    """What was done in Alice's accounts."""
    return len(scene.rows(AuditLine, AuditLine.account_id.in_(world.hers.values())))


def _compare(world: World, kind: str, name: str, field: GraphQLField, words: str, number: int, every: bool) -> None:
    answers = []
    for ids in (world.hers, {noun: new_id() for noun in world.hers}):
        query = f"{kind} {{ {name}{_arguments(field.args, ids, words, number, every)}{_selection(field.type)} }}"
        text = repr(world.answer(query))
        for one in ids.values():
            text = text.replace(str(one), "ID")
        assert words == SECRET or SECRET not in text, f"{query} tells something of Alice"
        assert not COUNTED.search(text), f"{query} counts something of Alice"
        answers.append(re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+", "AT", text))
    assert answers[0] == answers[1], f"{name} tells that something of Alice exists"


def _arguments(args: Mapping[str, Any], ids: Mapping[str, UUID], words: str, number: int, every: bool) -> str:
    """All arguments, or those that are needed only."""
    wanted = {name: arg for name, arg in args.items() if every or isinstance(arg.type, GraphQLNonNull)}
    written = ", ".join(f"{name}: {_value(name, arg.type, ids, words, number)}" for name, arg in wanted.items())
    return f"({written})" if written else ""


def _value(name: str, kind: Any, ids: Mapping[str, UUID], words: str, number: int) -> str:
    if isinstance(kind, GraphQLNonNull):
        return _value(name, kind.of_type, ids, words, number)
    if isinstance(kind, GraphQLList):
        return f"[{_value(name, kind.of_type, ids, words, number)}]"
    if isinstance(kind, GraphQLEnumType):
        return str(next(iter(kind.values)))
    if isinstance(kind, GraphQLInputObjectType):
        fields = {one: field for one, field in kind.fields.items() if isinstance(field.type, GraphQLNonNull)}
        return "{" + ", ".join(f"{n}: {_value(n, f.type, ids, words, number)}" for n, f in fields.items()) + "}"
    assert isinstance(kind, GraphQLScalarType)
    plain = {"Int": str(number), "Float": str(number), "Boolean": "true", "DateTime": '"2027-01-01T00:00:00+00:00"'}
    if kind.name == "UUID":
        noun = next((noun for noun in ids if noun in name.lower()), "station")
        return f'"{ids[noun]}"'
    return plain.get(kind.name, f'"{words}"')


def _selection(kind: Any, depth: int = 0) -> str:
    """Everything that can be asked of the answer without arguments, three levels deep."""
    named = get_named_type(kind)
    if isinstance(named, GraphQLUnionType):
        parts = (f"... on {one.name} {_selection(one, depth)}" for one in named.types)
        return "{ __typename " + " ".join(parts) + " }"
    if not isinstance(named, GraphQLObjectType):
        return ""
    return "{ " + " ".join(["__typename", *_fields(named, depth)]) + " }"


def _fields(kind: GraphQLObjectType, depth: int) -> Iterator[str]:
    for name, field in kind.fields.items():
        nested = isinstance(get_named_type(field.type), GraphQLObjectType | GraphQLUnionType)
        if any(isinstance(arg.type, GraphQLNonNull) for arg in field.args.values()) or (nested and depth > 1):
            continue
        yield f"{name} {_selection(field.type, depth + 1)}"
