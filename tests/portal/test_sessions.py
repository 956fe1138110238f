"""Sessions in the browser."""

import json
import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from flask import Flask

from accounts.access import SYSTEM
from charging.models import ChargingSession
from charging.use_cases import close_stale_session
from charging.values import SessionId, SessionKind
from kit import clock
from stations.models import Connector, StationCommand
from tests import scene
from tests.portal.office import Office, office


@pytest.fixture
def at_work(app: Flask) -> Office:
    """Alice, Bob and Charlie at their desks."""
    return office(app)


@pytest.fixture
def connector(at_work: Office) -> Connector:
    """A connector of Bob's property."""
    return scene.connector(scene.station(property=at_work.people.home, name="Ost"))


def listed(html: str) -> list[str]:
    """The addresses of the sessions in a list."""
    return re.findall(r'href="/sessions/([0-9a-f-]{36})"', html)


def test_the_list_goes_on_page_by_page(at_work: Office, connector: Connector) -> None:
    start = clock.now() - timedelta(days=2)
    made = [
        scene.session(connector=connector, ended=True, started_at=start + timedelta(minutes=number))
        for number in range(30)
    ]
    newest = [str(row.id) for row in reversed(made)]
    first = at_work.bob.get("/sessions")
    assert listed(first.html) == newest[:25]
    older = re.search(r'rel="next" href="([^"]+)"', first.html)
    assert older
    assert listed(at_work.bob.get(unescape(older.group(1))).html) == newest[25:]
    assert listed(at_work.charlie.get("/sessions").html) == []


def test_the_list_is_narrowed_by_the_days_of_the_property(at_work: Office, connector: Connector) -> None:
    evening = datetime(2026, 7, 8, 21, 59, tzinfo=UTC)
    late = scene.session(connector=connector, ended=True, started_at=evening, kind=SessionKind.PAID)
    next_day = scene.session(connector=connector, ended=True, started_at=evening + timedelta(minutes=1))
    for asked, found in (
        ("since=2026-07-09", [next_day]),
        ("until=2026-07-08", [late]),
        ("since=2026-07-08&until=2026-07-09", [next_day, late]),
        ("kind=paid", [late]),
        ("state=active", []),
        ("doubtful=1", []),
        (f"station={connector.station_id}", [next_day, late]),
        ("since=gestern&station=hier&before=nichts&kind=x", [next_day, late]),
    ):
        assert listed(at_work.bob.get(f"/sessions?{asked}").html) == [str(row.id) for row in found], asked


def test_a_running_session_is_live_and_can_be_stopped(at_work: Office, connector: Connector) -> None:
    session = scene.session(connector=connector, energy_wh=2_500, last_power_w=10_900)
    for minute in (0, 30, 60):
        scene.reading(session, minutes=minute, energy_wh=minute * 40, power_w=10_900)
    path = f"/sessions/{session.id}"
    page = at_work.bob.get(path)
    assert f'{path}/live"' in page.html
    assert "2.500 kWh" in page.text
    assert "10.9 kW" in page.text
    curve = re.search(r"data-curve='([^']+)'", page.html)
    assert curve
    points = json.loads(unescape(curve.group(1)))["points"]
    assert [point[1:] for point in points] == [[10_900, 0], [10_900, 1_200], [10_900, 2_400]]
    assert points[0][0] == int(session.started_at.timestamp())
    assert at_work.bob.post(f"{path}/stop", at=path).status == 303
    (stop,) = scene.rows(StationCommand)
    assert stop.payload == {"transactionId": session.transaction_id}
    assert "The station was asked to stop." in at_work.bob.get(path).text


def test_an_ended_session_says_so_when_it_is_stopped_again(at_work: Office, connector: Connector) -> None:
    session = scene.session(connector=connector, ended=True, stop_reason="EVDisconnected")
    path = f"/sessions/{session.id}"
    page = at_work.bob.get(path)
    assert "unplugging" in page.text
    assert not page.has_form("/stop")
    at_work.bob.post(f"{path}/stop", at="/me")
    assert "This session has ended already." in at_work.bob.get(path).text
    assert scene.rows(StationCommand) == []


def test_doubts_are_shown_with_the_session(at_work: Office, connector: Connector) -> None:
    session = scene.session(connector=connector, energy_wh=900)
    close_stale_session(SYSTEM, SessionId(session.id))
    page = at_work.bob.get(f"/sessions/{session.id}")
    assert "Doubtful messages Estimated" in page.text
    assert listed(at_work.bob.get("/sessions?doubtful=1").html) == [str(session.id)]


def test_money_is_for_those_who_may_see_it(at_work: Office, connector: Connector) -> None:
    session = scene.session(connector=connector, ended=True)
    assert "Price and payment" in at_work.alice.get(f"/sessions/{session.id}").text
    assert "Price and payment" not in at_work.bob.get(f"/sessions/{session.id}").text


def test_strangers_find_no_session(at_work: Office, connector: Connector) -> None:
    session = scene.session(connector=connector)
    path = f"/sessions/{session.id}"
    assert at_work.charlie.get(path).status == 404
    assert at_work.charlie.post(f"{path}/stop", at="/me").status == 404
    assert scene.rows(StationCommand) == []
    assert scene.row(ChargingSession, session.id).ended_at is None
