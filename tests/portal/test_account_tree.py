"""The tree of accounts in the browser: looking around in it, large and small, growing it, and moving within it."""

import re
from html import unescape

import pytest
from flask import Flask

from accounts import use_cases
from accounts.models import Grant
from accounts.queries import account_tree
from accounts.rights import Role
from accounts.values import AccountId
from tests import make, people, scene
from tests.people import People
from tests.portal.desk import Desk, at_a_desk
from tests.portal.phone import Page


@pytest.fixture
def everybody(app: Flask) -> People:
    """Alice, Bob and Charlie."""
    return people.everybody()


@pytest.fixture
def alice(app: Flask, everybody: People) -> Desk:
    """The owner of the master account, at a desk."""
    return at_a_desk(app, everybody.alice_login.email)


def named(page: Page) -> list[str]:
    """The accounts that the page lists, in their order."""
    return [unescape(name) for name in re.findall(r'class="row-title"[^>]*>([^<]+)<', page.html)]


def listed(page: Page) -> str:
    """The part of the page that searching replaces."""
    return page.html.partition('id="accounts"')[2]


def test_a_branch_is_added_with_a_property_in_it_and_both_stand_in_a_tree(alice: Desk, everybody: People) -> None:
    made = alice.post(f"/accounts/{everybody.master.id}/branches/new", name="Filiale Zug")
    assert made.status == 303
    branch = made.headers["Location"].rpartition("/")[2]
    assert alice.post(f"/accounts/{branch}/branches/new", name="").status == 422
    assert alice.post(f"/accounts/{branch}/properties/new", name="Haus Zug").status == 303
    page = alice.get("/accounts")
    assert named(page) == ["Immobilien Test AG", "Filiale Zug", "Haus Zug", "Haus am Berg", "Haus am See"]
    below = re.search(r"<details open>\s*<summary>(.*?)</summary>\s*<ul>(.*?)</ul>", page.html, re.DOTALL)
    assert below
    assert ("One property" in below.group(1), "Haus Zug" in below.group(2)) == (True, True)
    assert "Immobilien Test AG</a> › Filiale Zug" in re.sub(r"\s+", " ", alice.get(f"/accounts/{branch}").html)


def test_two_thousand_properties_come_a_page_at_a_time_and_are_found_by_name_or_town(
    alice: Desk, everybody: People
) -> None:
    branch = use_cases.create_branch(everybody.alice, everybody.master.id, name="Filiale Zug")
    scene.properties(below=branch, count=1_998)
    alice.get("/accounts")
    with scene.statements() as sent:
        top = alice.get("/accounts")
    small = len([text for text in sent if text.startswith("SELECT")])
    assert named(top) == ["Immobilien Test AG", "Filiale Zug", "Haus am Berg", "Haus am See"]
    assert "1998 properties" in top.text
    with scene.statements() as sent:
        first = alice.get(f"/accounts?below={branch.id}")
    assert len([text for text in sent if text.startswith("SELECT")]) <= small, "as many as for a small one"
    assert named(first)[:3] == ["Filiale Zug", "Lot 0001", "Lot 0002"]
    assert len(named(first)) == 51
    assert "Page 1 of 40" in first.text
    assert named(alice.get(f"/accounts?below={branch.id}&page=40"))[-1] == "Lot 1998"
    assert named(alice.get(f"/accounts?below={branch.id}&page=41")) == ["Filiale Zug"]
    found = alice.get("/accounts?text=lot+1234")
    assert named(found) == ["Lot 1234"]
    assert "One account fits." in found.text
    assert "Immobilien Test AG › Filiale Zug" in found.text
    assert "No account fits" in alice.get("/accounts?text=nirgends").text
    assert "40 accounts" not in alice.get("/accounts?text=Zug&page=2").text


def test_bob_sees_where_he_works_and_no_way_further(app: Flask, everybody: People) -> None:
    bob = at_a_desk(app, everybody.bob_login.email)
    page = bob.get(f"/accounts?below={everybody.master.id}")
    assert named(page) == ["Haus am See"]
    assert "Add a" not in listed(page)
    path = f"/accounts/{everybody.home.id}"
    assert [bob.get(f"{path}/{deed}").status for deed in ("move", "branches/new")] == [403, 403]
    assert "Place in the tree" not in bob.get(path).text
    assert bob.get(f"/accounts/{everybody.master.id}/move").status == 404


def test_a_property_moves_to_a_branch(alice: Desk, everybody: People) -> None:
    branch = use_cases.create_branch(everybody.alice, everybody.master.id, name="Filiale Zug")
    path = f"/accounts/{everybody.home.id}/move"
    page = alice.get(path)
    assert f'<option value="{branch.id}" >Immobilien Test AG › Filiale Zug</option>' in page.html
    assert f'<option value="{everybody.master.id}"' not in page.html, "there it is"
    assert "Please choose" in page.text
    assert alice.post(path, parent="", role="owner").status == 422
    moved = alice.post(path, parent=str(branch.id), role="manager")
    assert (moved.status, moved.headers["Location"]) == (303, f"/accounts?below={branch.id}")
    assert "Haus am See has its new place." in alice.get(moved.headers["Location"]).text
    given = {row.holder_id: row.role for row in scene.rows(Grant) if row.account_id == everybody.home.id}
    assert (given[branch.id], given[everybody.master.id]) == (Role.MANAGER, Role.OWNER)


def test_what_must_not_be_is_said_and_nothing_moves(alice: Desk, everybody: People) -> None:
    path = f"/accounts/{everybody.home.id}/move"
    refused = alice.post(path, parent="none", role="owner")
    assert (refused.status, "An account needs at least one owner." in refused.text) == (409, True)
    assert alice.post(path, parent=str(everybody.next_door.id), role="owner").status == 409
    branch = use_cases.create_branch(everybody.alice, everybody.master.id, name="Filiale Zug")
    for role in ("installer", "api_client"):
        assert alice.post(path, parent=str(branch.id), role=role).status == 422
    foreign = next(iter(everybody.charlie.grants))
    assert alice.post(path, parent=str(foreign), role="owner").status == 404
    assert [(node.name, node.depth) for node in account_tree(everybody.alice) if node.id == everybody.home.id] == [
        ("Haus am See", 1)
    ]


def test_a_property_comes_below_the_master_of_somebody_else_when_both_agree(
    app: Flask, alice: Desk, everybody: People
) -> None:
    lone = make.account(name="Genossenschaft Lone")
    wish = {"email": lone.login.email, "kind": "request", "role": "administrator"}
    assert alice.post("/people", **wish).status == 303
    assert alice.get(f"/accounts/{lone.id}/move").status == 404, "nobody is taken in unasked"
    owner = at_a_desk(app, lone.login.email)
    assert owner.post(make.offer_link(lone.login.email), account=str(lone.id)).status == 303
    page = alice.get(f"/accounts/{lone.id}/move")
    assert "Role of the new master account here" in page.text
    assert '<option value="owner"' not in page.html, "nobody gives more than they hold"
    path = f"/accounts/{lone.id}/move"
    assert alice.post(path, parent=str(everybody.master.id), role="administrator").status == 303
    told = {row.name: row.depth for row in account_tree(everybody.alice)}
    assert told["Genossenschaft Lone"] == 1
    [grant] = [row for row in scene.rows(Grant) if row.account_id == lone.id and row.holder_id]
    assert owner.post(f"/people/{grant.id}/revoke", at="/people").status == 303
    assert "Genossenschaft Lone" not in named(alice.get("/accounts"))
    assert AccountId(lone.id) in [node.id for node in account_tree(lone.login.actor)]
