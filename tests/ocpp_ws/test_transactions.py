"""Message safety: a transaction message is stored whatever it says, told twice it is one, and answered the same."""

import secrets
from datetime import timedelta
from typing import Any

import pytest

from accounts.access import SYSTEM
from accounts.values import AccountId
from charging.models import Authorisation, ChargingSession, DoubtfulFact, MeterValue, TransactionCounter
from charging.use_cases import add_tag, block_tag, request_start
from charging.values import AuthorisationState, Doubt, SessionKind, SessionState
from kit import clock, db
from kit.errors import Unavailable
from kit.events import OutboxRow
from stations.values import NewConnector
from tests import scene
from tests.talk import Talk, ago, iso

pytestmark = pytest.mark.usefixtures("database", "program")


def talk(connectors: int = 1) -> Talk:
    return Talk(scene.station(connectors=[NewConnector()] * connectors))


def sessions() -> list[ChargingSession]:
    return scene.rows(ChargingSession)


def only() -> ChargingSession:
    (session,) = sessions()
    return session


def doubts() -> list[Doubt]:
    return [row.doubt for row in scene.rows(DoubtfulFact)]


def events(kind: str) -> list[dict[str, Any]]:
    return [row.payload for row in scene.rows(OutboxRow, OutboxRow.kind == kind)]


def test_a_session_from_start_to_stop() -> None:
    charger = talk()
    begun, over = ago(minutes=5), ago(minutes=1)
    add_tag(SYSTEM, charger.station.account_id, "04aabb")
    answer = charger.start(tag="04AaBb", wh=12_345, at=iso(begun))
    assert answer["idTagInfo"] == {"status": "Accepted"}
    assert charger.stop(answer["transactionId"], wh=12_945, at=iso(over), reason="EVDisconnected") == {}
    session = only()
    assert (session.kind, session.state, session.id_tag) == (SessionKind.TAG, SessionState.ENDED, "04AABB")
    assert (session.started_at, session.ended_at) == (begun, over)
    assert (session.meter_start_wh, session.meter_stop_wh, session.energy_wh) == (12_345, 12_945, 600)
    assert (session.stop_reason, session.offline, session.estimated) == ("EVDisconnected", False, False)
    assert [event["session_id"] for event in events("SessionStarted")] == [str(session.id)]
    assert [event["energy_wh"] for event in events("SessionEnded")] == [600]
    assert doubts() == []


def test_q73_a_start_repeated_with_a_new_message_id_gets_the_same_transaction() -> None:
    charger, at = talk(), iso(ago(seconds=3))
    first = charger.start(at=at)
    assert charger.start(at=at) == first
    assert charger.start(at=at, tag="04aabb ") == first  # case and blanks don't matter
    assert len(sessions()) == 1
    assert len(events("SessionStarted")) == 1


def test_a_start_repeated_after_its_stop_is_still_the_same_one() -> None:
    charger, at = talk(), iso(ago(minutes=3))
    first = charger.start(at=at)
    charger.stop(first["transactionId"])
    assert charger.start(at=at) == first
    assert (len(sessions()), only().state) == (1, SessionState.ENDED)


@pytest.mark.parametrize("change", [{"wh": 1001}, {"tag": "OTHER"}, {"connector": 2}, {"at": iso(ago(seconds=7))}])
def test_another_connector_tag_time_or_register_is_another_start(change: dict[str, Any]) -> None:
    charger, at = talk(connectors=2), iso(ago(seconds=3))
    first = charger.start(at=at)
    assert charger.start(**{"at": at, **change})["transactionId"] != first["transactionId"]
    assert len(sessions()) == 2


def test_q65_a_start_nobody_asked_for_gets_a_session_of_its_own_that_nobody_pays() -> None:
    charger = talk(connectors=2)
    one, two = charger.start(), charger.start(connector=2)
    assert one["idTagInfo"] == two["idTagInfo"] == {"status": "Invalid"}
    assert 0 < one["transactionId"] != two["transactionId"] > 0
    assert [session.kind for session in sessions()] == [SessionKind.UNAUTHORISED] * 2
    assert doubts() == [Doubt.UNKNOWN_TAG] * 2


