"""A paid session comes to its end, or to none: the driver stops, the start fails, the reserved money runs out."""

from datetime import timedelta

import pytest

from accounts.access import Actor
from billing import jobs, use_cases
from billing.models import Document
from billing.values import PaymentStage, PaymentState
from charging.models import Authorisation
from charging.values import AuthorisationState
from kit import clock, worker
from kit.errors import Conflict
from stations.values import CommandState
from tests import scene
from tests.billing.shop import Shop, books, commands, holds_at_provider, open_shop

pytestmark = pytest.mark.usefixtures("database", "program")


@pytest.mark.parametrize(
    ("state", "failure"),
    [(CommandState.REFUSED, "refused"), (CommandState.TIMED_OUT, "no_answer"), (CommandState.EXPIRED, "offline")],
)
def test_a_start_that_comes_to_nothing_releases_the_hold_and_says_why(
    shop: Shop, state: CommandState, failure: str
) -> None:
    payment_id = shop.hold()
    shop.answer(state)
    view = shop.view(payment_id)
    assert (view.stage, view.failure, view.state) == (PaymentStage.NOT_STARTED, failure, PaymentState.RELEASED)
    assert view.released_minor == 6000
    assert holds_at_provider(payment_id) == [("released", 0, 0)]
    assert scene.rows(Document) == []
    assert books(shop.account.id) == {}


def test_a_driver_who_changes_his_mind_before_plugging_in_gets_everything_back(shop: Shop) -> None:
    payment_id = shop.hold()
    use_cases.stop_charging(Actor.payer(payment_id), payment_id)
    worker.drain()
    view = shop.view(payment_id)
    assert (view.stage, view.failure) == (PaymentStage.NOT_STARTED, "cancelled")
    assert scene.rows(Authorisation)[0].state is AuthorisationState.FAILED
    with pytest.raises(Conflict, match="not_charging"):
        use_cases.stop_charging(Actor.payer(payment_id), payment_id)


def test_the_driver_stops_his_session_and_hears_when_the_charger_will_not(shop: Shop) -> None:
    payment_id = shop.hold()
    shop.plug_in(payment_id)
    for _ in range(2):
        use_cases.stop_charging(Actor.payer(payment_id), payment_id)
    assert shop.view(payment_id).stage is PaymentStage.STOPPING
    assert [action for action, _ in commands(shop)] == ["RemoteStartTransaction", "RemoteStopTransaction"]
    shop.answer(CommandState.REFUSED)
    view = shop.view(payment_id)
    assert (view.stage, view.stop_failure) == (PaymentStage.CHARGING, "refused")
    use_cases.stop_charging(Actor.payer(payment_id), payment_id)
    assert len(commands(shop)) == 3
    assert shop.view(payment_id).stop_failure is None


def test_below_fifty_rappen_the_whole_hold_is_given_back() -> None:
    shop = open_shop(session="0", time="0")
    payment_id = shop.charge(energy_wh=1_100)  # 0.495 is rounded to 0.50
    assert shop.view(payment_id).captured_minor == 50
    payment_id = shop.charge(energy_wh=1_000)  # 0.45
    view = shop.view(payment_id)
    assert (view.stage, view.state, view.captured_minor) == (PaymentStage.NOTHING_DUE, PaymentState.RELEASED, None)
    assert view.cost is not None
    assert view.cost.gross_minor == 45
    assert len(scene.rows(Document)) == 1


def test_a_session_is_stopped_before_its_cost_passes_the_hold() -> None:
    shop = open_shop(max_power_w=150_000)
    payment_id = shop.hold()
    session = shop.plug_in(payment_id)
    hour = session.started_at + timedelta(hours=1)
    with clock.moved_to(hour):
        shop.read(session, 128_000, 11_000)  # 57.60 + 1.20 + 1.00
        jobs.stop_at_hold()
        assert shop.view(payment_id).stage is PaymentStage.CHARGING
    with clock.moved_to(hour + timedelta(seconds=30)):
        shop.read(session, 128_400, 11_000)  # 57.78 + 1.21 + 1.00, and 0.05 more within half a minute
        for _ in range(3):
            jobs.stop_at_hold()
        assert shop.view(payment_id).stage is PaymentStage.STOPPING
        assert [action for action, _ in commands(shop)].count("RemoteStopTransaction") == 1
    with clock.moved_to(hour + timedelta(minutes=10)):
        shop.unplug(session, 130_000, clock.now())
        worker.drain()
    view = shop.view(payment_id)
    assert (view.captured_minor, view.released_minor) == (6000, 0)
    assert scene.rows(Document)[0].gross_minor == 6000
    assert holds_at_provider(payment_id) == [("captured", 6000, 600)]


def test_a_hold_that_is_about_to_lapse_ends_the_session(shop: Shop) -> None:
    payment_id = shop.hold()
    shop.plug_in(payment_id)
    with clock.moved_to(clock.now() + timedelta(days=6, hours=12, minutes=30)):
        jobs.stop_at_hold()
    assert shop.view(payment_id).stage is PaymentStage.STOPPING
