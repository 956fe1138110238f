"""Nothing of another tenant is to be had: not by ids, filters, cursors, sorting, errors or counts, by no way.

Every field of GraphQL and every page of the portal is asked twice, once with what stands in a foreign account and once
with what belongs to nobody. The answers have to be the same, and tell no word of the account.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

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
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import ImmutableMultiDict

from kit import db, i18n
from kit.audit import AuditLine
from tests import scene
from tests.house import openings
from tests.house.foreign import SECRET, UUIDS, Foreign, foreign, leaks, plain, tampered
from tests.portal.phone import Page

# these are about something of one's own, whatever the ids; and what everybody may know
OWN = {"mutation createAccount", "mutation updateProfile", "mutation endOtherLogins", "query me", "query readyRoles"}
FIELDS = {door: one for door, one in openings.fields().items() if door not in OWN and not door.startswith("subscr")}
WORDS = [SECRET, SECRET[:4].lower(), "", "%", "'", "_", "manager", "v1:", "Ä" * 300]
NUMBERS = [0, 1, -1, 2, 100, 2**31 - 1]
PLAIN: dict[str, list[str]] = {
    "Int": [*map(str, NUMBERS)],
    "Float": [*map(str, NUMBERS)],
    "Boolean": ["true", "false"],
    "DateTime": ['"2027-01-01T00:00:00+00:00"', '"1970-01-01T00:00:00+00:00"', '"9999-12-31T23:59:59+00:00"'],
    "Date": ['"2027-01-01"', '"0001-01-01"'],
    "Time": ['"08:00:00"'],
    "Decimal": ['"1"', '"-1"'],
    "JSON": ["{}", "[]", '"x"'],
    "Upload": ["null"],
}
# no list, or about whoever comes and nobody else
NO_LIST = re.compile(r"^/(dev|static|files|docs|legal|login|logout|register|forgot)\b|/live$|<")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Foreign]:
    """One place for all; nothing that happens in it lasts."""
    yield foreign(tmp_path_factory.mktemp("foreign"))
    i18n.set_language("en")
    db.disconnect()


# ------------------------------------------------------------------------------------------- GraphQL


@pytest.fixture(scope="module")
def cursors(world: Foreign) -> list[str]:
    """Of the owner's own pages, as they are and as somebody may bend them."""
    real = sorted(set(world.cursors()))
    assert len(real) > 20, "of many lists"
    return [*real, *(bent for one in real[::9] for bent in tampered(one))]


def test_every_field_is_asked_for_what_is_foreign(world: Foreign) -> None:
    before = len(scene.rows(AuditLine))
    for door, field in FIELDS.items():
        text, _ids = openings.operation(door, world.here.ids)
        _compare(world, text.replace("{ __typename }", _selection(field.type)))
    assert len(scene.rows(AuditLine)) == before, "a refused deed leaves nothing behind"


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_no_field_tells_of_what_is_foreign(world: Foreign, cursors: list[str], data: st.DataObject) -> None:
    door = data.draw(st.sampled_from(sorted(FIELDS)))
    kind, name = door.split()
    field = FIELDS[door]
    wanted = {one: arg for one, arg in field.args.items() if _needed(arg.type) or data.draw(st.booleans())}
    values = {one: data.draw(_values(world, cursors, name, one, arg.type)) for one, arg in wanted.items()}
    written = ", ".join(f"{one}: {value}" for one, value in values.items())
    _compare(world, f"{kind} {{ {name}{f'({written})' if written else ''} {_selection(field.type)} }}")


def test_a_foreign_cursor_is_a_place_and_no_door(world: Foreign, cursors: list[str]) -> None:
    own = {**world.here.ids, **world.own}
    lists = [door for door, one in FIELDS.items() if "pageInfo" in getattr(get_named_type(one.type), "fields", ())]
    assert len(lists) > 30
    for number, door in enumerate(lists):
        text, _ids = openings.operation(door, own)
        selected = _selection(FIELDS[door].type)
        for cursor in cursors[number % 7 :: 7]:
            asked = text.replace("(", f'(after: "{cursor}", ', 1).replace("{ __typename }", selected)
            _compare(world, asked)