def test_blocked_and_expired_tags_are_told_what_they_are() -> None:
    charger = talk()
    account = AccountId(charger.station.account_id)
    block_tag(SYSTEM, add_tag(SYSTEM, account, "BLOCKED").id)
    add_tag(SYSTEM, account, "OLD", expires_at=ago(days=1))
    verdicts = {
        tag: charger.call("Authorize", {"idTag": tag})["idTagInfo"]["status"] for tag in ("BLOCKED", "OLD", "X")
    }
    assert verdicts == {"BLOCKED": "Blocked", "OLD": "Expired", "X": "Invalid"}


def test_a_tag_of_the_master_account_is_good_at_its_properties_and_one_of_a_neighbour_is_not() -> None:
    people = scene.people()
    charger = Talk(scene.station(property=people.property))
    add_tag(SYSTEM, AccountId(people.master.id), "MASTER")
    add_tag(SYSTEM, AccountId(people.other_property.id), "NEIGHBOUR")
    assert charger.call("Authorize", {"idTag": "master"}) == {"idTagInfo": {"status": "Accepted"}}
    assert charger.call("Authorize", {"idTag": "NEIGHBOUR"}) == {"idTagInfo": {"status": "Invalid"}}


def test_a_permission_is_used_by_the_start_with_its_tag() -> None:
    charger = talk()
    permission = request_start(SYSTEM, scene.connector(charger.station).id, kind=SessionKind.PAID)
    assert charger.call("Authorize", {"idTag": permission.id_tag}) == {"idTagInfo": {"status": "Accepted"}}
    at = iso(ago(seconds=1))
    answer = charger.start(tag=permission.id_tag.lower(), at=at)
    assert answer["idTagInfo"] == {"status": "Accepted"}
    assert (only().kind, only().authorisation_id) == (SessionKind.PAID, permission.id)
    assert scene.row(Authorisation, permission.id).state is AuthorisationState.USED
    assert charger.start(tag=permission.id_tag, at=at) == answer  # the same start again
    again = charger.start(tag=permission.id_tag, wh=2000)  # another one on a used permission
    assert again["idTagInfo"] == {"status": "ConcurrentTx"}
    assert [session.kind for session in sessions()] == [SessionKind.PAID, SessionKind.UNAUTHORISED]


def test_a_tag_whose_session_runs_may_still_authorise_to_end_it() -> None:
    charger = talk()
    permission = request_start(SYSTEM, scene.connector(charger.station).id)
    charger.start(tag=permission.id_tag)
    assert charger.call("Authorize", {"idTag": permission.id_tag}) == {"idTagInfo": {"status": "Accepted"}}


def test_a_permission_of_another_station_is_worth_nothing_here() -> None:
    charger, other = talk(), talk()
    permission = request_start(SYSTEM, scene.connector(other.station).id)
    assert charger.start(tag=permission.id_tag)["idTagInfo"] == {"status": "Invalid"}
    assert scene.row(Authorisation, permission.id).state is AuthorisationState.WAITING


def test_q74_a_stop_repeated_changes_nothing_and_is_answered_the_same() -> None:
    charger, at = talk(), iso(ago(seconds=3))
    transaction = charger.start(wh=1000, at=iso(ago(minutes=9)))["transactionId"]
    assert charger.stop(transaction, wh=3000, at=at) == charger.stop(transaction, wh=3000, at=at) == {}
    assert (only().energy_wh, len(events("SessionEnded")), doubts()) == (2000, 1, [Doubt.UNKNOWN_TAG])


def test_q74_a_stop_that_says_something_else_the_second_time_is_noted_and_the_first_stands() -> None:
    charger = talk()
    transaction = charger.start(wh=1000, at=iso(ago(minutes=9)))["transactionId"]
    charger.stop(transaction, wh=3000)
    charger.stop(transaction, wh=4000)
    assert (only().energy_wh, len(events("SessionEnded"))) == (2000, 1)
    assert doubts() == [Doubt.UNKNOWN_TAG, Doubt.STOP_DIFFERS]


