"""Roles that an account puts together itself, on a group of stations and until a day: what somebody may do by them,
where it is explained and looked over, and how it ends at once.
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from html import unescape

import pytest
from flask import Flask

from accounts.access import SYSTEM
from accounts.queries import people as queries_of_people
from accounts.use_cases import note_grant_uses
from accounts.values import AccountId
from kit import clock
from stations.models import StationCommand
from tests import make, people, scene
from tests.graphql_api.signed_in import Person
from tests.made import MadeStation
from tests.people import People
from tests.portal.desk import Desk, at_a_desk
from tests.portal.phone import Page

CARETAKER = ["account:view", "station:view", "station:command"]
STATIONS = "{ stations { nodes { name } } }"
RESET = """mutation($id: UUID!) { sendCommand(stationId: $id, action: RESET, payload: {type: "Soft"}) {
    __typename ... on Problem { code } } }"""
WHY = """query($account: UUID!, $right: String) { whoCan(accountId: $account, right: $right) {
    who rights role { ownRole group endsAt lastUsedAt } } }"""


@dataclass
class Place:
    """A house with a station in the north and one in the south, and who works there."""

    app: Flask
    everybody: People
    alice: Desk
    north: MadeStation
    south: MadeStation

    @property
    def home(self) -> AccountId:
        """The house."""
        return AccountId(self.everybody.home.id)

    def number_of(self, path: str, name: str) -> str:
        """The id of what is called so on a page that lists such things."""
        found = re.search(rf'href="{path}/([0-9a-f-]{{36}})"[^>]*>\s*{name}', self.alice.get(path).html)
        assert found, f"no {name} at {path}"
        return found.group(1)

    def give(self, email: str, **terms: str) -> None:
        """Alice invites somebody, who accepts."""
        sent = self.alice.post("/people", email=email, name="Dora", kind="person", **terms)
        assert sent.status == 303, sent.text
        link = make.offer_link(email)
        assert Desk(self.app).post(link, at=f"{link}?lang=en", name="Dora", password=make.PASSWORD).status == 303

    def take_back(self, email: str) -> None:
        """Alice presses the button on the list of people."""
        (role,) = [one for one in queries_of_people(self.everybody.alice, self.home) if one.email == email]
        assert self.alice.post(f"/people/{role.grant_id}/revoke", at="/people").status == 303


@pytest.fixture
def place(app: Flask) -> Place:
    """Alice has chosen the house."""
    everybody = people.everybody()
    north = make.station(property=everybody.home, owner=everybody.alice, name="Nordtor")
    south = make.station(property=everybody.home, owner=everybody.alice, name="Südtor")
    alice = at_a_desk(app, everybody.alice_login.email)
    alice.post("/accounts/choose", at="/accounts", account=str(everybody.home.id))
    return Place(app, everybody, alice, north, south)


@pytest.fixture
def dora(place: Place) -> str:
    """A caretaker of the northern stations until the end of the month; her address."""
    assert place.alice.post("/people/roles/new", name="Hauswart", rights=CARETAKER).status == 303
    assert place.alice.post("/people/groups", name="Nord").status == 303
    role, group = place.number_of("/people/roles", "Hauswart"), place.number_of("/people/groups", "Nord")
    assert place.alice.post(f"/people/groups/{group}", name="Nord", stations=[str(place.north.id)]).status == 303
    last_day = (clock.now() + timedelta(days=20)).date().isoformat()
    place.give("dora@example.org", role=f"own:{role}", scope=f"group:{group}", ends_at=last_day)
    return "dora@example.org"


def listed(page: Page) -> list[str]:
    """What a list of roles has in its rows."""
    return [
        " ".join(re.sub(r"<[^>]+>", " ", unescape(row)).split()) for row in re.findall(r"<li.*?</li>", page.html, re.S)
    ]


def test_an_own_role_on_a_group_does_exactly_that_and_nothing_else(place: Place, dora: str) -> None:
    desk, program = at_a_desk(place.app, dora), Person(place.app, dora)
    stations = desk.get("/stations").text
    assert ("Nordtor" in stations, "Südtor" in stations) == (True, False)
    assert program.ask(STATIONS)["data"] == {"stations": {"nodes": [{"name": "Nordtor"}]}}

    assert desk.post(f"/stations/{place.north.id}/send/ClearCache").status == 303
    assert program.ask(RESET, id=str(place.north.id))["data"] == {"sendCommand": {"__typename": "Command"}}
    assert len(scene.rows(StationCommand)) == 2

    north, south = f"/stations/{place.north.id}", f"/stations/{place.south.id}"
    assert [desk.get(path).status for path in (north, south, f"{south}/send/ClearCache")] == [200, 404, 404]
    refused = {
        path: desk.get(path).status for path in (f"{north}/edit", "/messages", "/people", "/income", "/stations/new")
    }
    assert set(refused.values()) == {403}, refused
    assert "The right that is missing: set up stations." in desk.get(f"{north}/edit").text
    problem = {"__typename": "Problem", "code": "not_found"}
    assert program.ask(RESET, id=str(place.south.id))["data"] == {"sendCommand": problem}
    assert len(scene.rows(StationCommand)) == 2


def test_why_explains_it_and_the_review_shows_when_it_was_used(place: Place, dora: str) -> None:
    (unused,) = [row for row in listed(place.alice.get("/people/review")) if row.startswith("Dora")]
    assert "never used" in unused
    at_a_desk(place.app, dora).get("/stations")
    note_grant_uses(SYSTEM)
    (review,) = [row for row in listed(place.alice.get("/people/review")) if row.startswith("Dora")]
    for words in ("Hauswart", "only the group Nord", "until", "last used", "given by"):
        assert words in review

    (way,) = [row for row in listed(place.alice.get("/people/why?right=station:command")) if row.startswith("Dora")]
    assert ("Hauswart" in way, "only the group Nord" in way, "in Haus am See" in way) == (True, True, True)
    assert "Dora" not in " ".join(listed(place.alice.get("/people/why?right=station:manage")))
    alice = Person(place.app, place.everybody.alice_login.email)
    answer = alice.ask(WHY, account=str(place.home), right="station:command")
    (told,) = [one for one in answer["data"]["whoCan"] if one["who"] == "Dora"]  # type: ignore[index]  # it is there
    assert sorted(told["rights"]) == sorted(CARETAKER)
    assert (told["role"]["ownRole"], told["role"]["group"]) == ("Hauswart", "Nord")
    assert told["role"]["endsAt"] > told["role"]["lastUsedAt"]


def test_another_group_other_rights_and_the_last_day_count_at_once(
    place: Place, dora: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = at_a_desk(place.app, dora)
    group, role = place.number_of("/people/groups", "Nord"), place.number_of("/people/roles", "Hauswart")
    place.alice.post(f"/people/groups/{group}", name="Nord", stations=[str(place.south.id)])
    stations = desk.get("/stations").text
    assert ("Nordtor" in stations, "Südtor" in stations) == (False, True)
    place.alice.post(f"/people/roles/{role}", name="Hauswart", rights=["account:view", "station:view"])
    assert desk.get(f"/stations/{place.south.id}/send/ClearCache").status == 403
    later = clock.now() + timedelta(days=22)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert "Südtor" not in at_a_desk(place.app, dora).get("/stations").text


def test_a_role_taken_back_ends_in_an_open_session_and_with_the_keys_made_by_it(place: Place) -> None:
    name, rights = "Schlüssel", ["account:view", "station:view", "token:manage"]
    assert place.alice.post("/people/roles/new", name=name, rights=rights).status == 303
    role = place.number_of("/people/roles", name)
    place.give("kim@example.org", role=f"own:{role}", scope="", ends_at="")
    kim = at_a_desk(place.app, "kim@example.org")
    made = kim.post("/api-keys", name="Anzeige", role="chosen", rights=["station:view"])
    found = re.search(r'<code class="secret">(cp_[\w-]+)</code>', made.html)
    assert found, made.text

    def asked() -> int:
        headers = {"Authorization": f"Bearer {found.group(1)}"}
        return place.app.test_client().post("/graphql", json={"query": STATIONS}, headers=headers).status_code

    assert (asked(), kim.get(f"/stations/{place.south.id}").status) == (200, 200)
    place.take_back("kim@example.org")
    assert (asked(), kim.get(f"/stations/{place.south.id}").status) == (401, 404)


def test_nobody_reaches_further_by_a_single_station(place: Place) -> None:
    """Scope: one station. The pages about the account as a whole stay shut."""
    rights = ["account:view", "account:manage", "people:manage", "station:view", "station:manage"]
    assert place.alice.post("/people/roles/new", name="Fast alles", rights=rights).status == 303
    role = place.number_of("/people/roles", "Fast alles")
    place.give("eve@example.org", role=f"own:{role}", scope=f"station:{place.north.id}", ends_at="")
    eve, account = at_a_desk(place.app, "eve@example.org"), f"/accounts/{place.home}"
    north = f"/stations/{place.north.id}"
    assert [eve.get(path).status for path in (north, f"{north}/edit", f"/stations/{place.south.id}")] == [200, 200, 404]
    shut = (f"{account}/code", f"{account}/properties/new", f"{account}/branches/new", f"{account}/move", "/people")
    assert {path: eve.get(path).status for path in shut} == dict.fromkeys(shut, 403)
    assert {eve.get(path).status for path in ("/stations/new", "/tags/new", "/firmware/new")} == {403}