def _compare(world: Foreign, asked: str) -> None:
    told, elsewhere = repr(world.answer(asked)), repr(world.answer(world.nobodys(asked)))
    assert leaks(asked, told, world) == [], f"{asked} tells something of the account"
    assert plain(told) == plain(elsewhere), f"{asked} tells that something is there"


def _needed(kind: Any) -> bool:
    return isinstance(kind, GraphQLNonNull)


def _values(world: Foreign, cursors: list[str], field: str, name: str, kind: Any) -> st.SearchStrategy[str]:
    """What may stand at an argument: of the right kind and of any other, in lists, negative, huge."""
    if isinstance(kind, GraphQLNonNull):
        return _values(world, cursors, field, name, kind.of_type)
    if isinstance(kind, GraphQLList):
        several = st.lists(_values(world, cursors, field, name, kind.of_type), max_size=3)
        return several.map(lambda parts: f"[{', '.join(parts)}]")
    if isinstance(kind, GraphQLEnumType):
        return st.sampled_from(sorted(kind.values))
    if isinstance(kind, GraphQLInputObjectType):
        facts = {one: _values(world, cursors, field, one, part.type) for one, part in kind.fields.items()}
        needed = {one: facts.pop(one) for one, part in kind.fields.items() if _needed(part.type)}
        told = st.fixed_dictionaries(needed, optional=facts)
        return told.map(lambda parts: "{" + ", ".join(f"{one}: {value}" for one, value in parts.items()) + "}")
    assert isinstance(kind, GraphQLScalarType)
    return st.sampled_from(_scalars(world, cursors, field, name, kind.name))


def _scalars(world: Foreign, cursors: list[str], field: str, name: str, kind: str) -> list[str]:
    if kind == "UUID" or kind == "ID":
        of_any_kind = [one for one in world.hers.values() if kind == "ID" or UUIDS.fullmatch(one)]
        right = str(world.here.ids[openings.noun_of(field, name)])
        return [f'"{one}"' for one in (*[right] * len(of_any_kind), *of_any_kind)]
    if name == "after":
        return [f'"{one}"' for one in cursors]
    return PLAIN.get(kind) or [f'"{one}"' for one in (*WORDS, *world.hers.values())]


def _selection(kind: Any, depth: int = 0) -> str:
    """Everything that can be asked of the answer without arguments, three levels deep."""
    named = get_named_type(kind)
    if isinstance(named, GraphQLUnionType):
        parts = (f"... on {one.name} {_selection(one, depth)}" for one in named.types)
        return "{ __typename " + " ".join(parts) + " }"
    if not isinstance(named, GraphQLObjectType):
        return ""
    return "{ " + " ".join(["__typename", *_parts(named.fields, depth)]) + " }"


def _parts(fields: Mapping[str, GraphQLField], depth: int) -> Iterator[str]:
    for name, field in fields.items():
        nested = isinstance(get_named_type(field.type), GraphQLObjectType | GraphQLUnionType)
        if any(_needed(arg.type) for arg in field.args.values()) or (nested and depth > 1):
            continue
        yield f"{name} {_selection(field.type, depth + 1)}"


# ------------------------------------------------------------------------------------------- portal

Heard = dict[str, list[str]]  # what may be asked of a page: names and their values


