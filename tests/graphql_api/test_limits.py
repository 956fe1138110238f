"""How deep, how often and how much one request may ask, on a schema that goes round in circles."""

import hashlib

import pytest
from graphql import build_schema, get_operation_ast, parse

from accounts.access import SYSTEM
from graphql_api import documents, persisted
from graphql_api.limits import LONGEST_TEXT, MOST_DEPTH, Measure, TooMuch
from kit.kept import Kept

ROUND = build_schema("""
    type Query { one: Thing!, things(first: Int! = 25): ThingConnection!, all: [Thing!]! }
    type Thing { id: ID!, next: Thing!, parts: [Thing!]! }
    type ThingConnection { nodes: [Thing!]!, edges: [ThingEdge!]!, pageInfo: PageInfo! }
    type ThingEdge { node: Thing!, cursor: String! }
    type PageInfo { hasNextPage: Boolean! }
""")
assert ROUND.query_type is not None
ROUND.query_type.fields["things"].args["first"].default_value = 25  # where Strawberry keeps it


def cost(text: str, **variables: object) -> int:
    document = parse(text)
    operation = get_operation_ast(document)
    assert operation is not None
    return Measure(ROUND, document, variables).cost(operation)


def test_objects_cost_one_and_plain_fields_nothing() -> None:
    assert cost("{ one { id } }") == 1
    assert cost("{ one { id next { id } } }") == 2
    assert cost("{ __typename }") == 0


def test_of_a_list_its_page_counts_or_what_is_usual() -> None:
    assert cost("{ things { nodes { id } pageInfo { hasNextPage } } }") == 25
    assert cost("{ things(first: 3) { nodes { next { id } } } }") == 6
    assert cost("query($n: Int!) { things(first: $n) { nodes { id parts { id } } } }", n=10) == 10 * (1 + 5)
    assert cost("{ all { id } }") == 50


def test_a_page_counts_however_its_size_is_given() -> None:
    text = "query($n: Int{}) {{ things(first: $n) {{ nodes {{ id }} }} }}"
    assert cost(text.format(" = 100")) == 100
    assert cost(text.format(" = 100"), n=10) == 10
    assert cost(text.format(""), n=100.0) == 100
    assert cost(text.format("")) == 25
    with pytest.raises(TooMuch):
        cost(text.format(""), n=1e300)


def test_a_query_that_is_too_deep_is_refused_with_its_cost() -> None:
    deep = "{ one " + "{ next " * (MOST_DEPTH - 1) + "{ id }" + " }" * MOST_DEPTH
    with pytest.raises(TooMuch) as refused:
        cost(deep)
    assert refused.value.extensions == {
        "code": "too_deep",
        "found": MOST_DEPTH + 1,
        "most": MOST_DEPTH,
        "cost": MOST_DEPTH,
    }


def test_fragments_that_spread_each_other_are_counted_like_what_they_stand_for() -> None:
    text = "{ one { ...A } } fragment A on Thing { next { ...B } b: next { ...B } } fragment B on Thing { next { id } }"
    assert cost(text) == 1 + 2 * 2


def test_many_doublings_take_no_time_to_count() -> None:
    halves = "".join(f" fragment F{n} on Thing {{ ...F{n + 1} ...F{n + 1} }}" for n in range(60))
    assert cost("{ one { ...F0 } }" + halves + " fragment F60 on Thing { id }") == 1


def test_texts_that_are_too_long_are_neither_read_nor_kept() -> None:
    text = "{ __typename } #" + "a" * LONGEST_TEXT
    name = hashlib.sha256(text.encode()).hexdigest()
    extensions = {"persistedQuery": {"version": 1, "sha256Hash": name}}
    assert persisted.text_of(SYSTEM, {"query": text, "extensions": extensions}) == text
    assert [error.message for error in documents.read(text).errors] == ["Too long."]
    with pytest.raises(persisted.QueryUnknown):
        persisted.text_of(SYSTEM, {"extensions": extensions})


def test_what_takes_seconds_to_validate_is_refused_before() -> None:
    many = "{" + "accounts { id } " * 51 + "}"
    spread = "{ ...A " + " ".join(f"...F{n}" for n in range(51)) + " } fragment A on Query { accounts { id } }"
    spread += "".join(f" fragment F{n} on Query {{ accounts {{ id }} }}" for n in range(51))
    for text in (many, spread):
        assert [error.message for error in documents.read(text).errors] == ["Too repetitive."]
    assert documents.read("{" + "accounts { id } " * 50 + "}").errors == ()


def test_no_more_is_kept_than_there_is_room_for() -> None:
    kept: Kept[str, str] = Kept(10)
    for name in ("a", "b", "c"):
        kept.keep(name, name.upper(), 4)
    assert [kept.get(name) for name in ("a", "b", "c")] == [None, "B", "C"]
    kept.keep("b", "B", 6)
    kept.keep("d", "D", 4)
    assert [kept.get(name) for name in ("b", "c", "d")] == ["B", None, "D"]
    kept.keep("e", "E", 11)
    assert [kept.get(name) for name in ("b", "d", "e")] == [None, None, None]
