"""What chargers do to transactions and their times, and to the tags that start them.

Numbers in the names of tests are those of `docs/quirks.md`.
"""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from accounts.access import SYSTEM
from accounts.values import AccountId
from charging.models import Authorisation, ChargingSession, DoubtfulFact, MeterValue
from charging.use_cases import add_tag, request_start
from charging.values import PLUG_IN_WINDOW, Doubt, SessionKind, SessionState, StopReason
from kit import clock
from stations.dictionary import STOP_REASONS
from stations.use_cases import set_quirks
from stations.values import NewConnector, StationId
from tests import scene
from tests.talk import Talk, ago, iso

pytestmark = pytest.mark.usefixtures("database", "program")
ZURICH = ZoneInfo("Europe/Zurich")


def talk(connectors: int = 1, **quirks: Any) -> Talk:
    station = scene.station(connectors=[NewConnector()] * connectors)
    if quirks:
        set_quirks(SYSTEM, StationId(station.id), quirks)
    return Talk(station)


def sessions() -> list[ChargingSession]:
    return scene.rows(ChargingSession)


def only() -> ChargingSession:
    (session,) = sessions()
    return session


def doubts(kind: Doubt) -> list[DoubtfulFact]:
    return scene.rows(DoubtfulFact, DoubtfulFact.doubt == kind)


class TestTime:
    """Q56: local time, with or without a word about it."""

    def test_q56_stamps_without_a_zone_are_local_where_the_charger_is_known_for_it(self) -> None:
        charger = talk(local_time=True)
        began = datetime(2026, 7, 1, 10, 0, tzinfo=UTC)
        with clock.moved_to(began + timedelta(minutes=30)):
            transaction = charger.start(at="2026-07-01T12:00:00")["transactionId"]
            charger.stop(transaction, at="2026-07-01T12:25:00")
        assert (only().started_at, only().ended_at) == (began, began + timedelta(minutes=25))
        assert doubts(Doubt.CLOCK) == []

    def test_q56_an_offset_that_nobody_told_us_of_is_found_out(self) -> None:
        charger, noon = talk(), datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
        for minute in (0, 1, 2):
            now = noon + timedelta(minutes=minute)
            with clock.moved_to(now):
                local = now.astimezone(ZURICH).strftime("%Y-%m-%dT%H:%M:%S")
                if minute < 2:
                    charger.status("Preparing", timestamp=local)
                else:
                    charger.start(at=local)
        assert abs(only().started_at - (noon + timedelta(minutes=2))) < timedelta(seconds=2)
        told = [(doubt.action, doubt.code, doubt.facts.get("ahead_s")) for doubt in doubts(Doubt.CLOCK)]
        first = ("StatusNotification", "clock_impossible", None)  # nothing was known of its clock then
        assert told == [first, ("StartTransaction", "clock_corrected", 7200)]


class TestTags:
    @pytest.mark.parametrize(
        ("quirks", "said"),
        [
            ({"tag_ends_with_serial": True}, "04A1B2C3-SN778899"),
            ({"tag_ends_with_serial": True}, "04a1b2c3sn778899"),
            ({"tag_prefix": "RFID:"}, "rfid:04A1B2C3"),
            ({"tag_suffix": "-CARD"}, "04A1B2C3-card"),
        ],
    )
    def test_q61_what_a_charger_adds_to_a_tag_is_taken_off(self, quirks: dict[str, Any], said: str) -> None:
        charger = talk(**quirks)
        add_tag(SYSTEM, AccountId(charger.station.account_id), "04A1B2C3")
        boot = {"chargePointVendor": "X", "chargePointModel": "Y", "chargePointSerialNumber": "SN778899"}
        charger.call("BootNotification", boot)
        assert charger.call("Authorize", {"idTag": said}) == {"idTagInfo": {"status": "Accepted"}}
        charger.start(tag=said)
        assert (only().id_tag, only().kind) == ("04A1B2C3", SessionKind.TAG)

    def test_q63_a_tag_is_the_same_in_any_case(self) -> None:
        charger = talk()
        add_tag(SYSTEM, AccountId(charger.station.account_id), "DeadBeef")
        for said in ("deadbeef", "DEADBEEF", " dEADbEEF "):
            assert charger.call("Authorize", {"idTag": said}) == {"idTagInfo": {"status": "Accepted"}}

    def test_q65_a_start_without_an_authorize_is_taken_and_a_known_tag_is_charged(self) -> None:
        charger = talk()
        add_tag(SYSTEM, AccountId(charger.station.account_id), "CACHED")
        answer = charger.start(tag="CACHED")
        assert answer["idTagInfo"] == {"status": "Accepted"}
        assert (only().kind, only().transaction_id) == (SessionKind.TAG, answer["transactionId"])

    def test_q66_our_own_tag_lapses_before_any_charger_forgets_it(self) -> None:
        permission: Authorisation = request_start(SYSTEM, scene.connector(talk().station).id)
        assert permission.expires_at - permission.created_at == PLUG_IN_WINDOW < timedelta(seconds=120)


