"""Message safety: what a charger says of a transaction is stored once and whole, whenever, however often and in any
order it says so. Seven situations, and what follows from them.
"""

import itertools
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

import wsgi
from accounts.access import SYSTEM
from accounts.values import AccountId
from billing.pricing import price
from billing.values import Terms, Usage
from charging.models import ChargingSession, DoubtfulFact, MeterValue, OrphanStop
from charging.queries import open_doubts
from charging.use_cases import add_tag, fail_authorisation, request_start, stops
from charging.values import AuthorisationId, Doubt, OrphanState, SessionKind, SessionState
from kit import clock, worker
from kit.events import OutboxRow
from stations.models import Station, StationCommand
from stations.queries import troubled_stations
from stations.use_cases import stations_seen
from stations.values import Action, ConnectorStatus, NewConnector
from tests import scene
from tests.talk import Talk, ago, iso

pytestmark = pytest.mark.usefixtures("database", "program")
TERMS = Terms(UUID(int=1), "CHF", Decimal("0.40"), Decimal("0.10"), Decimal("1.00"), None, "Europe/Zurich")


@pytest.fixture
def charger(database: str, program: object) -> Talk:
    """A station with two plugs, and a tag that may charge there."""
    talk = Talk(scene.station(connectors=[NewConnector()] * 2))
    add_tag(SYSTEM, AccountId(talk.station.account_id), "GOOD")
    return talk


def sessions() -> list[ChargingSession]:
    return scene.rows(ChargingSession)


def only() -> ChargingSession:
    (session,) = sessions()
    return session


def ends() -> list[int]:
    return [row.payload["energy_wh"] for row in scene.rows(OutboxRow, OutboxRow.kind == "SessionEnded")]


