"""The warning where one account mixes properties, and the guided way out of it."""

import re

import pytest
from flask import Flask

from accounts.models import Account
from stations.models import Station
from stations.use_cases import update_station
from stations.values import StationId
from tests import make, people, scene
from tests.people import People
from tests.portal.desk import at_a_desk

WARNING = "Here stations of several properties stand in one account"


@pytest.fixture
def everybody(app: Flask) -> People:
    """Alice, Bob and Charlie; stations of two properties stand in one account."""
    made = people.everybody()
    for name, street in (("Ost", "Seestrasse 1"), ("West", "Seestrasse 5"), ("Berg", "Bergweg 4")):
        row = make.station(property=made.home, owner=made.alice, name=name)
        update_station(made.alice, StationId(row.id), street=street, postcode="8000", city="Zürich")
    return made


def test_the_warning_leads_to_an_account_of_its_own(app: Flask, everybody: People) -> None:
    desk, path = at_a_desk(app, everybody.alice_login.email), f"/accounts/{everybody.home.id}/places"
    assert 'hx-get="/stations/mixed"' in desk.get("/dashboard").html
    for page in ("/stations/mixed", "/stations"):
        assert WARNING in desk.get(page).text
        assert f'href="{path}"' in desk.get(page).html
    shown = desk.get(path)
    assert "Seestrasse 1" in shown.text
    assert "2 stations" in shown.text
    [_most, other] = re.findall(r'name="place" value="([^"]+)"', shown.html)
    assert desk.post(f"{path}/split", at=path, name="").status == 422
    done = desk.post(f"{path}/split", at=path, place=other, name="")
    made = scene.rows(Account, Account.name == "Bergweg 4")[0]
    assert (done.status, done.headers["Location"]) == (303, f"/accounts/{made.id}")
    assert "One station is in the account Bergweg 4 now." in desk.get(f"/accounts/{made.id}").text
    assert made.parent_id == everybody.master.id
    assert [row.name for row in scene.rows(Station, Station.account_id == made.id)] == ["Berg"]
    desk.post("/accounts/choose", at="/accounts", account=str(everybody.master.id))
    assert WARNING not in desk.get("/stations").text
    assert "No account mixes properties" in desk.get("/stations/mixed").text
    assert "All stations stand at one place." in desk.get(path).text


def test_whoever_has_the_right_puts_the_warning_away_and_wants_it_back(app: Flask, everybody: People) -> None:
    path = f"/accounts/{everybody.home.id}/places"
    bob = at_a_desk(app, everybody.bob_login.email)
    assert WARNING in bob.get("/stations").text
    assert "Do not warn" not in bob.get(path).text
    assert 'type="radio"' not in bob.get(path).html
    assert bob.post(f"{path}/accept", at="/me").status == 403
    assert bob.post(f"{path}/split", at="/me", place="x").status == 403
    alice = at_a_desk(app, everybody.alice_login.email)
    alice.post(f"{path}/accept", at=path)
    assert WARNING not in bob.get("/stations").text
    assert "Nobody is warned." in alice.get(path).text
    alice.post(f"{path}/warn", at=path)
    assert WARNING in alice.get("/stations").text
    assert at_a_desk(app, everybody.charlie_login.email).get(path).status == 404


def test_an_owner_of_one_property_alone_goes_on_in_an_account_by_itself(app: Flask, everybody: People) -> None:
    owner = make.login(account=everybody.home)
    desk, path = at_a_desk(app, owner.email), f"/accounts/{everybody.home.id}/places"
    place = re.findall(r'name="place" value="([^"]+)"', desk.get(path).html)[1]
    done = desk.post(f"{path}/split", at=path, place=place, name="Haus Berg")
    assert done.status == 303
    assert "Haus Berg" in desk.get("/accounts").text
    row = scene.rows(Account, Account.name == "Haus Berg")[0]
    assert row.parent_id is None
