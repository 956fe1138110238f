"""Reading sessions: lists, pages, curves, and what strangers may know."""

from datetime import UTC, date, datetime, timedelta

import pytest

from accounts.access import ANYONE, SYSTEM
from accounts.values import AccountId
from charging.queries import (
    CurvePoint,
    SessionFilter,
    active_session_of,
    daily_energy,
    doubts_of_station,
    recent_starts,
    session_by_authorisation,
    session_curve,
    session_page,
    sessions,
    tag_page,
)
from charging.use_cases import add_tag, block_tag, close_stale_session, request_start
from charging.values import AuthorisationId, Doubt, SessionId, SessionKind, SessionState, TagState
from kit import clock
from kit.errors import Forbidden, Invalid, NotFound
from stations.values import StationId
from tests import scene

pytestmark = pytest.mark.usefixtures("database", "program")


def test_lists_show_the_newest_sessions_of_what_one_may_see() -> None:
    people = scene.people()
    here = scene.connector(scene.station(property=people.property, name="Ost"))
    there = scene.connector(scene.station(property=people.other_property, name="West"))
    now = clock.now()
    old = scene.session(connector=here, ended=True, started_at=now - timedelta(days=2), energy_wh=5_000)
    mid = scene.session(connector=there, ended=True, started_at=now - timedelta(days=1))
    new = scene.session(connector=here, energy_wh=1_234)
    rows = sessions(people.alice)
    assert [row.session.id for row in rows] == [new.id, mid.id, old.id]
    assert [row.station_name for row in rows] == ["Ost", "West", "Ost"]
    assert (rows[0].active, rows[0].energy_wh, rows[2].energy_wh) == (True, 1_234, 5_000)
    assert [row.session.id for row in sessions(people.bob)] == [new.id, old.id]
    assert sessions(people.charlie) == sessions(ANYONE) == []
    assert len(sessions(people.alice, account_id=AccountId(people.other_property.id))) == 1
    assert len(sessions(people.alice, station_id=StationId(here.station_id))) == 2
    assert len(sessions(people.alice, connector_id=there.id)) == 1


def test_lists_go_on_before_the_last_one() -> None:
    connector = scene.connector(scene.station())
    same = clock.now() - timedelta(hours=3)
    made = [scene.session(connector=connector, ended=True, started_at=same) for _ in range(5)]
    first = sessions(SYSTEM, limit=2)
    second = sessions(SYSTEM, limit=2, before=SessionId(first[-1].session.id))
    third = sessions(SYSTEM, limit=2, before=SessionId(second[-1].session.id))
    found = [row.session.id for row in (*first, *second, *third)]
    assert found == [session.id for session in reversed(made)]
    assert sessions(SYSTEM, before=SessionId(found[-1])) == []


def test_lists_are_narrowed_by_state_kind_time_and_doubt() -> None:
    connector = scene.connector(scene.station())
    now = clock.now()
    active = scene.session(connector=connector)
    paid = scene.session(connector=connector, ended=True, kind=SessionKind.PAID, started_at=now - timedelta(days=9))
    estimated = scene.session(connector=connector, started_at=now - timedelta(days=1))
    close_stale_session(SYSTEM, SessionId(estimated.id))
    for wanted, expected in (
        (SessionFilter(state=SessionState.ACTIVE), [active]),
        (SessionFilter(kind=SessionKind.PAID), [paid]),
        (SessionFilter(doubtful=True), [estimated]),
        (SessionFilter(started_from=paid.started_at, started_until=active.started_at), [estimated, paid]),
        (SessionFilter(started_until=paid.started_at), []),
    ):
        assert [row.session.id for row in sessions(SYSTEM, wanted=wanted)] == [row.id for row in expected], wanted


def test_a_session_page_has_its_place_and_its_doubts() -> None:
    people = scene.people()
    connector = scene.connector(scene.station(property=people.property, name="Ost"))
    session = scene.session(connector=connector, energy_wh=2_000)
    close_stale_session(SYSTEM, SessionId(session.id))
    page = session_page(people.vera, SessionId(session.id))
    assert (page.station_name, page.connector_number, page.max_power_w) == ("Ost", 1, 11_000)
    assert [doubt.doubt for doubt in page.doubts] == [Doubt.ESTIMATED]
    assert [doubt.doubt for doubt in doubts_of_station(people.vera, StationId(connector.station_id))] == [
        Doubt.ESTIMATED
    ]
    for actor in (people.charlie, ANYONE):
        with pytest.raises(NotFound):
            session_page(actor, SessionId(session.id))
        with pytest.raises(NotFound):
            session_curve(actor, SessionId(session.id))
        with pytest.raises(NotFound):
            doubts_of_station(actor, StationId(connector.station_id))


