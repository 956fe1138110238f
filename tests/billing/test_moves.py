"""A station moves to another account between the payment and the start."""

from accounts.access import SYSTEM
from accounts.values import AccountId
from billing import checkout
from billing.models import Payment
from billing.values import PaymentState
from kit import worker
from stations.use_cases import move_station
from stations.values import StationId
from tests import make, scene
from tests.billing.shop import open_shop


def test_a_start_that_is_paid_for_belongs_to_whoever_sold_it(database: str) -> None:
    shop = open_shop()
    payment_id = shop.hold()
    other = make.property(name="Haus im Tal")
    move_station(SYSTEM, StationId(shop.station.id), AccountId(other.id))
    worker.drain()
    session = shop.plug_in(payment_id)
    assert session.account_id == scene.row(Payment, payment_id).account_id == shop.account.id


def test_a_card_that_comes_after_the_move_is_not_charged_for_another_seller(database: str) -> None:
    neighbour = open_shop().account  # is paid, too
    shop = open_shop()
    payment_id = shop.scan()
    shop.pay(payment_id)
    move_station(SYSTEM, StationId(shop.station.id), AccountId(neighbour.id))
    checkout.returned(payment_id)
    worker.drain()
    payment = scene.row(Payment, payment_id)
    assert (payment.state, payment.failure) == (PaymentState.RELEASED, "operator_cannot_be_paid")
