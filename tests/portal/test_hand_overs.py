"""Handing a property over: the owner's page, both mailed links, what each side finds afterwards."""

from urllib.parse import urlsplit

import pytest
from flask import Flask

from handovers import links
from handovers.models import HandOver
from handovers.values import HandOverState, Side
from tests import make, scene
from tests.made import Login
from tests.portal.desk import Desk, at_a_desk

NEW_EMAIL = "nora@example.org"


@pytest.fixture
def owner() -> Login:
    """Of a property with a station."""
    station = make.station(property=make.property(), name="Garage West")
    return make.login(account=make.row(type(make.owned().account), station.station.account_id))


def here(owner: Login) -> str:
    """The property's page."""
    (grant,) = owner.actor.grants
    return f"/accounts/{grant}"


def link(side: Side) -> str:
    """The page behind the newest letter."""
    return urlsplit(links.link(scene.rows(HandOver)[-1], side)).path


def ask(app: Flask, owner: Login) -> Desk:
    """Prove it, and name the new owner."""
    desk = at_a_desk(app, owner.email)
    desk.post("/me/check", password=make.PASSWORD)
    answer = desk.post(f"{here(owner)}/hand-over", email=NEW_EMAIL, name="Nora", on="")
    assert answer.status == 303
    return desk


def test_from_the_wish_to_the_new_owner(app: Flask, owner: Login) -> None:
    desk = at_a_desk(app, owner.email)
    assert "Garage West" in desk.get(f"{here(owner)}/hand-over").text
    desk = ask(app, owner)
    assert desk.post(link(Side.OLD)).status == 303
    stranger = Desk(app)
    page = stranger.get(link(Side.NEW))
    assert "Garage West" in page.text
    assert "Owner until now" in page.text
    assert stranger.post(link(Side.NEW), name="Nora", password="short").status == 422
    taken = stranger.post(link(Side.NEW), name="Nora", password=make.PASSWORD)
    assert (taken.status, taken.headers["Location"]) == (303, "/login")
    nora = at_a_desk(app, NEW_EMAIL)
    assert "Garage West" in nora.get("/stations").text
    row = scene.rows(HandOver)[-1]
    assert row.state is HandOverState.DONE
    old = at_a_desk(app, owner.email)
    past = old.get(f"/accounts/{row.archive_id}/hand-overs")
    assert "Sessions of my time (CSV)" in past.text
    assert b"Receipt" in old.get(f"/hand-overs/{row.id}/sessions.csv").raw
    assert nora.get(f"/hand-overs/{row.id}/sessions.csv").status == 404
    assert old.get(here(owner)).status == 404


def test_undone_and_too_late(app: Flask, owner: Login) -> None:
    desk = ask(app, owner)
    row = scene.rows(HandOver)[-1]
    assert desk.post(f"/hand-overs/{row.id}/cancel", at=f"{here(owner)}/hand-overs").status == 303
    assert "Undone" in desk.get(f"{here(owner)}/hand-overs").text
    assert desk.get(link(Side.OLD)).status == 409


def test_a_wrong_day_is_said_at_the_field(app: Flask, owner: Login) -> None:
    desk = at_a_desk(app, owner.email)
    desk.post("/me/check", password=make.PASSWORD)
    page = desk.post(f"{here(owner)}/hand-over", email=NEW_EMAIL, on="2001-01-01")
    assert (page.status, "This is over already." in page.text) == (422, True)