def test_a_curve_is_in_order_and_thinned_out_evenly() -> None:
    session = scene.session(connector=scene.connector(scene.station()))
    for minute in (2, 1, 3, 4, 5):
        scene.reading(session, minutes=minute, energy_wh=minute * 100, power_w=6_000)
    scene.reading(session, minutes=6, energy_wh=None, power_w=None)
    start = session.started_at
    curve = session_curve(SYSTEM, SessionId(session.id))
    assert curve[0] == CurvePoint(start + timedelta(minutes=1), 1_100, 6_000)
    assert [point.energy_wh for point in curve] == [1_100, 1_200, 1_300, 1_400, 1_500]
    assert [point.energy_wh for point in session_curve(SYSTEM, SessionId(session.id), most=3)] == [1_100, 1_300, 1_500]


def test_anybody_sees_that_a_connector_is_taken_and_since_when() -> None:
    connector = scene.connector(scene.station())
    assert active_session_of(ANYONE, connector.id) is None
    session = scene.session(connector=connector)
    running = active_session_of(ANYONE, connector.id)
    assert running is not None
    assert (running.id, running.started_at) == (session.id, session.started_at)


def test_a_permission_leads_to_its_session() -> None:
    people = scene.people()
    connector = scene.connector(scene.station(property=people.property))
    permission = request_start(SYSTEM, connector.id)
    assert {key: row.id for key, row in recent_starts(people.vera, connector.station_id).items()} == {
        connector.id: permission.id
    }
    with clock.moved_to(clock.now() + timedelta(minutes=4)):
        assert recent_starts(people.vera, connector.station_id) == {}
    assert session_by_authorisation(SYSTEM, AuthorisationId(permission.id)) is None
    session = scene.session(connector=connector, authorisation=permission)
    found = session_by_authorisation(SYSTEM, AuthorisationId(permission.id))
    assert found is not None
    assert found.id == session.id
    with pytest.raises(Forbidden):
        session_by_authorisation(people.alice, AuthorisationId(permission.id))


def test_tags_are_stored_in_capitals_and_once() -> None:
    people = scene.people()
    account = AccountId(people.property.id)
    tag = add_tag(people.bob, account, " 04a1b2c3 ", name="Hauswart")
    assert tag.id_tag == "04A1B2C3"
    for id_tag, code in (("04A1b2c3", "taken"), ("", "required"), ("x" * 256, "too_long")):
        with pytest.raises(Invalid) as refusal:
            add_tag(people.bob, account, id_tag)
        assert refusal.value.fields == {"id_tag": code}
    for actor, refused in ((people.charlie, NotFound), (people.vera, Forbidden)):
        with pytest.raises(refused):
            add_tag(actor, account, "FF")
        with pytest.raises(refused):
            block_tag(actor, tag.id)
    block_tag(people.bob, tag.id)
    assert [(row.tag.id_tag, row.state) for row in tag_page(people.alice).items] == [("04A1B2C3", TagState.BLOCKED)]
    assert tag_page(people.charlie).items == ()


def test_energy_is_summed_by_the_calendar_day_of_the_property() -> None:
    connector = scene.connector(scene.station())
    with clock.moved_to(datetime(2026, 7, 10, 12, 0, tzinfo=UTC)):
        for started, energy_wh in (
            (datetime(2026, 7, 8, 21, 59, tzinfo=UTC), 1_000),
            (datetime(2026, 7, 8, 22, 0, tzinfo=UTC), 2_000),
            (datetime(2026, 7, 9, 21, 0, tzinfo=UTC), 4_000),
            (datetime(2026, 6, 10, 0, 0, tzinfo=UTC), 8_000),
        ):
            scene.session(connector=connector, ended=True, started_at=started, energy_wh=energy_wh)
        scene.session(connector=connector, energy_wh=500)
        days = daily_energy(SYSTEM)
        assert daily_energy(ANYONE)[-2].sessions == 0
    assert (len(days), days[0].day, days[-1].day) == (30, date(2026, 6, 11), date(2026, 7, 10))
    assert [(day.day.day, day.sessions, day.energy_wh) for day in days if day.sessions] == [
        (8, 1, 1_000),
        (9, 2, 6_000),
        (10, 1, 500),
    ]
