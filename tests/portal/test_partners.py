"""Partners in the portal: a company registers, staff notes its training, everybody finds it."""

from datetime import timedelta

import pytest
from flask import Flask

from accounts.access import SYSTEM
from accounts.use_cases import make_staff
from kit import clock
from tests.browser import review
from tests.portal.desk import at_a_desk
from tests.portal.office import Office, office
from tests.portal.phone import Phone

SAID = {
    "name": "Muster Elektro AG",
    "email": "hallo@muster-elektro.example",
    "description": "Garages and houses.",
    "city": "Altdorf",
    "website": "https://muster-elektro.example",
    "regions": "CH-UR",
    "languages": "de",
}


@pytest.fixture
def work(app: Flask) -> Office:
    """Everybody, at their desks."""
    return office(app)


def test_a_company_registers_is_trained_and_found(work: Office, app: Flask) -> None:
    desk = work.charlie
    refused = desk.post("/partner/profile", **{**SAID, "regions": "CH-XX"})
    assert refused.status == 422
    answer = desk.post("/partner/profile", **SAID)
    assert answer.status == 303
    assert "waits for a training" in desk.get("/partner/profile").text
    visitor = Phone(app)
    listed = visitor.get("/partners").text
    assert "Muster Elektro AG" not in listed
    assert "No partner is listed yet" in listed

    make_staff(SYSTEM, email=work.people.bob_login.email)
    staff = work.bob
    assert work.charlie.get("/platform/partners").status == 404
    shown = staff.get("/platform/partners")
    assert "Muster Elektro AG" in shown.text
    (action,) = [action for action, _ in shown.forms if action.endswith("/training")]
    staff.post(action, at="/platform/partners", trained_until="soon")
    assert "Please enter a day" in staff.get("/platform/partners").text
    until = (clock.now() + timedelta(days=700)).date().isoformat()
    assert staff.post(action, at="/platform/partners", trained_until=until, note="course 7").status == 303

    for path in ("/partners", "/partners?region=CH-UR&language=de", "/partners?search=altdorf"):
        page = visitor.get(path)
        assert review(page.html).faults == ()
        assert "Muster Elektro AG" in page.text
    assert "No partner found" in visitor.get("/partners?region=CH-ZH").text
    (link,) = {one for one in review(page.html).links if one.startswith("/partners/")}
    company = visitor.get(link)
    assert "https://muster-elektro.example" in company.text
    assert "Uri" in company.text
    assert desk.post("/partner/profile", **SAID).status == 303, "not ticked: it hides"
    assert visitor.get(link).status == 404


def test_an_operator_proposes_an_installer(work: Office, app: Flask) -> None:
    assert work.bob.get("/partners/propose").status == 403
    desk = at_a_desk(app, work.people.alice_login.email)
    fields = {"name": "Neu GmbH", "email": "neu@example.org", "note": "They know the house."}
    assert desk.post("/partners/propose", **fields).status == 303
    assert "already" in desk.post("/partners/propose", **fields).text
    make_staff(SYSTEM, email=work.people.charlie_login.email)
    shown = work.charlie.get("/platform/partners")
    assert "They know the house." in shown.text
    work.charlie.send(shown, "/settle")
    assert "Neu GmbH" not in work.charlie.get("/platform/partners").text
