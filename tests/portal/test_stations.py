"""Stations and connectors in the browser."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import event

from accounts.access import SYSTEM
from accounts.models import Account
from accounts.rights import Role
from accounts.use_cases import grant_role
from billing.queries import prices_of
from charging.models import Authorisation
from charging.use_cases import fail_authorisation, request_start
from charging.values import AuthorisationId
from kit import clock, db
from stations.models import Connector, Station, StationCommand
from stations.passwords import password_matches
from stations.values import Action, ConnectorId, ConnectorStatus, Location, NewConnector, PlugType, SecurityProfile
from tests import make, scene
from tests.people import People
from tests.portal.desk import Desk, at_a_desk
from tests.portal.office import Office, office

NEW = {
    "name": "Tiefgarage Ost",
    "description": "Ebene -2",
    "street": "Bahnhofstrasse 1",
    "postcode": "6300",
    "city": "Zug",
    "country": "CH",
    "connectors": "2",
    "plug": "ccs",
    "max_power_kw": "22,5",
    "security_profile": "1",
    "latitude": "47.166167",
    "longitude": "8,515495",
}


@pytest.fixture
def at_work(app: Flask) -> Office:
    """Alice, Bob and Charlie at their desks."""
    return office(app)


@pytest.fixture
def everybody(at_work: Office) -> People:
    """Who they are."""
    return at_work.people


@pytest.fixture
def alice(at_work: Office) -> Desk:
    """Owner of the master account."""
    return at_work.alice


@pytest.fixture
def bob(at_work: Office) -> Desk:
    """Technician of one property."""
    return at_work.bob


@pytest.fixture
def charlie(at_work: Office) -> Desk:
    """A stranger."""
    return at_work.charlie


def test_a_station_is_added_and_its_password_shown_once(bob: Desk, everybody: People) -> None:
    page = bob.post("/stations/new", **NEW, account=str(everybody.home.id))
    (station,) = scene.rows(Station)
    password = re.search(r"\b[0-9A-F]{32}\b", page.text)
    assert password
    assert password_matches(password.group().encode(), station.password_hash)
    assert f"ws://localhost:8000/ocpp/{station.identity}" in page.text
    assert (station.account_id, station.name, station.latitude_e6, station.longitude_e6) == (
        everybody.home.id,
        "Tiefgarage Ost",
        47_166_167,
        8_515_495,
    )
    connectors = scene.rows(Connector, Connector.number > 0)
    assert [(row.plug, row.max_power_w) for row in connectors] == [(PlugType.CCS, 22_500)] * 2
    again = bob.get(f"/stations/{station.id}")
    assert password.group() not in again.html
    assert station.identity in again.text


def test_the_form_begins_with_the_account_that_the_address_names(alice: Desk, everybody: People) -> None:
    for account in (everybody.home, everybody.next_door):
        chosen = alice.get(f"/stations/new?account={account.id}")
        assert re.findall(r'<option value="([^"]+)" selected>', chosen.html)[0] == str(account.id)
    assert alice.get("/stations/new?account=none").status == 200


def test_where_one_account_alone_is_managed_a_new_station_goes_there(app: Flask, everybody: People) -> None:
    grant_role(SYSTEM, everybody.master.id, email=everybody.bob_login.email, role=Role.VIEWER)
    bob = at_a_desk(app, everybody.bob_login.email)
    bob.post("/accounts/choose", at="/accounts", account=str(everybody.master.id))
    for path in ("/stations/new", "/tags/new"):
        (fields,) = [fields for _action, fields in bob.get(path).forms if "account" in fields]
        assert fields["account"] == str(everybody.home.id)


def test_a_charger_that_is_set_up_already_keeps_its_login_and_dials_the_address_of_its_account(
    bob: Desk, everybody: People
) -> None:
    login = {"identity": "CP 1", "password": "geheim-und-lang-genug", "security_profile": "2"}
    page = bob.post("/stations/new", **{**NEW, **login}, account=str(everybody.home.id))
    code = scene.row(Account, everybody.home.id).code
    assert f"ws://localhost:8000/ocpp/{code}/CP%201" in page.text
    (station,) = scene.rows(Station)
    assert (station.identity, station.security_profile) == ("CP 1", SecurityProfile.PASSWORD_TLS)
    again = bob.post("/stations/new", **{**NEW, **login}, account=str(everybody.home.id))
    assert (again.status, "This is taken already." in again.text) == (422, True)
    assert "geheim-und-lang-genug" not in again.html
    opened = bob.post("/stations/new", **{**NEW, "security_profile": "0"}, account=str(everybody.home.id))
    assert "Password" not in opened.text


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("city", "x" * 121),
        ("country", "Schweiz"),
        ("connectors", "0"),
        ("connectors", "viele"),
        ("max_power_kw", "0"),
        ("max_power_kw", "stark"),
        ("plug", "ein Stecker"),
    ],
)
def test_what_is_wrong_stands_at_its_field(bob: Desk, everybody: People, field: str, value: str) -> None:
    page = bob.post("/stations/new", **{**NEW, field: value}, account=str(everybody.home.id))
    assert page.status == 422
    assert f'id="{field}-problem"' in page.html
    assert 'value="Bahnhofstrasse 1"' in page.html
    assert scene.rows(Station) == []


def test_a_place_that_is_none_is_refused(bob: Desk, everybody: People) -> None:
    for latitude, longitude in (("47.1", ""), ("hier", "dort"), ("91", "8"), ("1e400", "8")):
        wrong = {**NEW, "latitude": latitude, "longitude": longitude}
        assert bob.post("/stations/new", **wrong, account=str(everybody.home.id)).status == 422
    assert scene.rows(Station) == []


def test_a_station_is_added_only_where_one_may(bob: Desk, charlie: Desk, everybody: People) -> None:
    for desk, account in ((bob, everybody.next_door), (charlie, everybody.home)):
        assert desk.post("/stations/new", **NEW, account=str(account.id)).status == 404
    assert bob.post("/stations/new", **NEW, account="mine").status == 422
    assert scene.rows(Station) == []


def test_the_list_is_narrowed_by_words_and_state(alice: Desk, everybody: People) -> None:
    scene.station(property=everybody.home, name="Ost")
    scene.station(property=everybody.next_door, name="West", status=ConnectorStatus.CHARGING)
    assert re.findall(r'row-title"[^>]*>(\w+)<', alice.get("/stations").html) == ["Ost", "West"]
    assert re.findall(r'row-title"[^>]*>(\w+)<', alice.get("/stations?text=wes").html) == ["West"]
    assert re.findall(r'row-title"[^>]*>(\w+)<', alice.get("/stations?state=available").html) == ["Ost"]
    assert re.findall(r'row-title"[^>]*>(\w+)<', alice.get("/stations?state=nonsense&page=-3").html) == ["Ost", "West"]
    assert "No station fits" in alice.get("/stations?text=Nord").text


def test_htmx_gets_the_list_alone(alice: Desk, everybody: People) -> None:
    scene.station(property=everybody.home)
    part = alice.client.get("/stations?text=o", headers={"HX-Request": "true"}).get_data(as_text=True)
    assert part.lstrip().startswith('<div id="stations">')
    assert "<html" not in part


def test_the_list_takes_as_many_statements_for_three_stations_as_for_nine(alice: Desk, everybody: People) -> None:
    counts: list[int] = []
    alice.get("/stations")  # what a process remembers of functions and announcements is read once
    for _ in range(2):
        for _number in range(3 if not counts else 6):
            scene.station(property=everybody.home, connectors=[NewConnector()] * 2)
        sent: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_: object, sent: list[str] = sent) -> None:
            sent.append(statement)

        event.listen(db.engine(), "before_cursor_execute", note)
        alice.get("/stations")
        event.remove(db.engine(), "before_cursor_execute", note)
        counts.append(len(sent))
    assert counts[0] == counts[1]


def test_the_map_names_its_stations_and_who_drew_it(alice: Desk, everybody: People) -> None:
    scene.station(property=everybody.home, name="Ost", location=Location(47_166_000, 8_515_000))
    scene.station(property=everybody.home, name="Ohne Ort")
    page = alice.get("/stations/map")
    assert "swisstopo" in page.html
    assert '"latitude": 47.166' in page.html
    assert "Ohne Ort" not in page.text
    assert "https://wmts.geo.admin.ch" in page.headers["Content-Security-Policy"]


def test_a_station_is_edited_and_its_place_removed(bob: Desk, everybody: People) -> None:
    station = scene.station(property=everybody.home, city="Zug", location=Location(47_166_000, 8_515_000))
    shown = bob.get(f"/stations/{station.id}/edit")
    assert 'value="47.166"' in shown.html
    sent = {name: NEW[name] for name in ("description", "street", "postcode", "city", "country")}
    saved = bob.post(f"/stations/{station.id}/edit", **sent, name="West", latitude="", longitude="")
    assert (saved.status, saved.headers["Location"]) == (303, f"/stations/{station.id}")
    changed = scene.row(Station, station.id)
    assert (changed.name, changed.latitude_e6) == ("West", None)
    assert bob.post(f"/stations/{station.id}/edit", **sent, name="").status == 422
    assert scene.row(Station, station.id).name == "West"


def test_strangers_find_nothing(charlie: Desk, everybody: People) -> None:
    station = scene.station(property=everybody.home)
    connector = scene.connector(station)
    for path in (
        f"/stations/{station.id}",
        f"/stations/{station.id}/edit",
        f"/stations/{station.id}/maintenance",
        f"/stations/{station.id}/labels.pdf",
        f"/stations/{station.id}/connectors/new",
        f"/connectors/{connector.id}/edit",
        f"/connectors/{connector.id}/price",
        f"/connectors/{connector.id}/label.pdf",
    ):
        assert charlie.get(path).status == 404, path
    for path in (
        f"/stations/{station.id}/password",
        f"/stations/{station.id}/commands",
        f"/connectors/{connector.id}/start",
    ):
        assert charlie.post(path, at="/accounts", action="ClearCache").status == 404, path
    assert scene.row(Station, station.id).password_hash == station.password_hash
    assert scene.rows(StationCommand) == []


def test_a_new_password_is_shown_once(bob: Desk, everybody: People) -> None:
    station = scene.station(property=everybody.home)
    page = bob.post(f"/stations/{station.id}/password", at=f"/stations/{station.id}")
    password = re.search(r"\b[0-9A-F]{32}\b", page.text)
    assert password
    assert password_matches(password.group().encode(), scene.row(Station, station.id).password_hash)


def test_connectors_are_added_and_edited(bob: Desk, everybody: People) -> None:
    station = scene.station(property=everybody.home)
    path = f"/stations/{station.id}/connectors/new"
    assert bob.post(path, name="links", plug="type_2", max_power_kw="22").status == 303
    second = scene.connector(station, 2)
    assert (second.name, second.max_power_w) == ("links", 22_000)
    edit = f"/connectors/{second.id}/edit"
    assert 'value="22"' in bob.get(edit).html
    wrong = bob.post(edit, name="links", plug="type_2", max_power_kw="2000")
    assert wrong.status == 422
    assert 'id="max_power_kw-problem"' in wrong.html
    assert bob.post(edit, name="", plug="ccs", max_power_kw="50").status == 303
    assert (scene.connector(station, 2).plug, scene.connector(station, 2).name) == (PlugType.CCS, "")


def test_a_price_is_set_and_judged_at_its_field(alice: Desk, bob: Desk, everybody: People) -> None:
    connector = scene.connector(scene.station(property=everybody.home))
    path = f"/connectors/{connector.id}/price"
    assert alice.post(path, energy_price="0,45", time_price="", session_fee="1").status == 303
    price = prices_of(SYSTEM, [connector.id])[connector.id]
    assert (price.energy_price, price.time_price, price.session_fee) == (Decimal("0.45"), Decimal(0), Decimal(1))
    assert "CHF 0.45 per kWh · CHF 1.00 per session" in alice.get(f"/stations/{connector.station_id}").text
    shown = alice.get(path)
    assert 'value="0.45"' in shown.html
    assert "8.1 % included" in shown.text
    for field, value in (
        ("energy_price", "-1"),
        ("time_price", "viel"),
        ("session_fee", "1.00001"),
        ("vat_percent", "50"),
    ):
        sent = {"energy_price": "0.45", "time_price": "0", "session_fee": "0", field: value}
        wrong = alice.post(path, **sent)
        assert wrong.status == 422
        assert f'id="{field}-problem"' in wrong.html
    assert bob.get(path).status == 403
    assert bob.post(path, at="/me", energy_price="0.10").status == 403
    assert prices_of(SYSTEM, [connector.id])[connector.id].id == price.id


def test_who_may_not_see_prices_is_told_of_none(app: Flask, alice: Desk, everybody: People) -> None:
    path = f"/stations/{scene.station(property=everybody.home).id}"
    until = clock.now() + timedelta(days=14)
    fitter = make.login(account=everybody.home, role=Role.INSTALLER, ends_at=until)
    words = "No price: drivers can't pay here"
    assert words in alice.get(path).text
    page = at_a_desk(app, fitter.email).get(path)
    assert (page.status, words in page.text) == (200, False)


def test_labels_are_pdf_files(bob: Desk, everybody: People) -> None:
    station = scene.station(property=everybody.home)
    code = scene.connector(station).code
    for path in (f"/connectors/{scene.connector(station).id}/label.pdf", f"/stations/{station.id}/labels.pdf"):
        label = bob.get(path)
        assert (label.status, label.headers["Content-Type"]) == (200, "application/pdf")
        assert label.raw.startswith(b"%PDF-")
        assert f"label-{code}.pdf" in label.headers["Content-Disposition"]


def test_a_start_shows_the_time_that_is_left_and_then_what_came_of_it(bob: Desk, everybody: People) -> None:
    station = scene.station(property=everybody.home)
    path = f"/stations/{station.id}"
    bob.post(f"/connectors/{scene.connector(station).id}/start", at=path)
    (permission,) = scene.rows(Authorisation)
    page = bob.get(path)
    assert "Plug in now" in page.text
    assert f'data-countdown="{permission.expires_at.isoformat()}"' in page.html
    fail_authorisation(SYSTEM, AuthorisationId(permission.id), "refused")
    assert "The station refused the start." in bob.get(path).text


def test_a_start_that_can_not_be_is_explained(bob: Desk, everybody: People) -> None:
    station = scene.station(property=everybody.home)
    connector = scene.connector(station)
    request_start(SYSTEM, ConnectorId(connector.id))
    start = f"/connectors/{connector.id}/start"
    bob.post(start, at=f"/stations/{station.id}")
    assert "Somebody is about to plug in here already." in bob.get(f"/stations/{station.id}").text
    away = scene.connector(scene.station(property=everybody.home, online=False))
    bob.post(f"/connectors/{away.id}/start", at=f"/stations/{station.id}")
    assert "The station is offline." in bob.get(f"/stations/{away.station_id}").text
    assert len(scene.rows(StationCommand, StationCommand.action == Action.REMOTE_START)) == 1