def test_q71_a_stop_for_an_unknown_transaction_becomes_an_orphan_once() -> None:
    charger, at = talk(), iso(ago(minutes=2))
    assert charger.stop(4711, wh=9000, at=at, idTag="04AABB") == {"idTagInfo": {"status": "Invalid"}}
    charger.stop(4711, wh=9000, at=at, idTag="04AABB")
    orphan = only()
    assert (orphan.kind, orphan.state, orphan.energy_wh) == (SessionKind.ORPHAN, SessionState.ENDED, 0)
    assert (orphan.meter_stop_wh, orphan.authorisation_id) == (9000, None)
    assert orphan.transaction_id != 4711
    assert orphan.connector_id == scene.connector(charger.station, 1).id
    assert doubts() == [Doubt.UNKNOWN_TRANSACTION]


def test_an_orphan_knows_its_energy_when_the_stop_brings_the_first_reading() -> None:
    charger = talk(connectors=2)
    begin = {"timestamp": iso(ago(hours=2)), "sampledValue": [{"value": "5000", "context": "Transaction.Begin"}]}
    charger.stop(4711, wh=9000, transactionData=[begin])
    orphan = only()
    assert (orphan.meter_start_wh, orphan.energy_wh, orphan.started_at) == (5000, 4000, ago(hours=2))
    assert orphan.connector_id == scene.connector(charger.station, 0).id  # which of the two is not to be told


def test_a_transaction_of_another_station_can_not_be_stopped() -> None:
    charger, other = talk(), talk()
    transaction = other.start()["transactionId"]
    charger.stop(transaction, wh=99_000)
    states = {session.station_id: (session.kind, session.state) for session in sessions()}
    assert states[other.station.id] == (SessionKind.UNAUTHORISED, SessionState.ACTIVE)
    assert states[charger.station.id] == (SessionKind.ORPHAN, SessionState.ENDED)


@pytest.mark.parametrize("said", [0, -1, None, "0", "rubbish"])
def test_q67_a_stop_without_a_usable_id_ends_the_session_that_is_meant(said: Any) -> None:
    charger = talk(connectors=2)
    charger.start(tag="ONE", connector=1, at=iso(ago(minutes=5)))
    charger.start(tag="TWO", connector=2, at=iso(ago(minutes=5)))
    charger.stop(said, wh=4000, idTag="two")
    ended = [session.id_tag for session in sessions() if session.state is SessionState.ENDED]
    assert ended == ["TWO"]
    assert Doubt.UNKNOWN_TRANSACTION in doubts()


def test_q67_a_stop_without_a_usable_id_that_fits_two_sessions_is_an_orphan() -> None:
    charger = talk(connectors=2)
    charger.start(connector=1, at=iso(ago(minutes=5)))
    charger.start(connector=2, at=iso(ago(minutes=5)))
    charger.stop(-1, wh=4000)
    kinds = [session.kind for session in sessions()]
    assert kinds == [SessionKind.UNAUTHORISED, SessionKind.UNAUTHORISED, SessionKind.ORPHAN]


def test_q80_ids_are_never_used_twice() -> None:
    chargers = [talk(), talk()]
    ids = [charger.start(wh=wh)["transactionId"] for wh in (1, 2, 3) for charger in chargers]
    assert sorted(set(ids)) == sorted(ids)


def test_q81_ids_fit_in_31_bits_and_after_the_last_one_none_is_used_again() -> None:
    charger = talk()
    assert charger.start()["transactionId"] >= 1
    with db.transaction(writing=True) as unit:
        unit.session.get_one(TransactionCounter, 1).last = 2_147_483_646
    assert charger.start(wh=2)["transactionId"] == 2_147_483_647
    with pytest.raises(Unavailable):  # the charger keeps its start, and no id is given out twice
        charger.start(wh=3)


