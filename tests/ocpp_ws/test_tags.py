"""What chargers are told of tags, word for word: status, group and expiry."""

from datetime import timedelta

import pytest

from accounts.access import SYSTEM
from accounts.values import AccountId
from charging.models import ChargingSession, DoubtfulFact
from charging.use_cases import add_tag, block_tag, request_start, unblock_tag
from charging.values import SessionKind, SessionState, TagId
from kit import clock
from stations.values import NewConnector
from tests import scene
from tests.talk import Talk, ago, iso

pytestmark = pytest.mark.usefixtures("database", "program")


@pytest.fixture
def charger() -> Talk:
    """A station with two connectors."""
    return Talk(scene.station(connectors=[NewConnector()] * 2))


def account(charger: Talk) -> AccountId:
    return AccountId(charger.station.account_id)


def authorize(charger: Talk, tag: str) -> dict[str, str]:
    info: dict[str, str] = charger.call("Authorize", {"idTag": tag})["idTagInfo"]
    return info


def test_tc_023_1_an_unknown_tag_is_invalid(charger: Talk) -> None:
    assert authorize(charger, "NOBODY") == {"status": "Invalid"}


def test_tc_023_2_an_expired_tag_is_expired(charger: Talk) -> None:
    over = ago(days=1)
    add_tag(SYSTEM, account(charger), "OLD", expires_at=over)
    assert authorize(charger, "old") == {"status": "Expired", "expiryDate": iso(over)}


def test_tc_023_3_a_blocked_tag_is_blocked_even_when_it_has_expired_too(charger: Talk) -> None:
    tag = add_tag(SYSTEM, account(charger), "LOST", expires_at=ago(days=1), parent_id_tag="HAUS")
    block_tag(SYSTEM, TagId(tag.id))
    assert authorize(charger, "LOST")["status"] == "Blocked"
    assert charger.start(tag="LOST")["idTagInfo"]["status"] == "Blocked"


def test_all_three_answers_tell_group_and_expiry(charger: Talk) -> None:
    until = (clock.now() + timedelta(days=30)).replace(microsecond=0)
    add_tag(SYSTEM, account(charger), "04aabb", expires_at=until, parent_id_tag="haus")
    info = {"status": "Accepted", "parentIdTag": "HAUS", "expiryDate": iso(until)}
    at = iso(ago(seconds=2))
    assert authorize(charger, "04AaBb") == info
    answer = charger.start(tag="04AABB", at=at)
    assert answer["idTagInfo"] == info
    assert charger.start(tag="04AABB", at=at) == answer  # told again, it is the same answer
    assert charger.stop(answer["transactionId"], idTag="04aabb") == {"idTagInfo": info}


def test_a_stop_by_a_tag_that_may_not_charge_is_taken_and_says_so(charger: Talk) -> None:
    transaction = charger.start(tag="NOBODY")["transactionId"]
    assert charger.stop(transaction, idTag="NOBODY") == {"idTagInfo": {"status": "Invalid"}}
    (session,) = scene.rows(ChargingSession)
    assert session.state is SessionState.ENDED


def test_tc_037_3_a_bad_tag_still_gets_a_transaction_and_its_stop_is_taken(charger: Talk) -> None:
    begun, over = ago(minutes=30), ago(minutes=29)
    answer = charger.start(tag="NOBODY", at=iso(begun))
    assert (answer["transactionId"] > 0, answer["idTagInfo"]) == (True, {"status": "Invalid"})
    assert charger.stop(answer["transactionId"], at=iso(over), reason="DeAuthorized") == {}
    (session,) = scene.rows(ChargingSession)
    assert (session.kind, session.started_at, session.ended_at) == (SessionKind.UNAUTHORISED, begun, over)
    assert session.stop_reason == "DeAuthorized"


def test_concurrent_is_said_to_another_start_on_a_used_permission_and_not_to_the_same_one(charger: Talk) -> None:
    permission = request_start(SYSTEM, scene.connector(charger.station).id, kind=SessionKind.PAID)
    at = iso(ago(seconds=1))
    first = charger.start(tag=permission.id_tag, at=at)
    assert first["idTagInfo"] == {"status": "Accepted"}
    assert charger.start(tag=permission.id_tag, at=at) == first
    assert charger.start(tag=permission.id_tag, connector=2)["idTagInfo"] == {"status": "ConcurrentTx"}
    assert authorize(charger, permission.id_tag) == {"status": "Accepted"}  # 1.6 knows it for starts only


