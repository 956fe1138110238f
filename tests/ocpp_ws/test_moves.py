"""A station moves to another account while its charger is connected, charges, and goes on dialling where it did."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select, update

import ocpp_ws
from accounts.access import SYSTEM
from accounts.models import Account
from accounts.values import AccountId
from charging.models import ChargingSession, Tag
from charging.use_cases import add_tag
from charging.values import SessionState
from kit import bus, clock, db, worker
from kit.hub import Hub
from ocpp_ws import proofs, renewals, sockets
from ocpp_ws.addresses import Asked
from ocpp_ws.sockets import Gateway
from stations.models import Message, Station
from stations.queries import SocketStation
from stations.use_cases import move_station
from stations.values import StationId
from tests import scene
from tests.talk import iso
from tests.wire import Client, pair, until

pytestmark = pytest.mark.usefixtures("database", "program")
TAG = "04A1B2C3"


@pytest.fixture
def gateway(database: str, program: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gateway]:
    monkeypatch.setattr(renewals, "LOOK_EVERY_S", 0.05)
    bus.connect(None)
    hub = Hub()
    hub.start()
    ocpp_ws.start(hub)
    running = sockets.current()
    assert running is not None
    yield running
    hub.stop()


class Houses:
    """Two properties of one master; a station in the first, to which its charger is connected."""

    def __init__(self, gateway: Gateway) -> None:
        master = scene.account()
        self.old = scene.account(name="Bahnhofstrasse 1", parent=master)
        self.new = scene.account(name="Bahnhofstrasse 1 (OCPP)", parent=master)
        self.station = scene.station(property=self.old, identity="WALLBOX-7", online=False)
        near, far = pair()
        known = SocketStation(self.station.id, self.old.id, self.station.identity, "")
        gateway.adopt(far, b"", known)
        self.charger = Client(near)
        until(lambda: scene.row(Station, self.station.id).connected_at)

    def move(self) -> None:
        move_station(SYSTEM, StationId(self.station.id), AccountId(self.new.id))

    def start(self, message_id: str, register: int) -> int:
        facts = {"connectorId": 1, "idTag": TAG, "meterStart": register, "timestamp": iso(clock.now())}
        return int(self.charger.call(message_id, "StartTransaction", facts)[2]["transactionId"])

    def accepts(self, message_id: str) -> bool:
        answer = self.charger.call(message_id, "Authorize", {"idTag": TAG})
        return bool(answer[2]["idTagInfo"]["status"] == "Accepted")

    def session(self, transaction_id: int) -> ChargingSession:
        with db.transaction(writing=False) as unit:
            found = select(ChargingSession).where(ChargingSession.transaction_id == transaction_id)
            return unit.session.scalars(found).one()


@pytest.fixture
def houses(gateway: Gateway) -> Houses:
    return Houses(gateway)


def logged_in(account: Account) -> int:
    with db.transaction(writing=False) as unit:
        found = select(Message.id).where(Message.account_id == account.id)
        return len(unit.session.scalars(found).all())


def test_a_session_that_runs_ends_where_it_began_and_the_next_one_begins_in_the_new_account(houses: Houses) -> None:
    add_tag(SYSTEM, AccountId(houses.old.id), id_tag=TAG)
    first = houses.start("1", 1_000)
    houses.move()
    stop = {"transactionId": first, "meterStop": 1_000, "timestamp": iso(clock.now()), "idTag": TAG}
    assert houses.charger.call("2", "StopTransaction", stop)[0] == 3, "the socket is the same"
    ended = houses.session(first)
    assert (ended.account_id, ended.state) == (houses.old.id, SessionState.ENDED)
    second = houses.start("3", 1_001)
    assert houses.session(second).account_id == houses.new.id


def test_from_then_on_tags_of_the_new_account_count_and_its_log_fills(houses: Houses) -> None:
    add_tag(SYSTEM, AccountId(houses.old.id), id_tag=TAG)
    assert houses.accepts("1")
    until(lambda: logged_in(houses.old))
    houses.move()
    numbers = iter(range(100, 100_000))
    until(lambda: not houses.accepts(str(next(numbers))))
    until(lambda: logged_in(houses.new))
    with db.transaction(writing=True) as unit:
        unit.session.execute(update(Tag).values(account_id=houses.new.id))
    assert houses.accepts("3")


def test_also_when_the_note_is_lost(houses: Houses, monkeypatch: pytest.MonkeyPatch) -> None:
    add_tag(SYSTEM, AccountId(houses.old.id), id_tag=TAG)
    assert houses.accepts("1")
    with monkeypatch.context() as lost:
        lost.setattr(bus, "_bus", bus.Bus())
        houses.move()
    numbers = iter(range(100, 100_000))
    until(lambda: not houses.accepts(str(next(numbers))))


def test_the_charger_is_known_at_the_address_that_it_dialled_before(houses: Houses) -> None:
    houses.move()
    for account in (houses.old, houses.new):
        found = proofs.look_up(Asked(account.code, "WALLBOX-7"))
        assert found is not None
        assert (found.id, found.account_id, found.by_account) == (houses.station.id, houses.new.id, True)
    worker.drain()
