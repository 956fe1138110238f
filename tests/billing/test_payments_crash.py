"""Killed at any point between scan and receipt, the program goes on: one start, one capture, one receipt.

A kill is an exception that nobody catches: what was committed stays, what was running is gone, the worker's claim is
left behind. The restart forgets claims and lets the worker and the clock do the rest.
"""

import importlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from billing import checkout, jobs, ledger, use_cases
from billing.models import Document, LedgerEntry, Refund
from billing.values import PaymentId, PaymentStage, PaymentState, RefundState
from charging.models import Authorisation
from kit import clock, db, mail, worker
from stations.values import CommandState
from tests import scene
from tests.billing.shop import Shop, commands, holds_at_provider, open_shop, payment_of, session_of

pytestmark = pytest.mark.usefixtures("database", "program")

PROVIDER = "billing.payments.sandbox.adapter:SandboxProvider"
DOORS = "billing.use_cases"


class Killed(BaseException):
    """kill -9 at this point."""


class Bomb:
    """Kills once: before or after a function did its work."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, where: str, name: str, when: str) -> None:
        module, _, holder = where.partition(":")
        target = getattr(importlib.import_module(module), holder) if holder else importlib.import_module(module)
        real = getattr(target, name)
        self.gone_off = False

        def rigged(*args: Any, **kwargs: Any) -> Any:
            if when == "before":
                self.go_off()
            result = real(*args, **kwargs)
            if when == "after":
                self.go_off()
            return result

        monkeypatch.setattr(target, name, rigged)

    def go_off(self) -> None:
        if not self.gone_off:
            self.gone_off = True
            raise Killed()


def survive(deed: Callable[[], object], *, again: bool = False) -> None:
    """Do it; when the program is killed meanwhile, restart it. `again`: whoever asked for it presses reload."""
    try:
        deed()
    except Killed:
        worker.release_claims()
        if again:
            deed()


def go_on() -> None:
    """The worker and the clock, for some minutes; events come again up to half an hour later."""
    for minutes in (0, 2, 4):
        with clock.moved_to(clock.now() + timedelta(minutes=minutes)):
            survive(worker.drain)
            for job in (jobs.deliver_sandbox_notices, jobs.look_at_checkouts, jobs.settle_leftovers):
                survive(job)
            survive(worker.drain)


def held(shop: Shop, **facts: Any) -> PaymentId:
    """Scan and pay; then the driver's telephone is out of reach."""
    payment_id = shop.scan(**facts)
    survive(lambda: shop.pay(payment_id), again=True)
    survive(lambda: checkout.returned(payment_id))
    go_on()
    return payment_id


def charged(shop: Shop, **facts: Any) -> PaymentId:
    """The whole story."""
    payment_id = held(shop, **facts)
    assert shop.view(payment_id).stage is PaymentStage.PLUG_IN
    survive(lambda: shop.plug_in(payment_id))
    session = session_of(payment_id)
    with clock.moved_to(session.started_at + timedelta(minutes=30)):
        shop.unplug(session, 10_000, clock.now())
        go_on()
    return payment_id


def assert_paid_once(shop: Shop, payment_id: PaymentId) -> None:
    payment = payment_of(payment_id)
    assert (payment.state, payment.captured_minor, payment.fee_minor) == (PaymentState.CAPTURED, 610, 61)
    assert [hold for hold in holds_at_provider(payment_id) if hold[0] != "open"] == [("captured", 610, 61)]
    assert [(row.number, row.gross_minor) for row in scene.rows(Document)] == [(1, 610)]
    assert len(scene.rows(Authorisation)) == 1
    assert [action for action, _ in commands(shop)] == ["RemoteStartTransaction"]
    assert len(scene.rows(LedgerEntry)) == 1
    with db.transaction(writing=False):
        assert ledger.unbalanced_entries() == []


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    ("where", "name"),
    [
        (PROVIDER, "open_checkout"),
        (DOORS, "checkout_opened"),
        (PROVIDER, "read_hold"),
        (DOORS, "hold_taken"),
        ("billing.use_cases.payments", "request_start"),
        (DOORS, "attach_session"),
        (DOORS, "settle_session"),
        ("billing.use_cases.settlement", "price_session"),
        (PROVIDER, "capture"),
        (DOORS, "payment_captured"),
        ("billing.use_cases.settlement", "issue_receipt"),
        ("billing.ledger", "book_capture"),
        (DOORS, "store_notice"),
    ],
)
def test_a_kill_on_the_way_to_the_receipt(monkeypatch: pytest.MonkeyPatch, where: str, name: str, when: str) -> None:
    shop = open_shop()
    bomb = Bomb(monkeypatch, where, name, when)
    payment_id = charged(shop, email="")
    assert bomb.gone_off, "the kill never came"
    assert_paid_once(shop, payment_id)


