"""A visit of support, from the question to the end, at both desks."""

import pytest
from flask import Flask
from sqlalchemy import select

from accounts.access import SYSTEM
from accounts.use_cases import make_staff
from kit import db
from kit.audit import AuditLine
from tests import make
from tests.portal.desk import Desk, at_a_desk
from tests.portal.office import Office, office

REASON = "Kabel <b>klemmt</b>"


@pytest.fixture
def work(app: Flask) -> Office:
    return office(app)


@pytest.fixture
def staff(app: Flask, work: Office) -> Desk:
    login = make.account(name="Plattform AG").login
    make_staff(SYSTEM, email=login.email)
    return at_a_desk(app, login.email)


def ask(work: Office, staff: Desk) -> None:
    path = f"/platform/tenants/{work.people.home.id}/support"
    assert staff.post(path, reason=REASON, hours="2").headers["Location"] == path


def test_staff_asks_the_owner_agrees_and_both_see_what_holds(work: Office, staff: Desk) -> None:
    home = work.people.home
    station = make.station(property=home, owner=work.people.alice)
    ask(work, staff)
    own = f"/accounts/{home.id}/support"
    work.alice.post("/accounts/choose", at="/accounts", account=str(home.id))
    page = work.alice.get("/stations")
    assert f"Olga Owner of our support would like to see this account: {REASON}" in page.text
    assert "<b>klemmt" not in page.html
    assert work.bob.get(own).status == 403
    (agree,) = [action for action, _ in work.alice.get(own).forms if action.endswith("/agree")]
    assert work.alice.post(agree, at=own).headers["Location"] == own

    desk = f"/platform/tenants/{home.id}/support"
    (enter,) = [action for action, _ in staff.get(desk).forms if action.endswith("/enter")]
    staff.post(enter, at=desk)
    for path in ("/stations", f"/stations/{station.id}", "/sessions", "/me", "/accounts"):
        page = staff.get(path)
        assert page.status == 200, path
        assert "You are looking at Haus am See as support, until" in page.text, path
    assert not staff.get(f"/stations/{station.id}").has_form("/reset"), "no button that does something"
    for path in ("/platform/tenants", "/income", f"/accounts/{work.people.next_door.id}/support"):
        assert staff.get(path).status in (403, 404), path
    assert staff.post(f"/stations/{station.id}/edit", at="/stations", name="Anders").status == 403
    assert "can see this account until" in work.alice.get("/stations").text

    (end,) = [action for action, _ in work.alice.get(own).forms if action.endswith("/end")]
    work.alice.post(end, at=own)
    assert staff.get(f"/stations/{station.id}").status == 404
    assert "You are looking at" not in staff.get("/me").text
    with db.transaction(writing=False) as unit:
        looks = AuditLine.door.endswith(".note_look"), AuditLine.account_id == home.id
        seen = [told["page"] for told in unit.session.scalars(select(AuditLine.arguments).where(*looks))]
    assert seen[:3] == ["GET /stations", f"GET /stations/{station.id}", "GET /sessions"]
    assert f"POST /stations/{station.id}/edit" in seen


def test_staff_leaves_and_is_at_the_console_again(work: Office, staff: Desk) -> None:
    ask(work, staff)
    own, desk = f"/accounts/{work.people.home.id}/support", f"/platform/tenants/{work.people.home.id}/support"
    (agree,) = [action for action, _ in work.alice.get(own).forms if action.endswith("/agree")]
    work.alice.post(agree, at=own)
    (enter,) = [action for action, _ in staff.get(desk).forms if action.endswith("/enter")]
    staff.post(enter, at=desk)
    assert staff.post("/platform/visits/leave", at="/stations").headers["Location"] == desk
    assert "You are looking at" not in staff.get(desk).text
    assert "Agreed to" in staff.get(desk).text
