"""A station moves to another account between the payment and the start."""

from accounts.access import SYSTEM
from accounts.values import AccountId
from billing.models import Payment
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
