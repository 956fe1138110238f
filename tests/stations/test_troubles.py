"""Stations that connect again and again, do not answer, or are gone: told once, until they are well again."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

import wsgi
from accounts.access import SYSTEM, Actor
from accounts.rights import Role
from accounts.values import AccountId
from kit import clock, db, mail, worker
from kit.errors import NotFound
from kit.ids import new_id
from stations.models import GatewayRun, Station
from stations.queries import station_troubles
from stations.troubles import Trouble
from stations.use_cases import look_for_troubles, note_connection, note_connection_end
from stations.values import FLAPS_FROM, Arrival, Ending, StationId
from tests import make, scene
from tests.people import People
from webhooks.models import WebhookDelivery
from webhooks.use_cases import add_endpoint
from webhooks.values import EventType

pytestmark = pytest.mark.usefixtures("database", "program")


@pytest.fixture
def here(people: People) -> Station:
    worker.bind(wsgi.REACTIONS, wsgi.JOBS)
    return scene.station(property=people.home, name="Nord")


def connects(station: Station, times: int = 1, ending: Ending = Ending.LOST) -> None:
    for _ in range(times):
        connection, actor = new_id(), Actor.station(station.id)
        note_connection(actor, station.account_id, connection, Arrival())
        note_connection_end(actor, connection, ending)


def heard(station: Station, at: datetime) -> None:
    with db.transaction(writing=True) as unit:
        unit.session.execute(update(Station).where(Station.id == station.id).values(last_seen_at=at))


def gateway_since(at: datetime) -> None:
    with db.transaction(writing=True) as unit:
        unit.session.add(GatewayRun(name="here", started_at=at, heard_at=at))


def look(**later: float) -> list[Trouble]:
    """What ails stations by then."""
    with clock.moved_to(clock.now() + timedelta(**later)):
        look_for_troubles(SYSTEM)
        worker.drain()
    return [row.trouble.trouble for row in station_troubles(SYSTEM)]


def letters() -> list[tuple[str, str]]:
    return sorted((one.to, one.subject) for one in mail.letters() if "Störung" in one.subject)


def test_q16_one_that_flaps_is_told_of_once_until_it_is_calm_for_an_hour(people: People, here: Station) -> None:
    add_endpoint(
        people.alice,
        AccountId(people.home.id),
        url="https://example.org/",
        event_types=[EventType.STATION_TROUBLED, EventType.STATION_WELL],
    )
    make.login(account=people.home, role=Role.VIEWER)
    connects(here, FLAPS_FROM - 1)
    assert look() == []
    connects(here)
    assert look() == look(minutes=1) == look(minutes=50) == [Trouble.FLAPPING]
    first = letters()
    assert [to for to, _ in first] == [people.alice_login.email, people.bob_login.email]
    assert first[0][1].startswith("Nord hat eine Störung – ")
    assert look(minutes=62) == []
    connects(here, FLAPS_FROM)
    assert look() == [Trouble.FLAPPING]
    assert letters() == sorted(first * 2)
    told = [one.event_type for one in scene.rows(WebhookDelivery)]
    assert told == [EventType.STATION_TROUBLED, EventType.STATION_WELL, EventType.STATION_TROUBLED]


def test_q19_one_whose_socket_was_closed_twice_for_want_of_answers_is_half_dead(here: Station) -> None:
    connects(here, ending=Ending.UNANSWERED)
    assert look() == []
    connects(here, ending=Ending.UNANSWERED)
    assert look() == look(hours=5) == [Trouble.HALF_DEAD]
    assert look(hours=7) == []
    assert [subject.split(" – ")[0] for _, subject in letters()] == ["Nord hat eine Störung"] * 2


def test_one_that_is_gone_for_a_day_is_told_of_and_one_that_was_gone_long_before_is_not(
    people: People, here: Station
) -> None:
    home = scene.account()
    gone, other = (
        scene.station(property=people.home, name="Weg", online=False),
        scene.station(property=home, online=False),
    )
    now = clock.now()
    heard(gone, now - timedelta(hours=25))
    heard(here, now - timedelta(hours=25))  # its socket is open; it says something once a day
    heard(other, now - timedelta(days=20))
    gateway_since(now - timedelta(minutes=50))
    assert look() == []  # nobody could come before the platform was up again
    assert look(minutes=20) == look(days=30) == [Trouble.GONE]
    heard(gone, clock.now())
    assert look() == []
    assert [subject.split(" – ")[0] for _, subject in letters()] == ["Weg hat eine Störung"] * 2


def test_many_at_once_are_one_letter_and_each_reads_of_those_that_are_his(people: People, here: Station) -> None:
    second = scene.station(property=people.home, name="Süd")
    make.login(account=people.home, role=Role.TECHNICIAN, station_id=second.id)
    for one in (here, second):
        connects(one, FLAPS_FROM)
    look()
    subjects = [subject.split(" – ")[0] for _, subject in letters()]
    assert sorted(subjects) == ["2 Stationen haben Störungen"] * 2 + ["Süd hat eine Störung"]


def test_who_may_not_see_a_station_does_not_see_what_ails_it(people: People, here: Station) -> None:
    connects(here, FLAPS_FROM)
    look()
    assert [row.station_name for row in station_troubles(people.alice)] == ["Nord"]
    assert station_troubles(people.charlie) == []
    with pytest.raises(NotFound):
        station_troubles(people.charlie, station_id=StationId(here.id))
