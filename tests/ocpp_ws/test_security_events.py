"""SecurityEventNotification: stored as it is said, acknowledged always, shown to those who may see it, gone in time."""

from datetime import timedelta

import pytest

from accounts.access import SYSTEM
from accounts.values import AccountId
from kit import clock, db, settings
from kit.errors import NotFound
from stations import jobs
from stations.models import SecurityEvent
from stations.queries import security_events
from stations.security_kinds import CRITICAL, SECURITY_KINDS
from stations.values import SecurityEventId, StationId
from tests import scene
from tests.people import People
from tests.talk import Talk, ago, iso

pytestmark = pytest.mark.usefixtures("database", "program")


def talk() -> Talk:
    return Talk(scene.station())


@pytest.mark.parametrize("kind", list(SECURITY_KINDS))
def test_every_event_of_the_standard_is_stored_and_acknowledged(kind: str) -> None:
    charger, at = talk(), ago(minutes=3)
    said = {"type": kind, "timestamp": iso(at), "techInfo": "relay 3"}
    assert charger.call("SecurityEventNotification", said) == {}
    (row,) = security_events(SYSTEM, station_id=StationId(charger.station.id))
    assert (row.event.kind, row.event.tech_info, row.event.station_at) == (kind, "relay 3", at)
    assert clock.now() - row.event.at < timedelta(minutes=1)
    assert row.critical is (kind in CRITICAL)


def test_the_white_paper_calls_seven_of_its_own_kinds_critical() -> None:
    of_1_6 = list(SECURITY_KINDS)[: list(SECURITY_KINDS).index("FailedToAuthenticateAtCsms")]
    assert (len(of_1_6), len(CRITICAL & set(of_1_6))) == (18, 7)


def test_a_vendors_own_event_without_a_time_and_far_too_long_is_kept_whole() -> None:
    charger = talk()
    assert charger.call("SecurityEventNotification", {"type": "DoorAjar", "techInfo": "x" * 900}) == {}
    (row,) = security_events(SYSTEM, station_id=StationId(charger.station.id))
    assert (row.event.kind, row.event.tech_info, row.event.station_at) == ("DoorAjar", "x" * 900, None)
    assert (row.known, row.critical) == (None, False)


def test_a_secret_in_what_a_station_tells_is_not_kept() -> None:
    charger = talk()
    said = {"type": "SettingSystemTime", "timestamp": iso(clock.now()), "techInfo": "wifi password=geheim, reset"}
    charger.call("SecurityEventNotification", said)
    (row,) = security_events(SYSTEM, station_id=StationId(charger.station.id))
    assert row.event.tech_info == "wifi password=***, reset"


def test_another_spelling_of_a_known_event_is_the_known_one() -> None:
    charger = talk()
    charger.call("SecurityEventNotification", {"type": "tamperdetectionactivated", "timestamp": iso(clock.now())})
    (row,) = security_events(SYSTEM, station_id=StationId(charger.station.id), critical=True)
    assert row.event.kind == "TamperDetectionActivated"


def test_pages_are_newest_first_and_follow_one_another() -> None:
    charger = talk()
    for number in range(5):
        charger.call("SecurityEventNotification", {"type": "InvalidMessages", "techInfo": str(number)})
    first = security_events(SYSTEM, limit=3)
    rest = security_events(SYSTEM, before=SecurityEventId(first[-1].event.id), limit=3)
    assert [row.event.tech_info for row in first + rest] == ["4", "3", "2", "1", "0"]


def test_an_account_sees_its_own_and_those_below_and_nobody_else_any(people: People) -> None:
    station = scene.station(property=people.home, name="Tor")
    Talk(station).call("SecurityEventNotification", {"type": "MemoryExhaustion", "timestamp": iso(clock.now())})
    for actor in (people.alice, people.bob):
        (row,) = security_events(actor, account_id=AccountId(people.home.id))
        assert (row.station_name, row.event.kind) == ("Tor", "MemoryExhaustion")
    assert len(security_events(people.alice, account_id=people.master.id)) == 1
    assert security_events(people.alice, account_id=AccountId(people.next_door.id)) == []
    assert security_events(people.charlie) == []
    with pytest.raises(NotFound):
        security_events(people.charlie, station_id=StationId(station.id))


def test_events_go_when_their_time_is_over() -> None:
    charger = talk()
    for age in (364, 366):
        charger.call("SecurityEventNotification", {"type": "ResetOrReboot", "techInfo": f"{age} days"})
        with db.transaction(writing=True) as unit:
            row = unit.session.query(SecurityEvent).filter_by(tech_info=f"{age} days").one()
            row.at = clock.now() - timedelta(days=age)
    assert settings.current().security_event_days == 365
    next(job for job in jobs.JOBS if job.name == "stations.prune_security_events").run()
    assert [row.event.tech_info for row in security_events(SYSTEM)] == ["364 days"]