def test_q83_a_register_that_starts_anew_is_never_billed_below_zero() -> None:
    charger = talk()
    begun = ago(minutes=50)
    transaction = charger.start(wh=900_000, at=iso(begun))["transactionId"]
    for minute, wh in ((10, 902_000), (20, 0), (30, 1_500)):
        charger.meter({"value": str(wh)}, transactionId=transaction, at=iso(begun + timedelta(minutes=minute)))
    charger.stop(transaction, wh=2_000)
    session = only()
    assert (session.meter_stop_wh, session.energy_wh, session.estimated) == (2_000, 2_000 + 2_000, True)
    assert doubts().count(Doubt.REGISTER_BACKWARDS) == 2  # once in the readings, once at the stop


def test_q83_a_stop_below_the_start_without_readings_is_no_energy() -> None:
    charger = talk()
    charger.stop(charger.start(wh=900_000, at=iso(ago(minutes=5)))["transactionId"], wh=10)
    assert only().energy_wh == 0


def test_a_stop_without_a_readable_register_uses_the_last_one() -> None:
    charger = talk()
    transaction = charger.start(wh=1000, at=iso(ago(minutes=5)))["transactionId"]
    charger.meter({"value": "1750"}, transactionId=transaction)
    charger.stop(transaction, wh="a lot")
    assert (only().energy_wh, only().estimated) == (750, True)
    assert Doubt.ESTIMATED in doubts()


def test_an_absurd_stop_register_is_not_believed() -> None:
    charger = talk()
    transaction = charger.start(wh=1000, at=iso(ago(minutes=5)))["transactionId"]
    charger.meter({"value": "1750"}, transactionId=transaction)
    charger.stop(transaction, wh=4_294_967_295)
    assert (only().energy_wh, only().estimated) == (750, True)
    assert Doubt.IMPLAUSIBLE in doubts()


@pytest.mark.parametrize("stamp", ["yesterday", "", None, 5, "0001-01-01T00:00:00+23:00"])
def test_a_time_that_can_not_be_read_is_the_time_of_arrival(stamp: Any) -> None:
    charger = talk()
    before = clock.now()
    facts = {"connectorId": 1, "idTag": "X", "meterStart": 5, "timestamp": stamp}
    charger.call("StartTransaction", facts)
    assert before <= only().started_at <= clock.now()
    assert Doubt.CLOCK in doubts()


def test_q55_a_start_of_1970_is_one_of_now_and_its_own_stamp_is_kept() -> None:
    charger, before = talk(), clock.now()
    charger.start(at="1970-01-01T00:00:07Z")
    assert before <= only().started_at <= clock.now()
    (doubt,) = scene.rows(DoubtfulFact, DoubtfulFact.doubt == Doubt.CLOCK)
    assert (doubt.code, doubt.session_id) == ("clock_impossible", only().id)
    assert doubt.facts["said_at"] == "1970-01-01T00:00:07+00:00"
    assert doubt.facts["used_at"] == only().started_at.isoformat()


def test_q59_stamps_of_the_future_are_taken_as_now_and_flagged_and_no_stop_is_refused() -> None:
    charger, before = talk(), clock.now()
    transaction = charger.start(wh=1000, at=iso(before + timedelta(minutes=4)))["transactionId"]
    assert (only().started_at > before, Doubt.CLOCK in doubts()) == (True, False)  # so much is a clock's own
    assert charger.stop(transaction, wh=1500, at="2099-01-01T00:00:00Z") == {}
    assert (only().state, only().energy_wh) == (SessionState.ENDED, 500)
    (doubt,) = scene.rows(DoubtfulFact, DoubtfulFact.doubt == Doubt.CLOCK)
    assert (doubt.action, doubt.facts["said_at"]) == ("StopTransaction", "2099-01-01T00:00:00+00:00")


def test_a_clock_that_stands_still_after_each_boot_makes_no_two_sessions_one() -> None:
    charger, stamp = talk(), "1970-01-01T00:00:07Z"
    first = charger.start(at=stamp)
    assert charger.start(at=stamp) == first  # a repetition: it still runs
    charger.stop(first["transactionId"], at="1970-01-01T00:01:00Z")
    assert charger.start(at=stamp)["transactionId"] != first["transactionId"]
    assert len(sessions()) == 2


