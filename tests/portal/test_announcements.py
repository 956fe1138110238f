"""The desk of announcements and switches, and the banner on operators' pages."""

from datetime import timedelta

import pytest
from flask import Flask

from accounts.access import SYSTEM
from accounts.use_cases import make_staff
from kit import clock
from tests import make
from tests.portal.desk import Desk, at_a_desk
from tests.portal.office import Office, office


@pytest.fixture
def work(app: Flask) -> Office:
    return office(app)


@pytest.fixture
def staff(app: Flask, work: Office) -> Desk:
    login = make.account(name="Plattform AG").login
    make_staff(SYSTEM, email=login.email)
    return at_a_desk(app, login.email)


def test_staff_writes_operators_read_and_put_away(work: Office, staff: Desk) -> None:
    now = clock.now()
    fields = {
        "text_en": "Maintenance <b>on Sunday</b>",
        "link": "https://example.org/status",
        "severity": "warning",
        "audience": "accounts",
        "accounts": "Haus am Berg\nImmobilien Test AG",
        "begins_at": (now - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M"),
        "ends_at": (now + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M"),
    }
    new = "/platform/announcements/new"
    assert 'id="accounts-problem"' in staff.post(new, **fields | {"accounts": "Haus"}).html
    assert 'id="link-problem"' in staff.post(new, **fields | {"link": "javascript:alert(1)"}).html
    assert staff.post(new, **fields).headers["Location"] == "/platform/announcements"
    assert "Shown now" in staff.get("/platform/announcements").text
    assert "Maintenance" not in staff.get("/stations").text, "it is for chosen accounts"

    page = work.alice.get("/stations")
    assert "Maintenance <b>on Sunday</b>" in page.text
    assert "<b>on Sunday" not in page.html
    assert 'href="https://example.org/status"' in page.html
    (away,) = [action for action, _ in page.forms if action.endswith("/put-away")]
    assert work.alice.post(away, at="/stations", next="/sessions").headers["Location"] == "/sessions"
    assert "Maintenance" not in work.alice.get("/stations").text
    assert "Maintenance" in work.bob.get("/stations").text

    (end,) = [action for action, _ in staff.get("/platform/announcements").forms if action.endswith("/end")]
    staff.post(end, at="/platform/announcements")
    assert "Maintenance" not in work.bob.get("/stations").text
    assert work.alice.get("/platform/announcements").status == 404
    assert work.alice.get(new).status == 404


def test_staff_switches_a_function_on_by_steps(work: Office, staff: Desk) -> None:
    assert "Off" in staff.get("/platform/flags").text
    path = "/platform/flags/own_import"
    assert 'id="percent-problem"' in staff.post(path, percent="101", accounts="").html
    staff.post(path, percent="0", accounts="Haus am See")
    assert "For chosen accounts" in staff.get("/platform/flags").text
    staff.post(path, percent="25", accounts="Haus am See")
    assert "For 25 % of the accounts" in staff.get("/platform/flags").text
    assert "Haus am See" in staff.get(path).html
    staff.post(path, percent="100", accounts="")
    assert "For everybody" in staff.get("/platform/flags").text
    assert work.alice.get("/platform/flags").status == 404
