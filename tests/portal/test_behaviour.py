"""How a station behaves, in the browser."""

import pytest
from flask import Flask

from stations.models import Station
from tests import scene
from tests.portal.office import Office, office
from tests.talk import Talk


@pytest.fixture
def at_work(app: Flask) -> Office:
    """Alice, Bob and Charlie at their desks."""
    return office(app)


@pytest.fixture
def station(at_work: Office) -> Station:
    """A charger of a maker that is known to add its serial number to tags."""
    made = scene.station(property=at_work.people.home, name="Ost")
    Talk(made).call("BootNotification", {"chargePointVendor": "Keba AG", "chargePointModel": "P30"})
    return made


def test_the_page_says_what_is_known_and_why_and_takes_own_settings(at_work: Office, station: Station) -> None:
    bob, path = at_work.bob, f"/stations/{station.id}/behaviour"
    page = bob.get(path)
    assert page.html.count("Charging Platform") == bob.get("/sessions").html.count("Charging Platform")
    text = page.text
    assert "It says it is Keba AG P30 Known as keba Because maker Keba*" in text
    assert "as known: yes" in text
    bob.post(path, tag_ends_with_serial="0", poll_meter_s="90")
    assert scene.row(Station, station.id).quirk_overrides == {"tag_ends_with_serial": False, "poll_meter_s": 90}
    bob.post(path, tag_ends_with_serial="", poll_meter_s="")
    assert scene.row(Station, station.id).quirk_overrides == {}
    assert at_work.charlie.get(path).status == 404


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("poll_meter_s", "often", "Please enter a whole number, such as 16."),
        ("poll_meter_s", "-1", "This is not valid."),
        ("can_unlock", "maybe", "Please choose one of the list."),
    ],
)
def test_what_can_not_be_set_is_said_at_its_field(
    at_work: Office, station: Station, field: str, value: str, words: str
) -> None:
    path = f"/stations/{station.id}/behaviour"
    answer = at_work.bob.post(path, **{field: value})
    assert answer.status == 422
    assert words in answer.text
    assert scene.row(Station, station.id).quirk_overrides == {}


def test_a_charger_that_can_not_unlock_is_not_asked_to(at_work: Office, station: Station) -> None:
    at_work.bob.post(f"/stations/{station.id}/behaviour", can_unlock="0")
    assert "This station can't unlock a plug from afar." in at_work.bob.get(f"/stations/{station.id}/maintenance").text


def test_a_station_is_left_in_quiet_and_called_again(at_work: Office, station: Station) -> None:
    bob, path = at_work.bob, f"/stations/{station.id}/behaviour"
    assert "Left in quiet no" in bob.get(path).text
    bob.post(f"{path}/quiet", at=path, quiet="1")
    assert scene.row(Station, station.id).quiet_after_boot
    text = bob.get(path).text
    assert "The station is left in quiet." in text
    assert "Left in quiet yes Call it again" in text
    bob.post(f"{path}/quiet", at=path, quiet="0")
    assert not scene.row(Station, station.id).quiet_after_boot
    assert at_work.charlie.post(f"{path}/quiet", at="/me", quiet="1").status == 404
