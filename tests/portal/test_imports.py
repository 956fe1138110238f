"""An operator brings stations and sessions along in the browser; staff does it with consent."""

import io
import re
from dataclasses import replace

import pytest
from flask import Flask

import portal.imports
from accounts.access import ANYONE, SYSTEM
from accounts.use_cases import agree_to_visit, ask_for_visit, make_staff, set_flag
from accounts.values import AccountId, SupportVisitId
from charging.models import ChargingSession
from imports.models import Import
from kit import worker
from stations.models import Station
from tests import make, scene
from tests.portal.desk import Desk, at_a_desk
from tests.portal.office import Office, office
from tests.portal.phone import Page

HISTORY = """Station;Beginn;Dauer;Energie kWh;Fahrer;Kosten
Nord;2026-03-01 08:00;3600;12,5;<b>Frau F</b>;4,20
Süd;2026-03-01 08:00;60;1;;
"""


@pytest.fixture
def work(app: Flask) -> Office:
    set_flag(replace(ANYONE, staff=True), "own_import", percent=100)
    return office(app)


def send(desk: Desk, path: str, what: str, text: str) -> Page:
    token = re.search(r'name="csrf_token" value="([^"]+)"', desk.get(path).html)
    assert token
    form = {"csrf_token": token.group(1), "what": what, "file": (io.BytesIO(text.encode()), "liste.csv")}
    return Page(desk.client.post(path, data=form, content_type="multipart/form-data"))


def test_an_administrator_looks_carries_out_and_undoes(work: Office) -> None:
    alice, home = work.alice, work.people.home
    alice.post("/accounts/choose", at="/accounts", account=str(home.id))
    path = f"/accounts/{home.id}/import"
    assert path in alice.get("/stations").html
    template = alice.client.get("/imports/template/stations.csv").get_data(as_text=True)
    assert template.startswith("\ufeffStation;OCPP identity;Connector;")
    assert "There is nothing in this file." in send(alice, path, "stations", template.partition("\n")[0]).text

    looked = send(alice, path, "stations", template.replace("Garage Nord", "Nord"))
    assert looked.status == 303
    page = alice.get(looked.headers["Location"])
    assert "Will be made: 1" in page.text
    assert scene.rows(Station) == []
    (start,) = [action for action, _ in page.forms if action.endswith("/start")]
    alice.post(start, at=looked.headers["Location"])
    worker.drain()
    page = alice.get(looked.headers["Location"])
    assert "Made: 1" in page.text
    assert [row.name for row in scene.rows(Station)] == ["Nord"]

    past = send(alice, path, "history", HISTORY).headers["Location"]
    page = alice.get(past)
    assert "Station: No station of the account is called so." in page.text
    assert "<b>Frau F" not in page.html
    alice.post(past + "/start", at=past)
    worker.drain()
    assert "Made: 1" in alice.get(f"{past}?outcome=made").text
    (session,) = scene.rows(ChargingSession)
    shown = alice.get(f"/sessions/{session.id}").text
    for words in ("From another platform", "12.500 kWh", "<b>Frau F</b>", "CHF 4.20"):
        assert words in shown, words
    assert "From another platform" in alice.get("/sessions").text

    refused = alice.post(looked.headers["Location"] + "/undo", at=looked.headers["Location"])
    assert "Row 1 is used by now, so nothing was undone." in alice.get(refused.headers["Location"]).text
    alice.post(past + "/undo", at=past)
    alice.post(looked.headers["Location"] + "/undo", at=looked.headers["Location"])
    assert scene.rows(Station) == []
    assert alice.get(path).text.count("Undone") == 2
    assert work.bob.get(path).status == 403
    assert work.charlie.get(looked.headers["Location"]).status == 404


def test_a_preview_is_discarded_and_a_function_that_is_off_is_not_shown(work: Office) -> None:
    alice, home = work.alice, work.people.home
    alice.post("/accounts/choose", at="/accounts", account=str(home.id))
    path = f"/accounts/{home.id}/import"
    looked = send(alice, path, "tags", "Tag\n04A1\n").headers["Location"]
    assert alice.post(looked + "/discard", at=looked).headers["Location"] == path
    assert scene.rows(Import) == []
    set_flag(replace(ANYONE, staff=True), "own_import", percent=0)
    assert path not in alice.get("/stations").html
    assert "not switched on for this account yet" in alice.get(path).text


def test_the_way_there_is_shown_exactly_where_it_leads_somewhere(work: Office) -> None:
    """A master may be without what a property has, and the other way round."""
    people, staff = work.people, replace(ANYONE, staff=True)
    set_flag(staff, "own_import", percent=0, account_ids=[people.next_door.id])
    for account_id, on in ((people.master.id, False), (people.home.id, False), (people.next_door.id, True)):
        work.alice.post("/accounts/choose", at="/accounts", account=str(account_id))
        path = f"/accounts/{account_id}/import"
        assert (path in work.alice.get("/stations").html) is on
        assert work.alice.get(path).status == (200 if on else 409)


def test_older_imports_are_a_page_away(work: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portal.imports, "SIZE", 1)
    path = f"/accounts/{work.people.home.id}/import"
    old, new = (send(work.alice, path, "tags", f"Tag\n04A{number}\n").headers["Location"] for number in range(2))
    page = work.alice.get(path)
    assert (old in page.html, new in page.html) == (False, True)
    [older] = re.findall(r'rel="next" href="([^"]+)"', page.html)
    page = work.alice.get(older)
    assert (old in page.html, new in page.html, 'rel="next"' in page.html) == (True, False, False)


def test_staff_imports_for_an_account_that_agreed(app: Flask, work: Office) -> None:
    home = AccountId(work.people.home.id)
    login = make.account(name="Plattform AG").login
    make_staff(SYSTEM, email=login.email)
    staff, path = at_a_desk(app, login.email), f"/accounts/{home}/import"
    assert staff.get(path).status == 404
    asked = ask_for_visit(replace(login.actor, staff=True), home, reason="Umzug", hours=2, with_import=True)
    assert "Also imports for the account." in work.alice.get(f"/accounts/{home}/support").text
    agree_to_visit(work.people.alice, SupportVisitId(asked.id))
    assert path in staff.get(f"/platform/tenants/{home}/support").html
    looked = send(staff, path, "tags", "Tag\n04A1\n").headers["Location"]
    staff.post(looked + "/start", at=looked)
    worker.drain()
    assert "Made: 1" in staff.get(looked).text
