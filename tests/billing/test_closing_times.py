"""Sessions end at closing time where the operator wants that, and drivers are told before."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from accounts.access import ANYONE, SYSTEM
from accounts.values import AccountId
from billing import checkout, jobs
from billing.queries import offer_of
from billing.use_cases import Whom, add_person_price, request_payment
from billing.values import Driver, PaymentId, PriceWhere
from charging.models import ChargingSession
from charging.use_cases import add_tag, start_session
from kit import clock, db, worker
from stations.models import StationCommand
from stations.opening_hours import WEEK, OpeningHours, OutsideHours, Span
from stations.use_cases import finish_command, mark_command_sent, set_connector_hours
from stations.values import Action, CommandId, CommandState, ConnectorId
from tests import scene
from tests.billing.shop import Shop, open_shop

pytestmark = pytest.mark.usefixtures("database")
ZURICH = ZoneInfo("Europe/Zurich")
TEN_TO = datetime(2027, 1, 18, 20, 50, tzinfo=UTC)  # ten minutes before it closes at 22:00
CLOSES = TEN_TO + timedelta(minutes=10)


@pytest.fixture(autouse=True)
def _evening() -> Iterator[None]:
    with clock.moved_to(TEN_TO):
        yield


def hours(outside: OutsideHours = OutsideHours.OWN, *, ends: bool = True) -> OpeningHours:
    return OpeningHours(dict.fromkeys(WEEK, (Span(time(6), time(22)),)), (), outside, ends)


def keep(shop: Shop, kept: OpeningHours) -> None:
    set_connector_hours(shop.owner, ConnectorId(shop.connector.id), kept)


def stops(shop: Shop) -> int:
    wanted = StationCommand.station_id == shop.station.id, StationCommand.action == Action.REMOTE_STOP
    return len(scene.rows(StationCommand, *wanted))


def look_at_the_clock(*, after: timedelta = timedelta(0)) -> None:
    with clock.moved_to(CLOSES + after):
        jobs.stop_at_closing()
        worker.drain()


def paying(shop: Shop) -> PaymentId:
    payment_id = shop.hold()
    shop.plug_in(payment_id)
    return payment_id


def by_tag(shop: Shop) -> ChargingSession:
    add_tag(shop.owner, AccountId(shop.account.id), "04AA")
    with db.transaction(writing=True):
        start_session(shop.as_charger, number=1, id_tag="04AA", meter_start_wh=1_000, at=clock.now())
    worker.drain()
    (session,) = scene.rows(ChargingSession)
    assert isinstance(session, ChargingSession)
    return session


def test_a_paid_session_is_stopped_at_closing_and_its_driver_was_told() -> None:
    shop = open_shop()
    keep(shop, hours())
    assert offer_of(ANYONE, ConnectorId(shop.connector.id)).ends_at == CLOSES
    payment_id = paying(shop)
    assert shop.view(payment_id).ends_at == CLOSES
    look_at_the_clock(after=-timedelta(seconds=1))
    assert stops(shop) == 0
    look_at_the_clock()
    look_at_the_clock(after=timedelta(seconds=30))
    assert stops(shop) == 1
    assert shop.view(payment_id).stage.value == "stopping"


def test_without_the_switch_what_runs_goes_on() -> None:
    shop = open_shop()
    keep(shop, hours(ends=False))
    payment_id = paying(shop)
    assert shop.view(payment_id).ends_at is None
    look_at_the_clock()
    assert stops(shop) == 0


@pytest.mark.parametrize(
    ("outside", "ended"), [(OutsideHours.OWN, 0), (OutsideHours.NOBODY, 1), (OutsideHours.EVERYBODY, 0)]
)
def test_own_tags_go_on_where_they_may_charge_when_it_is_closed(outside: OutsideHours, ended: int) -> None:
    shop = open_shop()
    keep(shop, hours(outside))
    by_tag(shop)
    look_at_the_clock()
    assert stops(shop) == ended


def test_so_does_a_payer_with_a_price_of_his_own() -> None:
    shop, known = open_shop(), Driver(email="anna@example.org")
    keep(shop, hours())
    at = PriceWhere.STATION, shop.station.id
    add_person_price(shop.owner, *at, Whom(email=known.email), energy_price=Decimal(0))
    asked = {"email": "", "language": "de", "terms_accepted": True}
    payment = request_payment(ANYONE, ConnectorId(shop.connector.id), driver=known, **asked)  # type: ignore[arg-type]
    checkout.start(PaymentId(payment.id))
    worker.drain()
    shop.plug_in(PaymentId(payment.id))
    assert shop.view(PaymentId(payment.id)).ends_at is None
    look_at_the_clock()
    assert stops(shop) == 0


def test_a_charger_that_refuses_is_asked_again_after_five_minutes() -> None:
    shop = open_shop()
    keep(shop, hours(OutsideHours.NOBODY))
    by_tag(shop)
    look_at_the_clock()
    (command,) = scene.rows(StationCommand, StationCommand.action == Action.REMOTE_STOP)
    mark_command_sent(SYSTEM, CommandId(command.id))
    finish_command(SYSTEM, CommandId(command.id), CommandState.REFUSED)
    look_at_the_clock(after=timedelta(minutes=4))
    assert stops(shop) == 1
    look_at_the_clock(after=timedelta(minutes=6))
    assert stops(shop) == 2


def test_closing_in_an_hour_that_comes_twice_is_at_its_second_pass() -> None:
    night = OpeningHours(
        dict.fromkeys(WEEK, (Span(time(0), time(2, 30)),)), (), OutsideHours.NOBODY, ends_sessions=True
    )
    first, second = datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert night.ends_at(first, ZURICH, own=False) == second
    assert night.ends_at(second, ZURICH, own=False) == second
    skipped = datetime(2027, 3, 28, 1, 0, tzinfo=UTC)  # 03:00: there was no 02:30
    assert night.ends_at(skipped - timedelta(minutes=1), ZURICH, own=False) == skipped
