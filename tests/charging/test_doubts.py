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
    assert {row.session_id for row in scene.rows(DoubtfulFact)} == {None, session.id}, "the first state, and the start"


@pytest.mark.parametrize("stamp", ["yesterday", "1970-01-01T00:00:00Z", "2199-01-01T00:00:00Z"])
def test_a_stamp_of_a_state_that_cant_be_true_is_noted_until_somebody_has_looked(stamp: str) -> None:
    charger = Talk(scene.station())
    charger.status("Available", timestamp=iso(clock.now()))
    charger.call("StatusNotification", {"connectorId": 1, "errorCode": "NoError", "status": "Available"})
    assert scene.rows(DoubtfulFact, DoubtfulFact.doubt == Doubt.CLOCK) == [], "a right one, and none"
    for _ in range(2):
        charger.status("Available", timestamp=stamp)
    (row,) = scene.rows(DoubtfulFact, DoubtfulFact.doubt == Doubt.CLOCK)
    assert (row.code, row.action, row.session_id) == ("clock_impossible", "StatusNotification", None)


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


def codes(session: ChargingSession | None = None) -> list[str]:
    """The doubts of a session, or of none, in the order in which they were named."""
    mine = DoubtfulFact.session_id.is_(None) if session is None else DoubtfulFact.session_id == session.id
    return [row.code for row in scene.rows(DoubtfulFact, mine)]


def test_a_bad_stamp_or_value_of_a_reading_of_no_session_is_named_until_somebody_looked() -> None:
    charger = Talk(scene.station())
    for _ in range(2):
        charger.meter({"value": "9000000", "measurand": "Power.Active.Import"}, at="1970-01-01T00:00:00Z")
    assert codes() == ["clock_impossible", "too_much_power"]
    mark_all_doubts_looked_at(SYSTEM, AccountId(charger.station.account_id))
    charger.meter({"value": "1"}, at="1970-01-01T00:00:00Z")
    assert codes() == ["clock_impossible", "too_much_power", "clock_impossible"]


def test_bad_stamps_of_readings_that_come_after_the_end_are_named() -> None:
    charger = Talk(scene.station())
    transaction = charger.start(at=iso(ago(minutes=5)))["transactionId"]
    charger.stop(transaction)
    charger.meter({"value": "1500"}, at="2099-01-01T00:00:00Z", transactionId=transaction)
    (session,) = scene.rows(ChargingSession)
    assert "clock_impossible" in codes(session)


@pytest.mark.parametrize(
    ("sample", "said"),
    [({"value": "a lot"}, "a lot"), ({"value": "12", "unit": "V"}, "12 V"), ({"value": "9" * 20}, "9" * 20)],
)
def test_a_reading_that_can_not_be_understood_is_named(sample: dict[str, str], said: str) -> None:
    charger = Talk(scene.station())
    charger.start(at=iso(ago(minutes=5)))
    charger.meter(sample)
    charger.meter(sample)
    assert facts("reading_not_understood") == {"said": said}


@pytest.mark.parametrize(
    "sample",
    [{"value": ""}, {"value": " "}, {"value": "AAAA", "format": "SignedData"}, {"value": "x", "measurand": "Voltage"}],
)
def test_empty_and_signed_values_and_those_that_count_for_nothing_are_no_doubt(sample: dict[str, str]) -> None:
    charger = Talk(scene.station())
    charger.start(at=iso(ago(minutes=5)))
    charger.meter(sample)
    (session,) = scene.rows(ChargingSession)
    assert "reading_not_understood" not in codes(session)


@pytest.mark.parametrize("number", [None, 0, -1, 150])
def test_a_start_without_a_plug_that_exists_runs_on_one_and_is_named(number: int | None) -> None:
    charger = Talk(scene.station())
    charger.start(connector=number)
    (session,) = scene.rows(ChargingSession)
    assert session.connector_id == scene.connector(charger.station, 1).id
    assert "started_on_no_plug" in codes(session)


def test_the_bad_stamp_and_the_missing_register_of_an_end_that_nobody_knows_are_named() -> None:
    charger = Talk(scene.station())
    charger.call("StopTransaction", {"transactionId": 77, "meterStop": "?", "timestamp": "1970-01-01T00:00:00Z"})
    (session,) = scene.rows(ChargingSession)
    assert codes(session) == ["unknown_transaction", "clock_impossible", "orphan_without_register"]


def test_a_time_without_a_zone_is_a_doubt_until_the_clock_was_seen_to_be_right() -> None:
    charger = Talk(scene.station())
    charger.start(at=ago(hours=2).strftime("%Y-%m-%dT%H:%M:%S"))
    charger.status("Charging", timestamp=iso(clock.now()))
    charger.start(at=ago(minutes=1).strftime("%Y-%m-%dT%H:%M:%S"), connector=2)
    first, second = sorted(scene.rows(ChargingSession), key=lambda one: one.started_at)
    assert ("clock_without_zone" in codes(first), "clock_without_zone" in codes(second)) == (True, False)
