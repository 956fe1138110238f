"""Opening hours on pages: set by the operator, read by the driver before he pays."""

import re
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import Flask

from accounts.access import SYSTEM
from kit import clock
from stations.models import Connector, Station
from stations.opening_hours import WEEK, OpeningHours, OutsideHours, Span, Weekday
from stations.use_cases import set_station_hours
from stations.values import ConnectorStatus, StationId
from tests import make, scene
from tests.portal.garage import garage, payments
from tests.portal.office import office
from tests.portal.phone import Phone

SUNDAY = datetime(2026, 11, 29, 20, 0, tzinfo=ZoneInfo("Europe/Zurich"))
OFFICE = {
    "mode": "hours",
    "monday_1_opens": "07:00",
    "monday_1_closes": "12:00",
    "monday_2_opens": "13:00",
    "monday_2_closes": "19:00",
}
WORDS = {
    "de": "Geschlossen. Öffnet wieder Mo 07:00",
    "fr": "Fermé. Ouvre à nouveau lun. 07:00",
    "it": "Chiuso. Riapre lun 07:00",
    "en": "Closed. Opens again Mon 07:00",
}


def test_a_driver_reads_that_it_is_closed_and_when_it_opens_before_he_pays(app: Flask) -> None:
    with clock.moved_to(SUNDAY - timedelta(days=3)):
        place = garage(app)
    with clock.moved_to(SUNDAY):
        place.says(ConnectorStatus.AVAILABLE)
        hours = OpeningHours(dict.fromkeys(WEEK[:5], (Span(time(7), time(19)),)))
        set_station_hours(SYSTEM, StationId(place.made.station.id), hours)
        for language, words in WORDS.items():
            page = Phone(app).get(f"/q/{place.code}?lang={language}")
            assert words in page.text
            assert "terms" not in re.findall(r'name="(\w+)"', page.html), "there is nothing to agree to"
        assert "Mon–Fri 07:00–19:00" in page.text
        assert "Sat–Sun closed" in page.text
        assert "0.45" in page.text, "the price stands there all the same"
        phone = Phone(app)
    with clock.moved_to(SUNDAY + timedelta(days=1, hours=-2)):  # Monday, 18:00
        place.says(ConnectorStatus.AVAILABLE)
        offer = phone.get(f"/q/{place.code}?lang=en")
        assert "Open until 19:00" in offer.text
    with clock.moved_to(SUNDAY + timedelta(days=1, hours=-1)):  # it has closed meanwhile
        late = phone.send(offer, f"/q/{place.code}", terms="yes", email="")
        assert "Closed. Opens again Tue 07:00" in late.text
        assert payments() == []


def test_a_driver_reads_before_the_start_and_while_he_charges_when_the_session_is_stopped(app: Flask) -> None:
    with clock.moved_to(SUNDAY + timedelta(days=1, hours=-2)):  # Monday, 18:00
        place, phone = garage(app), Phone(app)
        weekdays = dict.fromkeys(WEEK[:5], (Span(time(7), time(19)),))
        set_station_hours(SYSTEM, StationId(place.made.station.id), OpeningHours(weekdays, ends_sessions=True))
        told = "It closes here at 19:00. Charging stops then by itself."
        assert told in phone.get(f"/q/{place.code}").text
        place.pay(phone)
        place.plug_in()
        assert told in phone.get(f"/q/{place.code}").text, "the page of the session"


def test_money_held_when_it_closed_meanwhile_is_given_back(app: Flask) -> None:
    place = garage(app)
    phone = Phone(app)
    checkout = phone.send(phone.get(f"/q/{place.code}"), f"/q/{place.code}", terms="yes", email="")
    set_station_hours(SYSTEM, StationId(place.made.station.id), OpeningHours())
    landed = phone.send(checkout, "/pay", card_number="4242424242424242")
    assert "It has just closed here." in landed.text
    assert payments()[-1].failure == "closed"


