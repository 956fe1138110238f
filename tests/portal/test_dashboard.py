"""The dashboard: counts, trouble, money for whom it concerns, few statements."""

import json
import re
from datetime import timedelta
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import event

from accounts.access import SYSTEM
from accounts.queries import people as people_of
from accounts.use_cases import revoke_grant
from accounts.values import AccountId, GrantId
from billing import ledger
from billing.values import LedgerAccount
from kit import clock, db
from stations.values import ConnectorStatus, NewConnector
from tests import people, scene
from tests.made import Login
from tests.people import People
from tests.portal.desk import Desk, at_a_desk


@pytest.fixture
def everybody(app: Flask) -> People:
    """Alice, Bob and Charlie."""
    return people.everybody()


class Statements:
    """Counts what is sent to the database."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def __enter__(self) -> "Statements":
        event.listen(db.engine(), "before_cursor_execute", self._note)
        return self

    def __exit__(self, *_: object) -> None:
        event.remove(db.engine(), "before_cursor_execute", self._note)

    def _note(self, _connection: object, _cursor: object, statement: str, *_: object) -> None:
        self.texts.append(statement)


def desk_of(app: Flask, login: Login) -> Desk:
    """A signed-in person."""
    return at_a_desk(app, login.email)


def earn(account_id: object, key: str, gross_minor: int) -> None:
    earned = {
        LedgerAccount.REVENUE: -gross_minor,
        LedgerAccount.PLATFORM_FEE: gross_minor // 10,
        LedgerAccount.PROVIDER_AVAILABLE: gross_minor - gross_minor // 10,
    }
    with db.transaction(writing=True):
        ledger.post(account_id, key, "CHF", earned)  # type: ignore[arg-type]  # any account of the test


def tile(html: str, words: str) -> int:
    dot = r'<span class="state-dot bg-\w+"></span>'
    found = re.search(rf'tile-count">(\d+)</span>\s*<span class="tile-words">{dot}{words}</span>', html)
    assert found, words
    return int(found.group(1))


def test_connectors_are_counted_by_the_state_that_people_see(app: Flask, everybody: People) -> None:
    scene.station(property=everybody.home, connectors=[NewConnector()] * 3)
    scene.station(property=everybody.next_door, status=ConnectorStatus.CHARGING)
    scene.silent(scene.station(property=everybody.next_door, name="Stumm"))
    page = desk_of(app, everybody.alice_login).get("/dashboard?lang=en")
    counts = [
        tile(page.html, words) for words in ("Available", "Car connected", "Occupied", "Faulted", "Out of service")
    ]
    assert counts == [3, 0, 1, 0, 1]
    assert "Stumm" in page.text
    bob = desk_of(app, everybody.bob_login).get("/dashboard?lang=en")
    assert tile(bob.html, "Available") == 3
    assert tile(bob.html, "Occupied") == 0
    assert "All stations are heard and fine." in bob.text
    assert "First steps" not in bob.text


def test_who_has_no_station_yet_reads_what_to_do(app: Flask, everybody: People) -> None:
    page = desk_of(app, everybody.charlie_login).get("/dashboard?lang=en")
    assert "No sessions yet" in page.text
    assert "All stations are heard and fine." not in page.text
    steps = page.html.partition("First steps")[2].partition("</section>")[0]
    (home,) = everybody.charlie.grants
    links = [f"/accounts/{home}/properties/new", f"/accounts/{home}/payout", "/partner/profile", "/stations/new"]
    assert re.findall(r'<a[^>]* href="(/[^"]+)"', steps) == links


def test_the_last_twenty_sessions_stand_there_newest_first(app: Flask, everybody: People) -> None:
    connector = scene.connector(scene.station(property=everybody.home, name="Ost"))
    for number in range(22):
        started = clock.now() - timedelta(hours=number + 1)
        scene.session(connector=connector, ended=True, energy_wh=1_000 * (number + 1), started_at=started)
    html = desk_of(app, everybody.alice_login).get("/dashboard?lang=en").html
    energies = re.findall(r'data-words="Energy">([\d.’\']+) kWh', html)
    assert energies == [f"{number}.000" for number in range(1, 21)]


def test_money_is_shown_to_those_who_may_see_it(app: Flask, everybody: People) -> None:
    earn(everybody.home.id, "a", 1_000)
    earn(everybody.next_door.id, "b", 500)
    scene.station(property=everybody.home)
    page = desk_of(app, everybody.alice_login).get("/dashboard?lang=en")
    assert "CHF 13.50" in page.text
    assert "Drivers can't pay yet" in page.text
    bob = desk_of(app, everybody.bob_login).get("/dashboard?lang=en")
    for words in ("Income", "CHF", "Drivers can't pay yet"):
        assert words not in bob.text


def test_energy_and_sales_are_drawn_by_day_and_stand_in_a_table(app: Flask, everybody: People) -> None:
    connector = scene.connector(scene.station(property=everybody.home))
    scene.session(connector=connector, ended=True, energy_wh=7_000, started_at=clock.now())
    earn(everybody.home.id, "a", 1_234)
    html = desk_of(app, everybody.alice_login).get("/dashboard?lang=en").html
    energy, sales = (json.loads(unescape(text)) for text in re.findall(r"data-bars='([^']+)'", html))
    assert (len(energy["starts"]), energy["values"][-1], sum(energy["values"])) == (30, 7_000, 7_000)
    assert (len(sales["values"]), sales["values"][-1], sum(sales["values"])) == (30, 1_234, 1_234)
    assert html.count("<tr>") >= 60
    assert "7.000 kWh" in html


def test_the_dashboard_takes_at_most_fifteen_statements_however_much_there_is(app: Flask, everybody: People) -> None:
    desk = desk_of(app, everybody.alice_login)
    counts = []
    for _ in range(2):
        for name in ("A", "B", "C"):
            station = scene.station(property=everybody.home, name=name, connectors=[NewConnector()] * 2)
            scene.session(connector=scene.connector(station))
            scene.silent(scene.station(property=everybody.next_door))
        with Statements() as sent:
            assert desk.get("/dashboard?lang=en").status == 200
        counts.append(len([text for text in sent.texts if not text.startswith(("BEGIN", "COMMIT"))]))
    assert counts[0] == counts[1]
    assert counts[1] <= 15, sent.texts  # five of them: who asks, what they see, and whether they are verified


def test_who_is_in_no_account_is_led_to_the_accounts(app: Flask, everybody: People) -> None:
    grant = next(
        row for row in people_of(SYSTEM, AccountId(everybody.home.id)) if row.email == everybody.bob_login.email
    )
    revoke_grant(SYSTEM, GrantId(grant.grant_id))
    page = desk_of(app, everybody.bob_login).get("/dashboard", follow=False)
    assert (page.status, page.headers["Location"]) == (302, "/accounts")