def test_a_tag_of_people_may_charge_at_two_connectors_at_once(charger: Talk) -> None:
    add_tag(SYSTEM, account(charger), "FLEET")
    answers = [charger.start(tag="FLEET", connector=number)["idTagInfo"] for number in (1, 2)]
    assert answers == [{"status": "Accepted"}] * 2


def test_of_two_tags_with_one_number_the_better_one_counts_with_its_own_group() -> None:
    people = scene.people()
    charger = Talk(scene.station(property=people.property))
    block_tag(SYSTEM, TagId(add_tag(SYSTEM, AccountId(people.property.id), "04AA", parent_id_tag="BELOW").id))
    add_tag(SYSTEM, AccountId(people.master.id), "04AA", parent_id_tag="ABOVE")
    assert authorize(charger, "04AA") == {"status": "Accepted", "parentIdTag": "ABOVE"}


def test_q61_a_tag_longer_than_the_standard_is_known_and_stored_whole(charger: Talk) -> None:
    long = "04A1B2C3D4E5F6-SERIAL-" + "9" * 40
    add_tag(SYSTEM, account(charger), long)
    assert authorize(charger, long.lower()) == {"status": "Accepted"}
    charger.start(tag=long.lower())
    (session,) = scene.rows(ChargingSession)
    assert (session.id_tag, session.kind) == (long, SessionKind.TAG)


def test_q64_our_own_tags_are_twenty_hex_signs_that_every_charger_takes(charger: Talk) -> None:
    permission = request_start(SYSTEM, scene.connector(charger.station).id)
    assert len(permission.id_tag) == 20
    assert set(permission.id_tag) <= set("0123456789ABCDEF")


def offline_session(charger: Talk, tag: str, *, hours: float) -> tuple[str, SessionKind]:
    """Told now, an hour long; what the charger hears of its tag, and what the session is."""
    begun = ago(hours=hours)
    answer = charger.start(tag=tag, at=iso(begun))
    again = charger.start(tag=tag, at=iso(begun))
    assert again == answer
    charger.stop(answer["transactionId"], at=iso(begun + timedelta(hours=1)))
    (session,) = scene.rows(ChargingSession, ChargingSession.transaction_id == answer["transactionId"])
    return answer["idTagInfo"]["status"], session.kind


def test_a_session_told_late_is_judged_by_what_its_tag_was_worth_when_it_began(charger: Talk) -> None:
    now = clock.now()
    with clock.moved_to(now - timedelta(hours=20)):
        expired = add_tag(SYSTEM, account(charger), "SOON", expires_at=now - timedelta(hours=5))
        blocked = add_tag(SYSTEM, account(charger), "BLOCKED")
        back = add_tag(SYSTEM, account(charger), "BACK")
        always = add_tag(SYSTEM, account(charger), "ALWAYS", blocked=True)
    for hours, change in ((12, block_tag), (6, unblock_tag)):
        with clock.moved_to(now - timedelta(hours=hours)):
            change(SYSTEM, TagId(back.id))
    with clock.moved_to(now - timedelta(hours=6)):
        block_tag(SYSTEM, TagId(blocked.id))
    good, bad = SessionKind.TAG, SessionKind.UNAUTHORISED
    assert offline_session(charger, expired.id_tag, hours=15) == ("Expired", good)  # it hears what holds from now on
    assert offline_session(charger, expired.id_tag, hours=4) == ("Expired", bad)
    assert offline_session(charger, blocked.id_tag, hours=14) == ("Blocked", good)
    assert offline_session(charger, blocked.id_tag, hours=3) == ("Blocked", bad)
    assert offline_session(charger, back.id_tag, hours=13) == ("Accepted", good)
    assert offline_session(charger, back.id_tag, hours=10) == ("Blocked", bad)
    assert offline_session(charger, back.id_tag, hours=2) == ("Accepted", good)
    assert offline_session(charger, always.id_tag, hours=16) == ("Blocked", bad)
    assert {row.session_id for row in scene.rows(DoubtfulFact, DoubtfulFact.code == "tag_refused")} == {
        one.id for one in scene.rows(ChargingSession, ChargingSession.kind == bad)
    }