@pytest.fixture(scope="module")
def pages(world: Foreign) -> dict[str, Heard]:
    """Every page that names nothing in its address, with what it reads of the query, and values from real pages.

    A page that comes new is among them; so the list is never shorter than the portal.
    """
    noted: set[str] = set()

    class Noted(ImmutableMultiDict[str, str]):
        def __getitem__(self, name: str) -> str:
            noted.add(name)
            return super().__getitem__(name)

        def __contains__(self, name: object) -> bool:
            noted.add(str(name))
            return super().__contains__(name)

        def getlist(self, name: str, *more: Any, **others: Any) -> list[Any]:  # type: ignore[override]  # any of its forms
            noted.add(name)
            return super().getlist(name, *more, **others)

    app, heard = world.here.app, defaultdict[str, Heard](dict)
    base = app.request_class
    app.request_class = type("Noting", (base,), {"parameter_storage_class": Noted})
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and not rule.websocket and not NO_LIST.search(rule.rule):
            for again in ("", "?after=x&before=x&text=x&right=x&person=x"):
                noted.clear()
                owners = _get(world, f"{rule.rule}{again}", world.owner.headers)
                heard[rule.rule] |= {name: [] for name in noted}
                for link in re.findall(r'(?:href|hx-get)="([^"]+)"', owners.html):
                    for name, value in parse_qsl(urlsplit(unescape(link)).query):
                        if name in heard[rule.rule]:
                            heard[rule.rule][name].append(value)
    app.request_class = base
    return heard


def test_every_address_with_a_foreign_id_looks_like_one_of_nobody_s(world: Foreign) -> None:
    wrong = []
    for door, (method, rule) in openings.doors(world.here.app).items():
        if method == "GET" and not rule.websocket and openings.about_something(rule):
            wrong += _differences(world, openings.filled(rule.rule, world.here), door)
    assert wrong == []


def test_no_page_with_all_its_filters_tells_of_what_is_foreign(world: Foreign, pages: dict[str, Heard]) -> None:
    assert len(pages) > 60
    assert sum(map(bool, pages.values())) > 30, "pages that can be asked for something"
    wrong = []
    for path, heard in pages.items():
        asked = [(name, world.hers[_noun(world, name)]) for name in heard]
        wrong += _differences(world, f"{path}?{urlencode(asked)}", path)
    assert wrong == []


@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_no_filter_cursor_or_order_reaches_what_is_foreign(
    world: Foreign, pages: dict[str, Heard], data: st.DataObject
) -> None:
    path = data.draw(st.sampled_from(sorted(path for path, heard in pages.items() if heard)))
    names = data.draw(st.lists(st.sampled_from(sorted(pages[path])), min_size=1, max_size=3, unique=True))
    asked = [(name, data.draw(st.sampled_from(_entries(world, pages[path][name], name)))) for name in names]
    assert _differences(world, f"{path}?{urlencode(asked)}", path) == []


def _entries(world: Foreign, real: list[str], name: str) -> list[str]:
    """What somebody may write behind a name: what stood there on the owner's own pages, ids, and nonsense."""
    bent = [str(2**31), str(2**63), "1" * 40, "-1", "0", "00000000-0000-0000-0000-000000000000", "\x00"]
    right = [world.hers[_noun(world, name)]] * 10
    return [*right, *real, *(one[:-1] for one in real), *WORDS, *world.hers.values(), *bent]


def _noun(world: Foreign, name: str) -> str:
    known = {"person": "user", "chosen": "connector", "before": "session", "after": "grant", "below": "account"}
    return known.get(name) or (name if name in world.hers else "station")


def _differences(world: Foreign, asked: str, where: str) -> list[str]:
    mine, theirs = (_get(world, one, world.curious.headers) for one in (asked, world.nobodys(asked)))
    said = mine.html or mine.raw.decode(errors="replace")
    wrong = [f"{where} tells {one}: {asked}" for one in leaks(asked, said, world)]
    if (mine.status, plain(_told(mine))) != (theirs.status, plain(_told(theirs))):
        wrong.append(f"{where} tells that something is there: {asked}")
    return wrong if mine.status < 500 else [*wrong, f"{where} breaks: {asked}"]


def _told(page: Page) -> str:
    return page.text or page.raw.decode(errors="replace")


def _get(world: Foreign, path: str, headers: dict[str, str]) -> Page:
    answer = world.here.browser.get(
        path, headers=headers, base_url="http://localhost:8000", environ_base=openings.somewhere()
    )
    return Page(answer)
