"""A connector is for one driver at a time, from the scan on; and nobody pays for a place that he does not get."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from accounts.access import SYSTEM, Actor
from billing import checkout, jobs, use_cases
from billing.models import Payment
from billing.values import PaymentId, PaymentStage, PaymentState
from charging.models import Authorisation
from kit import clock, worker
from kit.errors import Conflict
from kit.ids import new_id
from stations.values import ConnectorStatus
from tests import scene
from tests.billing.shop import (
    DECLINED,
    LATE,
    Shop,
    commands,
    holds_at_provider,
)

pytestmark = pytest.mark.usefixtures("database", "program")


def test_a_second_scanner_hears_occupied_at_every_step(shop: Shop) -> None:
    payment_id = shop.scan()
    steps: list[Callable[[], object]] = [
        lambda: None,
        lambda: shop.pay(payment_id),
        lambda: checkout.returned(payment_id),
        lambda: shop.plug_in(payment_id),
    ]
    for step in steps:
        step()
        with pytest.raises(Conflict, match="occupied"):
            shop.scan()
    assert len(scene.rows(Payment)) == 1


def test_a_checkout_nobody_finishes_blocks_for_ten_minutes_only(shop: Shop) -> None:
    first = shop.scan()
    shop.pay(first, DECLINED)
    with clock.moved_to(clock.now() + timedelta(minutes=10, seconds=1)):
        second = shop.hold()
        assert (shop.view(first).stage, shop.view(first).failure) == (PaymentStage.ABANDONED, "replaced")
        assert shop.view(second).stage is PaymentStage.PLUG_IN
    assert holds_at_provider(first) == [("expired", 0, 0)]


def test_a_driver_may_replace_his_own_checkout_at_once(shop: Shop) -> None:
    first = shop.scan()
    with pytest.raises(Conflict, match="occupied"):
        shop.scan(actor=Actor.payer(PaymentId(new_id())))
    second = shop.scan(actor=Actor.payer(first))
    assert shop.view(first).stage is PaymentStage.ABANDONED
    assert shop.view(second).stage is PaymentStage.CHECKOUT
    with pytest.raises(Conflict, match="checkout_closed"):
        checkout.start(first)


def test_who_pays_on_a_page_that_was_replaced_gets_his_money_back(shop: Shop) -> None:
    first = shop.scan()
    shop.pay(first)
    use_cases.checkout_abandoned(SYSTEM, first, "replaced")
    worker.drain()
    view = shop.view(first)
    assert (view.stage, view.failure, view.state) == (PaymentStage.NOT_STARTED, "replaced", PaymentState.RELEASED)
    assert commands(shop) == []


def test_a_connector_that_was_taken_meanwhile_gives_the_money_back_at_once(shop: Shop) -> None:
    payment_id = shop.scan()
    shop.pay(payment_id)
    scene.says(shop.station, ConnectorStatus.FAULTED)
    checkout.returned(payment_id)
    worker.drain()
    view = shop.view(payment_id)
    assert (view.stage, view.failure, view.state) == (PaymentStage.NOT_STARTED, "faulted", PaymentState.RELEASED)
    assert (commands(shop), scene.rows(Authorisation)) == ([], [])


def test_a_checkout_nobody_comes_back_from_is_closed_after_half_an_hour(shop: Shop) -> None:
    waiting = shop.scan()
    checkout.start(waiting)
    with clock.moved_to(clock.now() + timedelta(minutes=31)):
        jobs.look_at_checkouts()
        worker.drain()
        scene.says(shop.station, ConnectorStatus.AVAILABLE)
        opening = shop.scan()
    assert (shop.view(waiting).stage, shop.view(waiting).failure) == (PaymentStage.ABANDONED, "expired")
    with clock.moved_to(clock.now() + timedelta(minutes=62)):
        jobs.look_at_checkouts()
    assert shop.view(opening).failure == "expired"


def test_who_paid_but_never_came_back_is_found_by_the_clock(shop: Shop) -> None:
    payment_id = shop.scan()
    shop.pay(payment_id, LATE)
    with clock.moved_to(clock.now() + timedelta(minutes=2)):
        jobs.look_at_checkouts()
    assert shop.view(payment_id).stage is PaymentStage.PLUG_IN
