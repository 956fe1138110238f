"""Chargers that came by themselves, in the browser: who waits, accepting, refusing."""

import pytest
from flask import Flask

from accounts.access import SYSTEM
from charging.models import ChargingSession
from kit import worker
from stations.models import Connector, Station, StationCommand, WaitingStation
from stations.use_cases import knock
from stations.values import Action, PlugType, SecurityProfile
from tests import make, scene
from tests.portal.office import Office, office
from tests.talk import visit


@pytest.fixture
def at_work(app: Flask) -> Office:
    """Alice, Bob and Charlie at their desks."""
    return office(app)


@pytest.fixture
def charger(at_work: Office) -> WaitingStation:
    """A charger that dialled the address of Bob's property."""
    return make.waiting(account=at_work.people.home, identity="CP 7")


ACCEPT = {"name": "Ost", "country": "CH", "connectors": "2", "plug": "ccs", "max_power_kw": "50"}


def test_who_waits_is_shown_with_what_is_known_of_it(at_work: Office, charger: WaitingStation) -> None:
    talk = visit(charger)
    talk.call("BootNotification", {"chargePointVendor": "Fabrik", "chargePointModel": "M1"})
    for number in (0, 1, 2):
        talk.status("Available", connector=number)
    talk.start()
    text = at_work.bob.get("/stations/waiting").text
    for words in (
        "CP 7",
        "Fabrik M1",
        "from 192.0.2.7",
        "2 connectors",
        "1 message about sessions kept",
        charger.address,
    ):
        assert words in text, words
    assert "A charger that nobody entered waits to be accepted." in at_work.bob.get("/stations").text
    assert "Nobody waits" in at_work.charlie.get("/stations/waiting").text
    assert "waits to be accepted" not in at_work.charlie.get("/stations").text


def test_who_has_chargers_with_names_of_their_own_reads_which_address_they_need(at_work: Office) -> None:
    words = "A charger with a name of its own needs the account code in its address. The short form /ocpp/… is only for"
    for path in ("/stations/waiting", f"/accounts/{at_work.people.home.id}"):
        assert words in at_work.bob.get(path).text


def test_the_operator_reads_that_somebody_came_with_another_password(at_work: Office, charger: WaitingStation) -> None:
    assert "another password" not in at_work.bob.get("/stations/waiting").text
    knock(SYSTEM, at_work.people.home.code, "CP 7", address="x", peer="192.0.2.8", password=b"of somebody else")
    for path in ("/stations/waiting", f"/stations/waiting/{charger.id}/accept"):
        assert "Somebody came with another password" in at_work.bob.get(path).text


def test_it_is_accepted_with_a_form_that_knows_its_connectors(at_work: Office, charger: WaitingStation) -> None:
    bob, path = at_work.bob, f"/stations/waiting/{charger.id}/accept"
    talk = visit(charger)
    talk.status("Available", connector=2)
    talk.start(wh=0)
    html = bob.get(path).html
    assert 'name="connectors" type="number" value="2"' in " ".join(html.split())
    assert bob.post(path, **ACCEPT | {"name": ""}).status == 422
    assert bob.post(path, **ACCEPT | {"connectors": "0"}).status == 422
    assert scene.rows(Station) == []
    sent = bob.post(path, **ACCEPT)
    assert (sent.status, sent.headers["Location"]) == (303, f"/stations/{charger.id}")
    station: Station = scene.row(Station, charger.id)
    assert (station.name, station.identity, station.security_profile) == ("Ost", "CP 7", SecurityProfile.OPEN)
    plugs = scene.rows(Connector, Connector.number > 0)
    assert [(row.number, row.plug, row.max_power_w) for row in plugs] == [
        (1, PlugType.CCS, 50_000),
        (2, PlugType.CCS, 50_000),
    ]
    assert [(row.action, row.payload) for row in scene.rows(StationCommand)] == [
        (Action.TRIGGER_MESSAGE, {"requestedMessage": message})
        for message in ("BootNotification", "StatusNotification")
    ]
    worker.drain()
    assert len(scene.rows(ChargingSession)) == 1
    assert "Nobody waits" in bob.get("/stations/waiting").text
    assert "Not secured: whoever knows its address" in bob.get(f"/stations/{charger.id}/security").text
    assert "Not secured yet" in bob.get(f"/stations/{charger.id}").text


def test_it_is_refused_and_accepted_after_all(at_work: Office, charger: WaitingStation) -> None:
    bob = at_work.bob
    bob.post(f"/stations/waiting/{charger.id}/refuse", at="/stations/waiting")
    page = bob.get("/stations/waiting")
    assert "CP 7 is refused and not let in any more." in page.text
    assert "Nobody waits" in page.text
    assert "Refused" in page.text
    assert "waits to be accepted" not in bob.get("/stations").text
    assert bob.post(f"/stations/waiting/{charger.id}/accept", **ACCEPT).status == 303
    assert scene.rows(WaitingStation) == []


def test_a_stranger_neither_accepts_nor_refuses(at_work: Office, charger: WaitingStation) -> None:
    path = f"/stations/waiting/{charger.id}"
    assert at_work.charlie.get(f"{path}/accept").status == 404
    assert at_work.charlie.post(f"{path}/accept", at="/me", **ACCEPT).status == 404
    assert at_work.charlie.post(f"{path}/refuse", at="/me").status == 404
    assert len(scene.rows(WaitingStation)) == 1