class TestSideBySide:
    def test_the_same_start_with_a_new_message_id_is_the_same_transaction_at_each_connector(
        self, charger: Talk
    ) -> None:
        at = iso(ago(minutes=9))
        one, two = (charger.start(tag="GOOD", connector=number, at=at) for number in (1, 2))
        assert one["transactionId"] != two["transactionId"]
        for again in (charger, Talk(charger.station)):  # on this connection, and on the next one
            assert again.start(tag="GOOD", connector=2, at=at) == two
            assert again.start(tag="GOOD", connector=1, at=at) == one
        assert [row.transaction_id for row in sessions()] == [one["transactionId"], two["transactionId"]]

    def test_a_start_with_a_refused_tag_is_stored_with_an_id_of_its_own_and_nobody_pays(self, charger: Talk) -> None:
        answers = [charger.start(tag="BAD", connector=number, at=iso(ago(minutes=9))) for number in (1, 2)]
        assert [answer["idTagInfo"] for answer in answers] == [{"status": "Invalid"}] * 2
        charger.stop(answers[0]["transactionId"], wh=3000)
        first, second = sessions()
        assert (first.kind, first.state, first.energy_wh) == (SessionKind.UNAUTHORISED, SessionState.ENDED, 2000)
        assert (second.kind, second.state) == (SessionKind.UNAUTHORISED, SessionState.ACTIVE)
        assert {first.authorisation_id, second.authorisation_id} == {None}
        assert len({row.transaction_id for row in sessions()} - {0, -1}) == 2

    def test_an_end_of_an_unknown_transaction_is_accepted_and_kept_as_an_orphan(self, charger: Talk) -> None:
        over = ago(minutes=3)
        assert charger.stop(123_456, wh=9000, at=iso(over), idTag="GOOD") == {"idTagInfo": {"status": "Accepted"}}
        (orphan,) = scene.rows(OrphanStop)
        assert (orphan.state, orphan.told, orphan.meter_stop_wh) == (OrphanState.OPEN, "123456", 9000)
        assert (orphan.ended_at, orphan.id_tag) == (over, "GOOD")
        assert (only().id, only().kind, only().energy_wh, ends()) == (orphan.session_id, SessionKind.ORPHAN, 0, [])

    @pytest.mark.parametrize("said", ["its own", 0, -1])
    def test_an_end_told_twice_ends_once(self, charger: Talk, said: Any) -> None:
        transaction = charger.start(tag="GOOD", at=iso(ago(minutes=9)))["transactionId"]
        at = iso(ago(minutes=1))
        for talk in (charger, charger, Talk(charger.station)):
            talk.stop(transaction if said == "its own" else said, wh=3000, at=at)
        assert (only().energy_wh, only().state, ends()) == (2000, SessionState.ENDED, [2000])
        assert scene.rows(OrphanStop) == []

    def test_an_end_without_a_usable_id_that_was_told_before_does_not_end_the_next_session(self, charger: Talk) -> None:
        charger.start(tag="GOOD", at=iso(ago(minutes=30)))
        over = iso(ago(minutes=20))
        charger.stop(0, wh=3000, at=over)
        charger.start(tag="GOOD", wh=3000, at=iso(ago(minutes=10)))
        charger.stop(0, wh=3000, at=over)
        charger.stop(-1, wh=2500, at=iso(ago(minutes=25)))  # of a time when that one had not begun
        kinds = [(row.kind, row.state) for row in sessions()]
        tag = SessionKind.TAG
        assert kinds[:2] == [(tag, SessionState.ENDED), (tag, SessionState.ACTIVE)]
        assert [kind for kind, _ in kinds[2:]] == [SessionKind.ORPHAN]

    def test_the_stations_time_is_kept_beside_the_arrival_and_how_far_its_clock_is_off(self, charger: Talk) -> None:
        noon = datetime(2026, 7, 1, 12, tzinfo=UTC)
        for minute in (0, 1):
            with clock.moved_to(noon + timedelta(minutes=minute)):
                charger.status("Preparing", timestamp=iso(clock.now() + timedelta(minutes=20)))
        with clock.moved_to(noon + timedelta(minutes=2)):
            charger.start(tag="GOOD", at="2026-07-01T12:22:00Z")
            stations_seen(SYSTEM, {charger.station.id: clock.now()})
        session, second = only(), timedelta(seconds=2)
        assert abs(session.started_at - (noon + timedelta(minutes=2))) < second
        assert abs(session.arrived_at - (noon + timedelta(minutes=2))) < second
        skew_s = scene.row(Station, charger.station.id).clock_skew_s
        assert 1198 <= skew_s <= 1202
        first, doubt = scene.rows(DoubtfulFact, DoubtfulFact.doubt == Doubt.CLOCK)
        assert (first.code, first.session_id) == ("clock_impossible", None), "nothing was known of its clock then"
        assert (doubt.session_id, doubt.facts["said_at"]) == (session.id, "2026-07-01T12:22:00+00:00")

    def test_an_end_is_answered_after_all_of_it_stands_in_one_transaction(
        self, charger: Talk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        transaction = charger.start(tag="GOOD", at=iso(ago(minutes=9)))["transactionId"]
        data = [{"timestamp": iso(ago(minutes=2)), "sampledValue": [{"value": "2900"}]}]
        stop = {"transactionId": transaction, "meterStop": 3000, "timestamp": iso(ago(minutes=1))}
        raw = json.dumps([2, "s", "StopTransaction", stop | {"transactionData": data}])

        def lights_out(*_: object) -> None:
            raise OSError("the lights went out")

        with monkeypatch.context() as broken:
            broken.setattr(stops, "announce_end", lights_out)  # the last thing that is written
            with pytest.raises(OSError, match="lights"):
                charger.say(raw)
        assert (only().state, scene.rows(MeterValue), ends()) == (SessionState.ACTIVE, [], [])
        assert charger.say(raw) == [3, "s", {}]
        assert (only().state, len(scene.rows(MeterValue)), ends()) == (SessionState.ENDED, 1, [2000])

    def test_the_same_message_gets_the_stored_answer_and_the_same_id_with_other_content_a_new_one(
        self, charger: Talk
    ) -> None:
        start = {"connectorId": 1, "idTag": "GOOD", "meterStart": 1000, "timestamp": iso(ago(minutes=9))}
        first = charger.call("StartTransaction", start, message_id="7")
        value = {"timestamp": iso(ago(minutes=5)), "sampledValue": [{"value": "1300"}]}
        assert charger.call("StartTransaction", start, message_id="7") == first
        other = charger.call("StartTransaction", start | {"connectorId": 2}, message_id="7")
        assert other["transactionId"] != first["transactionId"]
        for _ in range(3):
            charger.call("MeterValues", {"connectorId": 1, "meterValue": [value]}, message_id="8")
        assert (len(sessions()), len(scene.rows(MeterValue))) == (2, 1)


class TestLateAndOutOfOrder:
    def test_an_end_before_its_start_and_readings_before_and_after_make_one_session(self, charger: Talk) -> None:
        begun = ago(minutes=50)
        later = [iso(begun + timedelta(minutes=minute)) for minute in (0, 10, 20, 30)]
        charger.meter({"value": "2000"}, at=later[1])
        charger.stop(-1, wh=4000, at=later[3], idTag="GOOD")
        transaction = charger.start(tag="GOOD", wh=1000, at=later[0])["transactionId"]
        charger.meter({"value": "3000"}, at=later[2], transactionId=transaction)
        session = only()
        assert (session.kind, session.state, session.energy_wh) == (SessionKind.TAG, SessionState.ENDED, 3000)
        assert (session.transaction_id, session.started_at, session.last_wh) == (transaction, begun, 4000)
        assert ends() == [3000]

    def test_a_session_that_nobody_ended_is_closed_with_its_last_reading_and_marked(self, charger: Talk) -> None:
        begun, read = ago(minutes=50), ago(minutes=20)
        first = charger.start(tag="GOOD", wh=1000, at=iso(begun))["transactionId"]
        charger.meter({"value": "4400"}, transactionId=first, at=iso(read))
        charger.start(tag="GOOD", wh=4500, at=iso(ago(minutes=5)))
        zombie, _ = sessions()
        assert (zombie.state, zombie.estimated, zombie.ended_at) == (SessionState.ENDED, True, read)
        assert (zombie.meter_stop_wh, zombie.energy_wh, ends()) == (4400, 3400, [3400])
        (doubt,) = scene.rows(DoubtfulFact, DoubtfulFact.doubt == Doubt.ESTIMATED)
        assert doubt.session_id == zombie.id

    def test_an_offline_session_is_priced_by_its_own_time(self, charger: Talk) -> None:
        begun = datetime(2026, 7, 1, 8, tzinfo=UTC)
        with clock.moved_to(begun + timedelta(days=2)):
            transaction = charger.start(tag="GOOD", wh=1000, at=iso(begun))["transactionId"]
            charger.stop(transaction, wh=11_000, at=iso(begun + timedelta(minutes=60)))
        session = only()
        assert (session.offline, session.started_at, session.arrived_at > begun + timedelta(days=1)) == (
            True,
            begun,
            True,
        )
        assert session.energy_wh is not None
        assert session.ended_at is not None
        charge = price(Usage(session.energy_wh, session.started_at, session.ended_at), TERMS)
        assert charge.gross_minor == 100 + 10 * 40 + 60 * 10  # of one hour, and not of two days


class TestHistory:
    """Q78: what a charger kept for months comes with its first connection."""

    @pytest.fixture(autouse=True)
    def _work(self, database: str) -> Any:
        worker.bind(wsgi.REACTIONS, wsgi.JOBS)
        yield
        worker.bind([], [])

    def test_q78_months_of_old_messages_are_stored_and_disturb_nobody(self, charger: Talk) -> None:
        connector = scene.connector(charger.station)
        void = request_start(SYSTEM, connector.id, kind=SessionKind.PAID)
        assert fail_authorisation(SYSTEM, AuthorisationId(void.id), "no_answer")
        charger.call("BootNotification", {"chargePointVendor": "Fabrik", "chargePointModel": "M1"})
        for number in (1, 2):
            charger.status("Available", connector=number, timestamp=iso(clock.now()))
        said, wh = scene.connector(charger.station), 1000
        for days, tag in ((90, "GOOD"), (60, "GOOD"), (30, void.id_tag)):
            begun = ago(days=days)
            charger.status("Faulted", timestamp=iso(begun), errorCode="GroundFailure")
            transaction = charger.start(tag=tag, wh=wh, at=iso(begun))["transactionId"]
            worker.drain()
            reading = {"value": "7400", "measurand": "Power.Active.Import", "unit": "W"}
            charger.meter(reading, transactionId=transaction, at=iso(begun + timedelta(minutes=30)))
            charger.stop(transaction, wh=wh + 5000, at=iso(begun + timedelta(hours=1)))
            wh += 5000
        worker.drain()
        rows = sessions()
        assert [row.energy_wh for row in rows] == [5000] * 3
        assert [row.ended_at for row in rows] == [row.started_at + timedelta(hours=1) for row in rows]
        assert all(row.offline for row in rows)
        assert [row.kind for row in rows[:2]] == [SessionKind.TAG] * 2
        assert scene.rows(StationCommand, StationCommand.action == Action.REMOTE_STOP) == []
        now = scene.connector(charger.station)
        assert (now.status, now.status_at, now.error_code) == (ConnectorStatus.AVAILABLE, said.status_at, "")
        assert troubled_stations(SYSTEM).total == 0
        codes = {row.code for row in scene.rows(DoubtfulFact)}
        assert (codes, open_doubts(SYSTEM)) == ({"tag_refused"}, 1)  # of the session that nobody had paid


PIECES = ("start", "read 1", "read 2", "read 3", "stop")
_numbers = itertools.count(1)


class Session:
    """One session of a charger, told in pieces: the id of its transaction is known once its start was answered."""

    def __init__(self, charger: Talk) -> None:
        self.charger, self.tag = charger, f"TAG{next(_numbers)}"
        self.begun = ago(minutes=50)
        self.transaction: int | None = None

    def say(self, piece: str) -> None:
        """Tell a piece, under a new message id."""
        charger, known = self.charger, self.transaction
        if piece == "start":
            answer = charger.start(tag=self.tag, wh=1000, at=iso(self.begun))["transactionId"]
            assert self.transaction in (None, answer)
            self.transaction = answer
        elif piece == "stop":
            at = iso(self.begun + timedelta(minutes=40))
            charger.stop(-1 if known is None else known, wh=8000, at=at, idTag=self.tag)
        else:
            step = int(piece[-1])
            said = {} if known is None else {"transactionId": known}
            at = iso(self.begun + timedelta(minutes=10 * step))
            charger.meter({"value": str(1000 + 1500 * step)}, at=at, **said)


_told: dict[str, Talk] = {}


@examples(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    told=st.permutations(PIECES),
    again=st.lists(st.tuples(st.sampled_from(PIECES), st.integers(0, 9)), max_size=4),
)
def test_any_order_and_any_repetition_makes_one_session_of_the_same_energy(
    told: list[str], again: list[tuple[str, int]], database: str
) -> None:
    if database not in _told:
        _told[database] = Talk(scene.station())
    session = Session(_told[database])
    for piece, place in again:
        told.insert(min(place, len(told)), piece)
    for piece in told:
        session.say(piece)
    (row,) = scene.rows(ChargingSession, ChargingSession.id_tag == session.tag)
    assert (row.state, row.energy_wh, row.estimated) == (SessionState.ENDED, 7000, False)
    assert (row.started_at, row.ended_at) == (session.begun, session.begun + timedelta(minutes=40))
    assert row.transaction_id == session.transaction
    known = scene.rows(OutboxRow, OutboxRow.kind == "SessionEnded")
    assert [one.payload["energy_wh"] for one in known if one.payload["session_id"] == str(row.id)] == [7000]
    open_ends = OrphanStop.state == OrphanState.OPEN
    assert scene.rows(OrphanStop, open_ends, OrphanStop.id_tag == session.tag) == []
