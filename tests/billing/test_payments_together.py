"""Many at the same moment: one payment a connector, one start a payment, one capture and one receipt a session."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from accounts.access import SYSTEM, Actor
from billing import checkout, queries, settling, use_cases
from billing.models import Document, LedgerEntry, Payment
from billing.payments import sandbox
from billing.values import HoldState, PaymentState
from charging.models import Authorisation
from charging.use_cases import request_stop
from charging.values import SessionId
from kit import clock, worker
from kit.errors import Conflict
from tests import scene
from tests.billing.shop import commands, holds_at_provider, open_shop, payment_of

pytestmark = pytest.mark.usefixtures("database", "program")
THREADS = 8


def together(deed: Callable[[], object]) -> Counter[str]:
    """Eight threads do it; what came of it, by the name of the error."""

    def one(_: int) -> str:
        try:
            deed()
        except Conflict as conflict:
            return conflict.code
        return "done"

    with ThreadPoolExecutor(THREADS) as pool:
        return Counter(pool.map(one, range(THREADS)))


def test_of_eight_scanners_one_may_pay() -> None:
    shop = open_shop()
    assert together(lambda: shop.scan(email="")) == {"done": 1, "occupied": 7}
    assert len(scene.rows(Payment)) == 1


def test_a_hold_that_is_told_eight_times_starts_the_charger_once() -> None:
    shop = open_shop()
    payment_id = shop.scan(email="")
    shop.pay(payment_id)
    assert together(lambda: checkout.look(payment_id)) == {"done": 8}
    assert payment_of(payment_id).state is PaymentState.HELD
    assert len(scene.rows(Authorisation)) == 1


def test_a_scanner_and_a_hold_at_the_same_moment_never_wait_for_each_other() -> None:
    shop = open_shop()
    first = shop.scan(email="")
    shop.pay(first)
    hold = sandbox.provider.read_hold(payment_of(first).checkout_ref or "")
    deeds: list[Callable[[], object]] = [
        lambda: use_cases.hold_taken(SYSTEM, first, hold),
        lambda: shop.scan(email=""),
    ]
    turns = iter(deeds * (THREADS // 2))
    with clock.moved_to(clock.now() + timedelta(minutes=11)):
        outcome = together(lambda: next(turns)())
        worker.drain()
    rows = scene.rows(Payment)
    assert outcome["done"] + outcome["occupied"] == THREADS
    assert [row.state for row in rows].count(PaymentState.HELD) + [row.state for row in rows].count(
        PaymentState.OPENING
    ) == 1


def test_a_session_that_is_settled_eight_times_is_paid_once() -> None:
    shop = open_shop()
    payment_id = shop.hold(email="")
    session = shop.plug_in(payment_id)
    with clock.moved_to(session.started_at + timedelta(minutes=30)):
        shop.unplug(session, 10_000, clock.now())
        assert together(lambda: use_cases.settle_session(SYSTEM, SessionId(session.id))) == {"done": 8}
        assert queries.payment(SYSTEM, payment_id).state is PaymentState.CAPTURING
        together(lambda: _captured(lambda: settling.capture(payment_id)))
        worker.drain()
    assert payment_of(payment_id).state is PaymentState.CAPTURED
    assert holds_at_provider(payment_id) == [(HoldState.CAPTURED.value, 610, 61)]
    assert len(scene.rows(Document)) == len(scene.rows(LedgerEntry)) == 1


def test_a_driver_and_his_operator_who_stop_at_the_same_moment_send_one_message() -> None:
    shop = open_shop()
    payment_id = shop.hold(email="")
    session = shop.plug_in(payment_id)
    deeds: list[Callable[[], object]] = [
        lambda: use_cases.stop_charging(Actor.payer(payment_id), payment_id),
        lambda: request_stop(shop.owner, SessionId(session.id)),
    ]
    turns = iter(deeds * (THREADS // 2))
    assert together(lambda: next(turns)()) == {"done": THREADS}
    assert [action for action, _ in commands(shop)] == ["RemoteStartTransaction", "RemoteStopTransaction"]


def _captured(deed: Callable[[], object]) -> None:
    """The sandbox answers the same call at the same moment with "not now", as real providers do."""
    from billing.payments.port import ProviderDown

    try:
        deed()
    except ProviderDown:
        deed()