@pytest.mark.parametrize(
    ("written", "minute"),
    [
        ("2026-03-01T10:20:30", 20),  # no zone counts as UTC
        ("2026-03-01T12:20:30+02", 20),
        ("2026-03-01T12:20:30+0200", 20),
        ("2026-03-01 10:20:30Z", 20),
        ("2026-3-1T10:20:30.1234567Z", 20),
    ],
)
def test_q56_instants_in_any_dialect_are_read(written: str, minute: int) -> None:
    charger = talk()
    charger.start(at=written)
    assert (only().started_at.hour, only().started_at.minute, only().started_at.second) == (10, minute, 30)


def test_a_session_told_long_after_is_marked_offline_and_keeps_its_own_time() -> None:
    charger, begun = talk(), ago(hours=8)
    transaction = charger.start(at=iso(begun))["transactionId"]
    charger.stop(transaction, wh=7000, at=iso(ago(hours=6)))
    assert (only().offline, only().started_at, only().energy_wh) == (True, begun, 6000)


def test_q79_a_new_start_ends_the_session_that_was_never_stopped() -> None:
    charger = talk()
    first = charger.start(wh=1000, at=iso(ago(minutes=30)))["transactionId"]
    charger.meter({"value": "1900"}, transactionId=first, at=iso(ago(minutes=20)))
    charger.start(wh=2000)
    old, new = sessions()
    assert (old.state, old.energy_wh, old.estimated, new.state) == (SessionState.ENDED, 900, True, SessionState.ACTIVE)


def test_an_older_session_told_late_does_not_end_the_running_one() -> None:
    charger = talk()
    running = charger.start(wh=5000)["transactionId"]
    late = charger.start(wh=1000, at=iso(ago(days=1)))["transactionId"]
    charger.stop(late, wh=3000, at=iso(ago(hours=20)))
    states = {session.transaction_id: (session.state, session.energy_wh) for session in sessions()}
    assert states == {running: (SessionState.ACTIVE, None), late: (SessionState.ENDED, 2000)}


def test_a_start_is_stored_although_every_field_is_wrong() -> None:
    charger = talk()
    answer = charger.call("StartTransaction", {"connectorId": "one", "idTag": None, "meterStart": "?", "timestamp": 0})
    session = only()
    assert (session.transaction_id, session.meter_start_wh, session.id_tag) == (answer["transactionId"], 0, "")
    assert set(doubts()) >= {Doubt.SCHEMA, Doubt.CLOCK, Doubt.IMPLAUSIBLE, Doubt.UNKNOWN_TAG}


def test_q43_a_start_on_connector_0_runs_on_a_plug() -> None:
    charger = talk()
    charger.start(connector=0)
    assert only().connector_id == scene.connector(charger.station, 1).id
    assert Doubt.IMPLAUSIBLE in doubts()


def test_q32_numbers_as_text_are_numbers() -> None:
    charger = talk()
    transaction = charger.start(wh=" 1000.0 ", connector="1", at=iso(ago(minutes=5)))["transactionId"]
    charger.stop(str(transaction), wh="2500.6")
    assert only().energy_wh == 1501


def test_a_tag_of_any_length_is_taken_and_stored_as_far_as_any_card_goes() -> None:
    charger, tag = talk(), secrets.token_hex(2500).upper()  # nothing that a database could compress
    charger.start(tag=tag)
    assert only().id_tag == tag[:500]


def test_what_the_stop_brings_is_stored_with_the_session() -> None:
    charger = talk()
    transaction = charger.start(wh=1000, at=iso(ago(minutes=5)))["transactionId"]
    data = [{"timestamp": iso(ago(minutes=2)), "sampledValue": [{"value": "1400"}]}]
    charger.stop(transaction, wh=2000, transactionData=data)
    assert [(value.session_id, value.energy_wh) for value in scene.rows(MeterValue)] == [(only().id, 1400)]
