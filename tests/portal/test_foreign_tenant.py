"""Nothing of another tenant is to be had in the portal: not by ids in addresses, filters, cursors or errors."""

import re
from uuid import UUID

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kit.ids import new_id
from tests import make, scene
from tests.people import People
from tests.portal.desk import Desk, at_a_desk

SECRET = "Geheimhausen"
LISTS = (
    "/stations",
    "/sessions",
    "/messages",
    "/tags",
    "/firmware",
    "/work-orders",
    "/doubts",
    "/income",
    "/accounts",
    "/properties",
    "/people/why",
    "/people/review",
    "/people/log",
    "/people/groups",
    "/people/roles",
    "/api-keys",
)
WHAT = st.sampled_from(
    ["account", "chosen", "text", "station", "q", "search", "before", "after", "page", "state", "person", "right"]
)


@pytest.fixture
def hers(people: People) -> dict[str, UUID]:
    """What is Alice's, by the noun in the address."""
    station = make.station(property=people.home, owner=people.alice, name=SECRET)
    session = scene.session(connector=station.connector, energy_wh=7_777, ended=True)
    return {
        "account": people.home.id,
        "station": station.id,
        "connector": station.connector.id,
        "session": session.id,
        "person": people.alice_login.user.id,
    }


@pytest.fixture
def charlie(app: Flask, people: People) -> Desk:
    """Signed in, and curious."""
    return at_a_desk(app, people.charlie_login.email)


def test_every_address_with_an_id_of_alice_s_looks_like_one_of_nobody_s(
    app: Flask, charlie: Desk, hers: dict[str, UUID]
) -> None:
    wrong = []
    for rule in app.url_map.iter_rules():
        if "uuid:" not in rule.rule or "GET" not in (rule.methods or ()) or rule.websocket:
            continue
        seen = []
        for ids in (hers, {noun: new_id() for noun in hers}):
            answer = charlie.get(_path(rule.rule, ids))
            words = answer.text
            for one in ids.values():
                words = words.replace(str(one), "ID")
            seen.append((answer.status, words))
            if SECRET in answer.html:
                wrong.append(f"{rule.rule} shows something of Alice")
        if seen[0] != seen[1]:
            wrong.append(f"{rule.rule} tells that something of Alice exists")
    assert wrong == []


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_filter_of_a_list_reaches_alice(charlie: Desk, hers: dict[str, UUID], data: st.DataObject) -> None:
    path, noun = data.draw(st.sampled_from(LISTS)), data.draw(st.sampled_from(sorted(hers)))
    names = data.draw(st.lists(WHAT, min_size=1, max_size=3, unique=True))
    seen = []
    for one in (hers[noun], new_id()):
        answer = charlie.get(f"{path}?" + "&".join(f"{name}={one}" for name in names))
        assert SECRET not in answer.html
        seen.append((answer.status, answer.text.replace(str(one), "ID")))
    assert seen[0] == seen[1], f"{path} tells that something of Alice exists"


def _path(rule: str, ids: dict[str, UUID]) -> str:
    filled = re.sub(r"<uuid:(\w+?)(?:_id)?>", lambda noun: str(ids.get(noun[1], ids["station"])), rule)
    return re.sub(r"<[^>]+>", "x", filled)
