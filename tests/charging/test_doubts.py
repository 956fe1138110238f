"""Doubts as codes with facts: what is noted, who sees it, and that somebody has looked."""

from datetime import timedelta
from uuid import UUID

import pytest

from accounts.access import SYSTEM
from accounts.values import AccountId
from charging.models import ChargingSession, DoubtfulFact
from charging.queries import doubts, open_doubts
from charging.use_cases import look_for_gap, mark_all_doubts_looked_at, mark_doubts_looked_at
from charging.values import Doubt, DoubtId, SessionId
from kit import clock
from kit.errors import Forbidden, NotFound
from stations.models import Station
from stations.queries import forget_station_facts
from stations.use_cases import stations_seen
from tests import scene
from tests.talk import Talk, ago, iso

pytestmark = pytest.mark.usefixtures("database", "program")


def facts(code: str) -> dict[str, object]:
    (row,) = scene.rows(DoubtfulFact, DoubtfulFact.code == code)
    found: dict[str, object] = row.facts
    return found


def test_a_refused_tag_is_noted_with_its_number_and_verdict() -> None:
    Talk(scene.station()).start(tag="X1")
    assert facts("tag_refused") == {"tag": "X1", "verdict": "Invalid"}


def test_a_meter_that_ran_backwards_is_noted_with_its_registers() -> None:
    charger = Talk(scene.station())
    transaction = charger.start(wh=5000, at=iso(ago(minutes=5)))["transactionId"]
    charger.stop(transaction, wh=100)
    assert facts("stopped_backwards") == {"stop_wh": 100, "start_wh": 5000, "last_wh": 5000}


def test_a_message_that_deviates_is_noted_as_it_came() -> None:
    charger = Talk(scene.station())
    charger.status("Available", info="x" * 51)
    (row,) = scene.rows(DoubtfulFact)
    assert (row.code, row.facts["where"], row.detail.startswith("[2,")) == ("schema", "info", True)


def test_q57_a_wrong_clock_is_put_right_and_said_once_it_is_known() -> None:
    charger = Talk(scene.station())
    start = clock.now().replace(microsecond=0)
    for minute in (0, 1):
        with clock.moved_to(start + timedelta(minutes=minute)):
            charger.status("Preparing", timestamp=iso(clock.now() + timedelta(hours=3)))
    with clock.moved_to(start + timedelta(minutes=2)):
        charger.start(at=iso(clock.now() + timedelta(hours=3)))
    (session,) = scene.rows(ChargingSession)
    assert abs(session.started_at - (start + timedelta(minutes=2))) <= timedelta(seconds=2)
    assert 10_798 <= int(str(facts("clock_corrected")["ahead_s"])) <= 10_802


def test_q57_the_clock_of_a_station_is_written_down_with_the_sweep() -> None:
    charger = Talk(scene.station())
    charger.status("Available", timestamp=iso(ago(seconds=20)))
    stations_seen(SYSTEM, {charger.station.id: clock.now()})
    station = scene.row(Station, charger.station.id)
    assert -22 <= (station.clock_skew_s or 0) <= -20
    measured = station.clock_measured_at
    forget_station_facts(charger.station.id)
    charger.status("Available", timestamp=iso(ago(seconds=22)))
    stations_seen(SYSTEM, {charger.station.id: clock.now()})
    assert scene.row(Station, charger.station.id).clock_measured_at == measured  # nothing new


def test_q86_energy_that_no_session_knows_is_noted_once() -> None:
    charger = Talk(scene.station())
    first = charger.start(wh=1000, at=iso(ago(hours=5)))["transactionId"]
    charger.stop(first, wh=3000, at=iso(ago(hours=4)))
    charger.start(wh=9000, at=iso(ago(hours=1)))
    (second,) = [row for row in scene.rows(ChargingSession) if row.meter_start_wh == 9000]
    assert look_for_gap(SYSTEM, SessionId(second.id))
    assert facts("energy_between") == {"missing_wh": 6000, "before_wh": 3000, "start_wh": 9000}
    assert not look_for_gap(SYSTEM, SessionId(second.id))
    assert len(scene.rows(DoubtfulFact, DoubtfulFact.doubt == Doubt.GAP)) == 1


def test_sessions_that_follow_one_another_have_no_gap() -> None:
    charger = Talk(scene.station())
    first = charger.start(wh=1000, at=iso(ago(hours=5)))["transactionId"]
    charger.stop(first, wh=3000, at=iso(ago(hours=4)))
    charger.start(wh=3010, at=iso(ago(hours=1)))
    for row in scene.rows(ChargingSession):
        assert not look_for_gap(SYSTEM, SessionId(row.id))


class TestLookedAt:
    def test_an_account_sees_its_own_and_those_below_until_somebody_has_looked(self) -> None:
        people = scene.people()
        here, there = (Talk(scene.station(property=one)) for one in (people.property, people.other_property))
        for charger in (here, there):
            charger.start(tag="X")
        assert open_doubts(people.alice) == 2
        assert [row.doubt.station_id for row in doubts(people.bob)] == [here.station.id]
        assert doubts(people.charlie) == []
        (row,) = doubts(people.bob)
        assert mark_doubts_looked_at(people.bob, [DoubtId(row.doubt.id)]) == 1
        assert (doubts(people.bob), len(doubts(people.bob, looked_at=True))) == ([], 1)
        assert scene.row(DoubtfulFact, row.doubt.id).looked_by == people.bob.reference
        assert mark_all_doubts_looked_at(people.alice, AccountId(people.master.id)) == 1
        assert open_doubts(people.alice) == 0

    def test_who_may_not_marks_nothing(self) -> None:
        people = scene.people()
        Talk(scene.station(property=people.property)).start(tag="X")
        (row,) = doubts(people.vera)
        one = [DoubtId(UUID(str(row.doubt.id)))]
        with pytest.raises(Forbidden):
            mark_doubts_looked_at(people.vera, one)
        with pytest.raises(NotFound):
            mark_doubts_looked_at(people.charlie, one)
        with pytest.raises(NotFound):
            mark_all_doubts_looked_at(people.charlie, AccountId(people.master.id))
        assert scene.row(DoubtfulFact, row.doubt.id).looked_at is None

    def test_pages_are_newest_first_and_follow_one_another_by_kind(self) -> None:
        charger = Talk(scene.station())
        for wh in range(5):
            charger.start(tag="X", wh=wh)
        newest = doubts(SYSTEM, doubt=Doubt.UNKNOWN_TAG, limit=2)
        older = doubts(SYSTEM, doubt=Doubt.UNKNOWN_TAG, before=DoubtId(newest[-1].doubt.id))
        ids = [row.doubt.id for row in [*newest, *older]]
        assert (len(ids), ids) == (5, sorted(ids, reverse=True))