@pytest.mark.parametrize(
    ("where", "name", "when"),
    [
        ("kit.mail", "send", "before"),
        ("kit.mail", "send", "after"),
        (DOORS, "note_letter", "after"),
        ("billing.documents", "document_pdf", "before"),
    ],
)
def test_a_kill_around_a_letter(monkeypatch: pytest.MonkeyPatch, where: str, name: str, when: str) -> None:
    """One killed after it went out and before it was written down goes out again, under the same Message-ID."""
    shop = open_shop()
    bomb = Bomb(monkeypatch, where, name, when)
    payment_id = charged(shop)
    assert bomb.gone_off
    assert_paid_once(shop, payment_id)
    letters = mail.letters()
    assert len({letter.name.rpartition("-")[2] for letter in letters}) == 2
    assert sorted({len(letter.attachments) for letter in letters}) == [0, 1]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    ("where", "name"),
    [(DOORS, "release_failed_start"), (PROVIDER, "cancel"), (DOORS, "payment_released")],
)
def test_a_kill_while_the_hold_is_given_back(monkeypatch: pytest.MonkeyPatch, where: str, name: str, when: str) -> None:
    shop = open_shop()
    payment_id = held(shop, email="")
    bomb = Bomb(monkeypatch, where, name, when)
    survive(lambda: shop.answer(CommandState.REFUSED))
    go_on()
    assert bomb.gone_off
    payment = payment_of(payment_id)
    assert (payment.state, payment.failure) == (PaymentState.RELEASED, "refused")
    assert holds_at_provider(payment_id) == [("released", 0, 0)]
    assert scene.rows(Document) == []


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    ("where", "name"),
    [(PROVIDER, "refund"), (DOORS, "refund_made"), ("billing.use_cases.refunds", "issue_credit_note")],
)
def test_a_kill_while_money_is_paid_back(monkeypatch: pytest.MonkeyPatch, where: str, name: str, when: str) -> None:
    shop = open_shop()
    payment_id = charged(shop, email="")
    bomb = Bomb(monkeypatch, where, name, when)
    use_cases.refund(shop.owner, payment_id, 110)
    go_on()
    assert bomb.gone_off
    (refund,) = scene.rows(Refund)
    assert (refund.state, refund.fee_returned_minor) == (RefundState.DONE, 11)
    assert payment_of(payment_id).refunded_minor == 110
    assert sorted(row.gross_minor for row in scene.rows(Document)) == [-110, 610]
    assert len(scene.rows(LedgerEntry)) == 2


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_kill_while_a_replaced_checkout_is_closed(monkeypatch: pytest.MonkeyPatch, when: str) -> None:
    shop = open_shop()
    payment_id = shop.scan(email="")
    checkout.start(payment_id)
    bomb = Bomb(monkeypatch, PROVIDER, "close_checkout", when)
    survive(lambda: checkout.cancelled(payment_id), again=True)
    go_on()
    assert bomb.gone_off
    assert payment_of(payment_id).state is PaymentState.ABANDONED
    assert holds_at_provider(payment_id) == [("expired", 0, 0)]
