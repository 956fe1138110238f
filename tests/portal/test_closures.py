"""Closing an account and deleting a login, in the browser and by GraphQL."""

import re
import zipfile
from datetime import timedelta
from io import BytesIO
from urllib.parse import urlsplit

import pytest
from flask import Flask

from accounts.access import SYSTEM
from accounts.models import Account, User
from accounts.rights import Role
from accounts.use_cases import make_staff
from accounts.values import AccountId
from closures import jobs, links
from closures.models import Export
from kit import clock
from stations.models import Connector
from tests import make, scene
from tests.closures.test_closing import closed, paid_out, parties
from tests.made import Login
from tests.portal.desk import Desk, at_a_desk


@pytest.fixture
def owner() -> Login:
    """Of a property with a station."""
    station = make.station(property=make.property(), name="Garage West")
    return make.login(account=make.row(Account, station.station.account_id))


def here(owner: Login) -> str:
    """The property's page."""
    (grant,) = owner.actor.grants
    return f"/accounts/{grant}"


def proven(app: Flask, owner: Login) -> Desk:
    """Somebody who just proved it."""
    desk = at_a_desk(app, owner.email)
    desk.post("/me/check", password=make.PASSWORD)
    return desk


def test_an_owner_takes_a_copy_and_closes_and_undoes(app: Flask, owner: Login) -> None:
    desk = at_a_desk(app, owner.email)
    close = f"{here(owner)}/close"
    assert "Copy or close" in desk.get(here(owner)).text
    assert "Garage West" in desk.get(close).text
    with clock.moved_to(clock.now() + timedelta(minutes=11)):
        assert "Please prove first that it is you." in desk.get(close).text
    assert desk.post(f"{here(owner)}/exports", at=close).status == 303
    assert "Waits to be written" in desk.get(close).text
    jobs.write_exports()
    assert "Download" in desk.get(close).text
    (row,) = scene.rows(Export)
    path = urlsplit(links.link(row)).path
    answer = app.test_client().get(path, buffered=True)
    assert answer.headers["Content-Type"] == "application/zip"
    assert "stations.csv" in zipfile.ZipFile(BytesIO(answer.data)).namelist()
    assert app.test_client().get(path[:-2]).status_code == 409
    assert desk.post(close).status == 303
    assert "will be closed on" in desk.get(close).text
    assert desk.post(f"{close}/undo", at=close).status == 303
    assert "Close it in 30 days" in desk.get(close).text


def test_what_stands_against_it_is_named(app: Flask, owner: Login) -> None:
    desk = proven(app, owner)
    (account_id,) = owner.actor.grants
    close = f"{here(owner)}/close"
    token_page = desk.get(close)
    assert "Close it in 30 days" in token_page.text
    (connector,) = [one for one in scene.rows(Connector) if one.account_id == account_id and one.number]
    scene.session(connector=connector)
    refused = desk.post(close)
    assert refused.status == 409
    assert "Sessions that run, at Garage West" in refused.text


def test_staff_hands_out_documents_of_a_closed_account(app: Flask) -> None:
    shop, olga = parties()
    paid_out(shop)
    closed(olga, AccountId(shop.account.id))
    login = make.account(name="Plattform AG").login
    make_staff(SYSTEM, email=login.email)
    staff = at_a_desk(app, login.email)
    assert "Closed accounts" in staff.get("/platform/tenants").text
    listed = staff.get("/platform/closed-accounts?search=linden")
    (path,) = re.findall(r'href="(/platform/closed-accounts/[^"?]+)"', listed.html)
    page = staff.get(path)
    assert "Receipt R-000001" in page.text
    (document,) = re.findall(r'name="documents" value="([^"]+)"', page.html)
    assert "Please tick at least one document." in staff.post(path, reason="Audit").text
    assert 'id="reason-problem"' in staff.post(path, documents=document).html
    assert staff.post(path, documents=document, reason="Audit of 2026").status == 303
    given = staff.get(path)
    assert "Audit of 2026" in given.text
    (link,) = re.findall(r'data-copy="http[^"]+(/hand-outs/[^"]+)"', given.html)
    assert app.test_client().get(link).data.startswith(b"%PDF")
    (end,) = [action for action, _ in given.forms if action.endswith("/withdraw")]
    assert staff.post(end, at=path).status == 303
    assert "withdrawn on" in staff.get(path).text
    assert app.test_client().get(link).status_code == 409
    assert "No document bears this number" in staff.get(f"{path}?search=R-9").text


def test_others_may_not(app: Flask, owner: Login) -> None:
    viewer = make.login(account=make.row(Account, next(iter(owner.actor.grants))), role=Role.VIEWER)
    desk = at_a_desk(app, viewer.email)
    assert "Copy or close" not in desk.get(here(owner)).text
    assert desk.get(f"{here(owner)}/close").status == 403


def test_a_person_deletes_the_own_login(app: Flask, owner: Login) -> None:
    alone = make.account(name="Allein AG").login
    refused = proven(app, alone).post("/me/delete")
    assert refused.status == 409
    assert "Allein AG" in refused.text
    login = make.login(account=make.row(Account, next(iter(owner.actor.grants))), role=Role.VIEWER)
    viewer = at_a_desk(app, login.email)
    with clock.moved_to(clock.now() + timedelta(minutes=11)):
        assert "Please prove first that it is you." in viewer.get("/me/delete").text
    assert viewer.post("/me/delete").status == 303
    assert "My roles" not in viewer.get("/me").text
    assert login.email not in {one.email for one in scene.rows(User)}
