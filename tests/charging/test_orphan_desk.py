"""Ends without a session: kept, matched by a late start, or settled by an operator. Once, and no energy twice."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from accounts.access import SYSTEM, Actor
from accounts.rights import Role
from accounts.values import AccountId
from charging.models import ChargingSession, DoubtfulFact, MeterValue, OrphanStop
from charging.queries import daily_energy, orphan_page, orphans
from charging.use_cases import (
    accept_orphan,
    add_tag,
    attach_orphan,
    close_stale_session,
    dismiss_orphan,
    request_start,
)
from charging.values import (
    Doubt,
    OrphanId,
    OrphanState,
    SessionId,
    SessionKind,
    SessionState,
)
from kit import clock
from kit.audit import AuditLine
from kit.errors import Conflict, Forbidden, Invalid, NotFound
from kit.events import OutboxRow
from stations.values import ConnectorId, NewConnector
from tests import scene
from tests.talk import Talk, ago, iso

pytestmark = pytest.mark.usefixtures("database", "program")


def talk(connectors: int = 1) -> Talk:
    return Talk(scene.station(connectors=[NewConnector()] * connectors))


def orphan() -> OrphanStop:
    found: OrphanStop
    (found,) = scene.rows(OrphanStop)
    return found


def the_id() -> OrphanId:
    return OrphanId(orphan().id)


def ends() -> list[int]:
    return [row.payload["energy_wh"] for row in scene.rows(OutboxRow, OutboxRow.kind == "SessionEnded")]


def counted_wh() -> int:
    return sum(day.energy_wh for day in daily_energy(SYSTEM))


def session(kind: SessionKind) -> ChargingSession:
    found: ChargingSession
    (found,) = scene.rows(ChargingSession, ChargingSession.kind == kind)
    return found


def forgotten(charger: Talk, *, begun_ago: timedelta = timedelta(hours=3)) -> ChargingSession:
    """A session whose end never came: closed by us at 1.5 kWh."""
    begun = (clock.now() - begun_ago).replace(microsecond=0)
    transaction = charger.start(wh=1000, at=iso(begun))["transactionId"]
    charger.meter({"value": "2500"}, transactionId=transaction, at=iso(begun + timedelta(hours=1)))
    (made,) = [one for one in scene.rows(ChargingSession) if one.transaction_id == transaction]
    assert close_stale_session(SYSTEM, SessionId(made.id))
    return scene.row(ChargingSession, made.id)  # type: ignore[no-any-return]


def test_an_unknown_end_waits_on_the_desk_once_and_counts_for_nobody() -> None:
    charger, at = talk(), ago(minutes=2)
    for _ in range(2):
        charger.stop(4711, wh=9000, at=iso(at), idTag="04AABB", reason="EVDisconnected")
    row = orphan()
    assert (row.state, row.told, row.id_tag, row.meter_stop_wh) == (OrphanState.OPEN, "4711", "04AABB", 9000)
    assert (row.ended_at, row.reason, row.session_id) == (at, "EVDisconnected", session(SessionKind.ORPHAN).id)
    assert (ends(), counted_wh()) == ([], 0)


class TestAStartThatCameLate:
    def test_a_start_told_after_its_end_makes_one_whole_session(self) -> None:
        charger, begun = talk(), ago(hours=2)
        add_tag(SYSTEM, AccountId(charger.station.account_id), "04AABB")
        charger.stop(-1, wh=9000, at=iso(begun + timedelta(hours=1)), idTag="04AABB")
        started = charger.start(tag="04AABB", wh=4000, at=iso(begun))
        assert started["idTagInfo"] == {"status": "Accepted"}
        whole = session(SessionKind.TAG)
        assert (whole.transaction_id, whole.state) == (started["transactionId"], SessionState.ENDED)
        assert (whole.started_at, whole.ended_at, whole.energy_wh) == (begun, begun + timedelta(hours=1), 5000)
        assert (orphan().state, orphan().attached_session_id) == (OrphanState.MATCHED, whole.id)
        assert (ends(), counted_wh()) == ([5000], 5000)
        assert charger.start(tag="04AABB", wh=4000, at=iso(begun)) == started  # told again

    @pytest.mark.parametrize(
        "start",
        [
            {"tag": "OTHER", "wh": 4000},
            {"tag": "04AABB", "wh": 9001},
            {"tag": "04AABB", "wh": 4000, "connector": 2},
        ],
    )
    def test_a_start_that_does_not_fit_is_a_session_of_its_own(self, start: dict[str, Any]) -> None:
        charger, begun = Talk(scene.station()), ago(hours=2)
        charger.stop(-1, wh=9000, at=iso(begun + timedelta(hours=1)), idTag="04AABB")
        charger.start(at=iso(begun), **start)
        assert orphan().state is OrphanState.OPEN
        assert session(SessionKind.UNAUTHORISED).state is SessionState.ACTIVE

    def test_a_start_of_now_is_never_an_old_ends_start(self) -> None:
        charger = talk()
        charger.stop(-1, wh=9000, at=iso(ago(seconds=10)), idTag="04AABB")
        charger.start(tag="04AABB", wh=9000)
        assert orphan().state is OrphanState.OPEN


class TestTheOperator:
    def test_an_end_is_attached_to_the_session_that_we_had_ended(self) -> None:
        charger = talk()
        ended = forgotten(charger)
        assert (ended.energy_wh, ended.estimated, counted_wh()) == (1500, True, 1500)
        at = ended.started_at + timedelta(hours=2)
        charger.stop(ended.transaction_id, wh=8000, at=iso(at), reason="Local")
        assert (orphan().meant_session_id, orphan().session_id) == (ended.id, None)
        assert [one.id for one in orphan_page(SYSTEM, the_id()).candidates] == [ended.id]
        attach_orphan(SYSTEM, the_id(), SessionId(ended.id))
        found = scene.row(ChargingSession, ended.id)
        assert (found.energy_wh, found.meter_stop_wh, found.ended_at) == (7000, 8000, at)
        assert (found.estimated, found.stop_reason) == (False, "Local")
        assert (orphan().state, orphan().attached_session_id, orphan().resolved_by) == (
            OrphanState.ATTACHED,
            ended.id,
            "system",
        )
        assert (ends(), counted_wh()) == ([1500, 7000], 7000)

    def test_an_unknown_end_is_attached_with_its_readings(self) -> None:
        charger = talk()
        ended = forgotten(charger)
        at = ended.started_at + timedelta(hours=2)
        data = {"timestamp": iso(at), "sampledValue": [{"value": "8000"}]}
        charger.stop(4711, wh=8000, at=iso(at), transactionData=[data])
        attach_orphan(SYSTEM, the_id(), SessionId(ended.id))
        assert [row.energy_wh for row in scene.rows(MeterValue, MeterValue.session_id == ended.id)] == [2500, 8000]
        assert (counted_wh(), session(SessionKind.ORPHAN).energy_wh) == (7000, 0)

    def test_nothing_is_settled_twice(self) -> None:
        charger = talk()
        ended = forgotten(charger)
        charger.stop(4711, wh=8000, at=iso(ended.started_at + timedelta(hours=2)))
        attach_orphan(SYSTEM, the_id(), SessionId(ended.id))
        again: list[Callable[[], object]] = [
            lambda: attach_orphan(SYSTEM, the_id(), SessionId(ended.id)),
            lambda: dismiss_orphan(SYSTEM, the_id(), reason="x"),
            lambda: accept_orphan(
                SYSTEM,
                the_id(),
                connector_id=ConnectorId(ended.connector_id),
                started_at=ended.started_at,
                meter_start_wh=0,
            ),
        ]
        for deed in again:
            with pytest.raises(Conflict) as refused:
                deed()
            assert refused.value.code == "resolved_already"
        assert counted_wh() == 7000

    def test_two_ends_can_not_both_end_one_session(self) -> None:
        charger = talk()
        ended = forgotten(charger)
        for told in (4711, 4712):
            charger.stop(told, wh=8000, at=iso(ended.started_at + timedelta(hours=2)))
        first, second = scene.rows(OrphanStop)
        attach_orphan(SYSTEM, OrphanId(first.id), SessionId(ended.id))
        with pytest.raises(Conflict) as refused:
            attach_orphan(SYSTEM, OrphanId(second.id), SessionId(ended.id))
        assert refused.value.code == "does_not_fit"

    def test_an_end_fits_no_session_of_another_station_none_that_ended_well_and_none_it_can_not_have_reached(
        self,
    ) -> None:
        charger, other = talk(), talk()
        strange = forgotten(other)
        ended = forgotten(charger)
        good = charger.start(wh=2500, at=iso(ago(minutes=50)))["transactionId"]
        charger.stop(good, wh=3000, at=iso(ago(minutes=40)))
        charger.stop(4711, wh=90_000_000, at=iso(ago(minutes=30)))
        (well,) = [one for one in scene.rows(ChargingSession) if one.transaction_id == good]
        for wrong in (strange, well, ended):
            with pytest.raises(Conflict) as refused:
                attach_orphan(SYSTEM, the_id(), SessionId(wrong.id))
            assert refused.value.code == "does_not_fit"

    def test_an_end_is_accepted_as_a_session_of_its_own(self) -> None:
        charger, at = talk(), ago(hours=1)
        add_tag(SYSTEM, AccountId(charger.station.account_id), "GUEST")
        charger.stop(4711, wh=9000, at=iso(at))
        plug = scene.connector(charger.station)
        begun = at - timedelta(hours=2)
        accept_orphan(
            SYSTEM,
            the_id(),
            connector_id=ConnectorId(plug.id),
            started_at=begun,
            meter_start_wh=2000,
            id_tag="guest",
        )
        own = session(SessionKind.TAG)
        assert (own.connector_id, own.started_at, own.ended_at, own.id_tag) == (plug.id, begun, at, "GUEST")
        assert (own.energy_wh, ends(), counted_wh()) == (7000, [7000], 7000)

    @pytest.mark.parametrize(
        ("facts", "field", "code"),
        [
            ({"started_at": timedelta(minutes=1)}, "started_at", "after_the_end"),
            ({"meter_start_wh": 9001}, "meter_start_wh", "out_of_range"),
            ({"meter_start_wh": -1}, "meter_start_wh", "out_of_range"),
            ({"started_at": timedelta(seconds=-1)}, "meter_start_wh", "too_high"),
        ],
    )
    def test_a_begin_that_can_not_be_is_refused_at_its_field(
        self, facts: dict[str, Any], field: str, code: str
    ) -> None:
        charger, end = talk(), ago(hours=1)
        charger.stop(4711, wh=9000, at=iso(end))
        told: dict[str, Any] = {"started_at": timedelta(hours=-2), "meter_start_wh": 2000} | facts
        plug = ConnectorId(scene.connector(charger.station).id)
        with pytest.raises(Invalid) as refused:
            accept_orphan(
                SYSTEM,
                the_id(),
                connector_id=plug,
                started_at=end + told["started_at"],
                meter_start_wh=told["meter_start_wh"],
            )
        assert refused.value.fields == {field: code}
        assert orphan().state is OrphanState.OPEN

    def test_an_end_at_a_time_that_another_session_has_is_not_counted_twice(self) -> None:
        charger = talk()
        ended = forgotten(charger)
        charger.stop(4711, wh=8000, at=iso(ended.started_at + timedelta(hours=2)))
        with pytest.raises(Conflict) as refused:
            accept_orphan(
                SYSTEM,
                the_id(),
                connector_id=ConnectorId(ended.connector_id),
                started_at=ended.started_at,
                meter_start_wh=1000,
            )
        assert refused.value.code == "counted_already"
        assert counted_wh() == 1500

    def test_an_end_is_dismissed_with_a_reason_and_never_counts(self) -> None:
        charger = talk()
        begin = {"timestamp": iso(ago(hours=2)), "sampledValue": [{"value": "5000", "context": "Transaction.Begin"}]}
        charger.stop(4711, wh=9000, transactionData=[begin])
        with pytest.raises(Invalid):
            dismiss_orphan(SYSTEM, the_id(), reason="  ")
        dismiss_orphan(SYSTEM, the_id(), reason=" a test  of the maker ")
        assert (orphan().state, orphan().note) == (OrphanState.DISMISSED, "a test of the maker")
        assert (ends(), counted_wh()) == ([], 0)

    def test_only_who_controls_sessions_here_settles_and_every_deed_leaves_a_line(self) -> None:
        people = scene.people()
        charger = Talk(scene.station(property=people.property))
        charger.stop(4711, wh=9000)
        for actor, refusal in ((people.charlie, NotFound), (people.vera, Forbidden)):
            with pytest.raises(refusal):
                dismiss_orphan(actor, the_id(), reason="mine")
        neighbour: Actor = scene.somebody(Role.TECHNICIAN, people.other_property)
        assert orphans(neighbour) == []
        assert [row.orphan.id for row in orphans(people.vera)] == [the_id()]
        dismiss_orphan(people.bob, the_id(), reason="a test")
        assert [row.door.split(".")[-1] for row in scene.rows(AuditLine)].count("dismiss_orphan") == 1
        assert orphan().resolved_by == people.bob.reference


def test_a_paid_session_that_was_ended_by_us_keeps_its_charge_when_the_end_comes() -> None:
    charger = talk()
    permission = request_start(SYSTEM, scene.connector(charger.station).id, kind=SessionKind.PAID)
    begun = ago(minutes=1)
    transaction = charger.start(tag=permission.id_tag, wh=1000, at=iso(begun))["transactionId"]
    paid = session(SessionKind.PAID)
    close_stale_session(SYSTEM, SessionId(paid.id))
    charger.stop(transaction, wh=1100, at=iso(ago(seconds=1)))
    attach_orphan(SYSTEM, the_id(), SessionId(paid.id))
    assert scene.row(ChargingSession, paid.id).authorisation_id == permission.id
    assert ends() == [0, 100]
    assert [row.doubt for row in scene.rows(DoubtfulFact)] == [Doubt.ESTIMATED, Doubt.STOP_DIFFERS]
