"""From odd ends of sessions to the money: chargers that die, registers that can't be true, holds that lapse."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from accounts.access import SYSTEM
from billing import jobs, ledger, settling, use_cases
from billing.models import Document, Refund, SandboxHold
from billing.payments.port import ProviderDown
from billing.payments.sandbox.faults import faults
from billing.values import LedgerAccount, PaymentId, PaymentState, RefundId, RefundState
from charging import jobs as charging_jobs
from charging.models import ChargingSession, DoubtfulFact
from charging.values import Doubt, SessionState
from kit import clock, db, worker
from stations.values import ConnectorStatus
from tests import scene
from tests.billing.shop import Shop, commands, holds_at_provider, open_shop, payment_of

pytestmark = pytest.mark.usefixtures("database", "program")


@pytest.fixture(autouse=True)
def _no_faults() -> Iterator[None]:
    yield
    faults.clear()


def by_the_clock() -> None:
    """Everything that the jobs do about sessions and money, and what follows."""
    for job in (jobs.stop_at_hold, charging_jobs.close_silent_sessions, jobs.settle_leftovers, jobs.look_at_holds):
        job()
        worker.drain()


def charging(shop: Shop, energy_wh: int, minutes: int) -> tuple[PaymentId, ChargingSession]:
    """A driver who charges, with a reading some minutes after the start."""
    payment_id = shop.hold(email="")
    session = shop.plug_in(payment_id)
    with clock.moved_to(session.started_at + timedelta(minutes=minutes)):
        shop.read(session, energy_wh)
    return payment_id, session


def doubts(session: ChargingSession) -> list[Doubt]:
    return [row.doubt for row in scene.rows(DoubtfulFact, DoubtfulFact.session_id == session.id)]


# 1.00 for the session, 0.45 a kWh, 0.02 a minute: 10 kWh in an hour are 6.70.
def test_the_last_reading_of_a_charger_that_is_gone_for_a_day_is_charged_and_its_plug_is_free_again() -> None:
    shop = open_shop(max_power_w=11_000)
    payment_id, session = charging(shop, 10_000, 60)
    scene.silent(shop.station, timedelta(0))
    for hours in (2, 23):
        with clock.moved_to(session.started_at + timedelta(hours=hours)):
            by_the_clock()
    assert payment_of(payment_id).state is PaymentState.HELD
    for minutes in (25 * 60, 25 * 60 + 31):
        with clock.moved_to(session.started_at + timedelta(minutes=minutes)):
            by_the_clock()
    ended = scene.row(ChargingSession, session.id)
    assert (ended.state, ended.estimated, ended.energy_wh) == (SessionState.ENDED, True, 10_000)
    assert (payment_of(payment_id).state, payment_of(payment_id).captured_minor) == (PaymentState.CAPTURED, 670)
    scene.says(shop.station, ConnectorStatus.AVAILABLE)
    assert payment_of(shop.hold(email="")).state is PaymentState.HELD


def test_a_charger_that_lets_the_hold_lapse_is_asked_to_stop_and_then_not_waited_for() -> None:
    shop = open_shop(max_power_w=11_000)
    payment_id, _ = charging(shop, 10_000, 60)
    ends_at = payment_of(payment_id).hold_ends_at
    assert ends_at is not None
    for hours, state in ((13, PaymentState.HELD), (11.5, PaymentState.HELD), (10.9, PaymentState.CAPTURED)):
        with clock.moved_to(ends_at - timedelta(hours=hours)):
            scene.says(shop.station, ConnectorStatus.CHARGING)
            by_the_clock()
            assert payment_of(payment_id).state is state
    assert [action for action, _ in commands(shop)] == ["RemoteStartTransaction", "RemoteStopTransaction"]
    assert holds_at_provider(payment_id) == [("captured", 670, 67)]
    assert not use_cases.close_at_lapse(SYSTEM, payment_id)


def test_an_end_that_comes_after_all_is_kept_as_a_doubt_and_billed_to_nobody() -> None:
    shop = open_shop(max_power_w=11_000)
    payment_id, session = charging(shop, 10_000, 60)
    scene.silent(shop.station, timedelta(0))
    for minutes in (25 * 60, 25 * 60 + 31):
        with clock.moved_to(session.started_at + timedelta(minutes=minutes)):
            by_the_clock()
    with clock.moved_to(session.started_at + timedelta(hours=30)):
        shop.unplug(session, 14_000, session.started_at + timedelta(hours=2))
        by_the_clock()
    ended = scene.row(ChargingSession, session.id)
    assert (ended.energy_wh, ended.meter_stop_wh) == (10_000, 11_000)
    assert doubts(session) == [Doubt.ESTIMATED, Doubt.STOP_DIFFERS]
    assert holds_at_provider(payment_id) == [("captured", 670, 67)]
    assert len(scene.rows(Document)) == 1


def test_a_stop_register_that_no_charger_can_reach_is_replaced_by_the_last_reading() -> None:
    shop = open_shop(max_power_w=11_000)
    payment_id, session = charging(shop, 300, 2)
    with clock.moved_to(session.started_at + timedelta(minutes=3)):
        shop.unplug(session, 5_000_000)
        worker.drain()
    ended = scene.row(ChargingSession, session.id)
    assert (ended.energy_wh, ended.meter_stop_wh, ended.estimated) == (300, 1_300, True)
    (doubt,) = scene.rows(DoubtfulFact, DoubtfulFact.session_id == session.id)
    assert (doubt.doubt, doubt.facts["stop_wh"]) == (Doubt.IMPLAUSIBLE, 5_001_000)
    assert payment_of(payment_id).captured_minor == 120, "1.00 + 0.14 + 0.06"


# Ten times the rating is the end of belief: 110 kW give 18 kWh in ten minutes, and a kilowatt hour in doubt.
@pytest.mark.parametrize(("energy_wh", "billed_wh"), [(13_100, 13_100), (29_300, 29_300), (29_500, 10_000)])
def test_a_stop_register_is_held_against_what_the_plug_can_give_since_the_last_reading(
    energy_wh: int, billed_wh: int
) -> None:
    shop = open_shop(max_power_w=11_000)
    _, session = charging(shop, 10_000, 60)
    with clock.moved_to(session.started_at + timedelta(minutes=70)):
        shop.unplug(session, energy_wh)
    ended = scene.row(ChargingSession, session.id)
    assert (ended.energy_wh, ended.estimated) == (billed_wh, billed_wh != energy_wh)


def test_a_stop_is_believed_where_only_the_clock_of_the_charger_went_back() -> None:
    shop = open_shop(max_power_w=11_000)
    _, session = charging(shop, 10_000, 60)
    with clock.moved_to(session.started_at + timedelta(minutes=120)):
        shop.unplug(session, 19_000, session.started_at + timedelta(minutes=55))
    assert scene.row(ChargingSession, session.id).energy_wh == 19_000


def test_one_reading_that_can_not_be_true_neither_ends_a_session_nor_costs_anything() -> None:
    shop = open_shop(max_power_w=11_000)
    payment_id, session = charging(shop, 500, 5)
    with clock.moved_to(session.started_at + timedelta(minutes=6)):
        shop.read(session, 60_000, power_w=1_500_000)
        jobs.stop_at_hold()
    with clock.moved_to(session.started_at + timedelta(minutes=7)):
        shop.read(session, 800)
        jobs.stop_at_hold()
        assert [action for action, _ in commands(shop)] == ["RemoteStartTransaction"]
        shop.unplug(session, 900)
        worker.drain()
    assert scene.row(ChargingSession, session.id).energy_wh == 900
    assert payment_of(payment_id).captured_minor == 155, "1.00 + 0.41 + 0.14"
    named = scene.rows(DoubtfulFact, DoubtfulFact.session_id == session.id)
    assert sorted(row.code for row in named) == ["leap", "too_much_power"]


def test_a_plug_that_gives_more_than_its_rating_says_is_believed_by_its_power() -> None:
    shop = open_shop(max_power_w=11_000)
    _, session = charging(shop, 900, 1)
    for minutes, energy_wh in ((2, 1_700), (17, 14_200)):
        with clock.moved_to(session.started_at + timedelta(minutes=minutes)):
            shop.read(session, energy_wh, power_w=50_000)
    assert scene.row(ChargingSession, session.id).last_wh == 15_200
    assert doubts(session) == []


def test_refunds_that_are_answered_out_of_order_return_each_fee_once() -> None:
    shop = open_shop()
    payment_id = shop.charge(email="")
    first, second = (RefundId(use_cases.refund(shop.owner, payment_id, amount).id) for amount in (100, 200))
    faults.arrange("refund", answer_lost=True)
    with pytest.raises(ProviderDown):
        settling.refund(first)
    settling.refund(second)
    settling.refund(first)
    rows = scene.rows(Refund)
    assert [(row.state, row.amount_minor, row.fee_returned_minor) for row in rows] == [
        (RefundState.DONE, 100, 0),
        (RefundState.DONE, 200, 30),
    ]
    (hold,) = scene.rows(SandboxHold)
    assert (hold.captured_minor, hold.refunded_minor) == (610, 300)
    assert payment_of(payment_id).fee_returned_minor == 30
    assert fee_in_the_books(payment_id) == 61 - 30


def fee_in_the_books(payment_id: PaymentId) -> int:
    with db.transaction(writing=False):
        return ledger.payment_balance(payment_id, LedgerAccount.PLATFORM_FEE)