def test_the_operator_sets_hours_and_a_connector_has_its_own(app: Flask) -> None:
    at_work = office(app)
    station = make.station(property=at_work.people.home, owner=at_work.people.alice).station
    path = f"/stations/{station.id}/hours"
    bob = at_work.bob
    assert path in bob.get(f"/stations/{station.id}").html
    copied = bob.post(path, copy="1", outside="own", **OFFICE)
    assert copied.status == 200
    assert scene.row(Station, station.id).opening_hours is None, "nothing is saved yet"
    assert _field(copied.html, "friday_2_closes") == "19:00"
    assert _field(copied.html, "saturday_1_opens") == ""
    special = {"special_1_first": "2099-12-24", "special_1_last": "2099-12-26"}
    nights = {"saturday_1_opens": "22:00", "saturday_1_closes": "06:00", "ends_sessions": "1"}
    saved = bob.post(path, outside="nobody", **nights, **OFFICE, **special)
    assert saved.status == 303
    plain = scene.row(Station, station.id).opening_hours
    assert plain == {
        "week": {"monday": [["07:00", "12:00"], ["13:00", "19:00"]], "saturday": [["22:00", "06:00"]]},
        "special": [{"first": "2099-12-24", "last": "2099-12-26", "spans": []}],
        "outside": "nobody",
        "ends_sessions": True,
    }
    again = bob.get(path)
    assert [_field(again.html, name) for name in ("monday_2_opens", "special_1_last")] == ["13:00", "2099-12-26"]
    plug = scene.connector(station)
    bob.post(f"/connectors/{plug.id}/hours", mode="always", outside="own")
    own = scene.row(Connector, plug.id).opening_hours
    assert len(own["week"]) == 7
    assert "These have hours of their own" in bob.get(path).text
    bob.post(f"/connectors/{plug.id}/hours", mode="station", outside="own")
    assert scene.row(Connector, plug.id).opening_hours is None
    bob.post(path, mode="always", outside="own")
    assert scene.row(Station, station.id).opening_hours is None


def test_what_is_wrong_stands_at_its_field(app: Flask) -> None:
    at_work = office(app)
    station = make.station(property=at_work.people.home, owner=at_work.people.alice).station
    path = f"/stations/{station.id}/hours"
    wrong = {"tuesday_1_opens": "8 o'clock", "wednesday_1_opens": "08:00"}
    nameless = {"special_1_first": "", "special_1_last": "2099-01-01"}
    answer = at_work.bob.post(path, mode="hours", outside="own", **wrong, **nameless)
    assert answer.status == 422
    for field in ("tuesday_1_opens", "wednesday_1_closes", "special_1_first"):
        assert f'id="{field}-problem"' in answer.html
    turned = {"special_1_first": "2099-01-02", "special_1_last": "2099-01-01"}
    assert "This is before the beginning." in at_work.bob.post(path, mode="hours", outside="own", **turned).text
    assert scene.row(Station, station.id).opening_hours is None
    assert at_work.charlie.get(path).status == 404


def test_the_operator_sees_how_it_stands_and_can_not_start_where_nobody_may(app: Flask) -> None:
    at_work = office(app)
    station = make.station(property=at_work.people.home, owner=at_work.people.alice).station
    scene.says(station, ConnectorStatus.AVAILABLE)
    closed = OpeningHours({Weekday.MONDAY: ()}, outside=OutsideHours.NOBODY)
    set_station_hours(SYSTEM, StationId(station.id), closed)
    page = at_work.bob.get(f"/stations/{station.id}")
    assert "Closed · Charging now: Nobody" in page.text
    at_work.bob.post(f"/connectors/{scene.connector(station).id}/start", at=f"/stations/{station.id}")
    assert "This connector is closed at this hour" in at_work.bob.get(f"/stations/{station.id}").text


def _field(html: str, name: str) -> str:
    found = re.search(rf'name="{name}"\s+value="([^"]*)"', html)
    assert found, name
    return found.group(1)