def test_q72_a_start_repeated_word_for_word_gets_the_stored_answer() -> None:
    charger = talk()
    start = {"connectorId": 1, "idTag": "A", "meterStart": 10, "timestamp": iso(ago(minutes=1))}
    text = json.dumps([2, "m1", "StartTransaction", start])
    first = charger.say(text)
    assert charger.say(text) == first
    again = Talk(charger.station)  # and on its next connection
    assert again.say(text) == first
    assert only().transaction_id == first[2]["transactionId"]


@pytest.mark.parametrize(
    ("said", "means"),
    [
        ("Blackout in our street", StopReason.OTHER),
        ("power loss", StopReason.POWER_LOSS),
        ("EVDisconnected", StopReason.EV_DISCONNECTED),
        ("x" * 400, StopReason.OTHER),
    ],
)
def test_q77_free_text_as_the_reason_of_a_stop_is_stored_and_counts_as_the_nearest_word(
    said: str, means: StopReason
) -> None:
    charger = talk()
    charger.stop(charger.start(at=iso(ago(minutes=5)))["transactionId"], reason=said)
    assert (only().state, only().stop_reason) == (SessionState.ENDED, said)
    assert StopReason.of(said) is means
    assert STOP_REASONS.keys() == {reason.value for reason in StopReason}


def test_q80_two_connectors_never_share_a_transaction() -> None:
    charger, at = talk(connectors=2), iso(ago(minutes=5))
    one, two = (charger.start(connector=number, at=at)["transactionId"] for number in (1, 2))
    charger.stop(one, wh=3000)
    states = {session.transaction_id: session.state for session in sessions()}
    assert states == {one: SessionState.ENDED, two: SessionState.ACTIVE}


def test_q83_a_register_that_begins_at_nought_with_each_session_counts_from_nought() -> None:
    charger = talk(register_per_session=True)
    transaction = charger.start(wh=812_345, at=iso(ago(minutes=50)))["transactionId"]
    charger.meter({"value": "4000"}, at=iso(ago(minutes=20)))
    charger.stop(transaction, wh=6_500)
    assert (only().meter_start_wh, only().energy_wh, only().estimated) == (0, 6_500, False)


def test_q84_what_was_kept_offline_is_ordered_by_its_own_time_and_gaps_are_accepted() -> None:
    charger, begun = talk(), ago(hours=5)
    transaction = charger.start(wh=1000, at=iso(begun))["transactionId"]
    for minute, wh in ((30, 4000), (10, 2000), (90, 9000), (20, 3000)):  # one at 60 is missing
        charger.meter({"value": str(wh)}, transactionId=transaction, at=iso(begun + timedelta(minutes=minute)))
    assert (only().last_wh, only().last_at) == (9000, begun + timedelta(minutes=90))
    charger.stop(transaction, wh=10_000, at=iso(begun + timedelta(minutes=100)))
    kept = sorted(scene.rows(MeterValue), key=lambda value: value.at)
    assert [value.energy_wh for value in kept] == [2000, 3000, 4000, 9000]
    assert (only().energy_wh, only().ended_at, doubts(Doubt.REGISTER_BACKWARDS)) == (
        9000,
        begun + timedelta(minutes=100),
        [],
    )


def test_q94_without_a_first_sample_the_start_of_the_transaction_is_the_first_register() -> None:
    charger = talk()
    transaction = charger.start(wh=1000, at=iso(ago(minutes=9)))["transactionId"]
    end = {"timestamp": iso(ago(seconds=1)), "sampledValue": [{"value": "1700", "context": "Transaction.End"}]}
    charger.stop(transaction, wh=1700, transactionData=[end])
    assert (only().meter_start_wh, only().energy_wh, only().estimated) == (1000, 700, False)
