"""The page of all properties: figures, the way down, few statements, and who is shown what."""

import re

import pytest
from flask import Flask

from accounts.rights import Role
from accounts.values import AccountId
from billing import ledger
from billing.values import LedgerAccount
from kit import db
from tests import make, people, scene
from tests.people import People
from tests.portal.desk import at_a_desk


@pytest.fixture
def everybody(app: Flask) -> People:
    """Alice, Bob and Charlie; both of Alice's properties have a station, and one has earned something."""
    made = people.everybody()
    scene.station(property=made.home)
    scene.silent(scene.station(property=made.next_door))
    sides = {LedgerAccount.PROVIDER_SOON: 1_234, LedgerAccount.REVENUE: -1_234}
    with db.transaction(writing=True):
        ledger.post(AccountId(made.home.id), "a", "CHF", sides)
    return made


def test_all_properties_stand_there_and_lead_to_their_dashboards(app: Flask, everybody: People) -> None:
    desk = at_a_desk(app, everybody.alice_login.email)
    page = desk.get("/properties?sort=income")
    listed = page.html.partition('id="properties"')[2]
    assert listed.index("Haus am See") < listed.index("Haus am Berg")
    assert "CHF 12.34" in page.text
    assert "1 Out of service" in page.text
    sums = desk.get("/properties/totals").text
    assert "CHF 12.34" in sums
    assert "1 in trouble" in sums
    desk.post("/accounts/choose", at="/properties", account=str(everybody.home.id), next="/dashboard")
    assert re.search(r'page-pretitle">Haus am See', desk.get("/dashboard").html)


def test_what_waits_to_be_looked_at_is_counted(app: Flask, everybody: People) -> None:
    for _ in range(2):
        make.waiting(account=everybody.home)
    desk = at_a_desk(app, everybody.alice_login.email)
    assert re.findall(r'data-words="To look at">(.*?)</td>', desk.get("/properties").html) == ["–", "2"]
    assert re.search(r'To look at</span>\s*<span class="stat-value">2</span>', desk.get("/properties/totals").html)


def test_the_page_takes_at_most_twelve_statements(app: Flask, everybody: People) -> None:
    desk = at_a_desk(app, everybody.alice_login.email)
    for number in range(3):
        scene.station(property=make.property(master=everybody.master, name=f"Haus {number}"))
    desk.get("/properties")
    with scene.statements() as sent:
        assert desk.get("/properties").status == 200
    counted = [text for text in sent if not text.startswith(("BEGIN", "COMMIT"))]
    assert len(counted) <= 12, counted


def test_ticked_ones_are_compared_alone(app: Flask, everybody: People) -> None:
    desk = at_a_desk(app, everybody.alice_login.email)
    listed = desk.get(f"/properties?chosen={everybody.home.id}").html.partition('id="properties"')[2]
    assert "Haus am See" in listed
    assert "Haus am Berg" not in listed
    assert desk.get("/properties?after=nonsense&chosen=x&sort=x").status == 200


def test_who_works_in_one_property_sees_no_others(app: Flask, everybody: People) -> None:
    assert "Haus am Berg" not in at_a_desk(app, everybody.bob_login.email).get("/properties").text
    assert "Haus am" not in at_a_desk(app, everybody.charlie_login.email).get("/properties").text
    support = make.login(account=everybody.master.account, role=Role.SUPPORT)
    page = at_a_desk(app, support.email).get("/properties")
    assert "Haus am Berg" in page.text
    assert "CHF" not in page.text, "stations without the money"
