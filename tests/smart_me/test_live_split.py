"""The split, while a charger of the account is connected and charges."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select

import ocpp_ws
from accounts.values import AccountId
from charging.models import ChargingSession
from charging.use_cases import add_tag
from charging.values import SessionState
from kit import bus, clock, db
from kit.hub import Hub
from ocpp_ws import sockets
from ocpp_ws.sockets import Gateway
from smart_me import use_cases
from smart_me.values import Person, Tokens
from stations.models import Station
from stations.queries import SocketStation
from tests import make, scene
from tests.people import People
from tests.smart_me.conftest import here
from tests.talk import iso
from tests.wire import Client, pair, until

TAG = "04A1B2C3"


@pytest.fixture
def gateway(people: People) -> Iterator[Gateway]:
    bus.connect(None)
    hub = Hub()
    hub.start()
    ocpp_ws.start(hub)
    running = sockets.current()
    assert running is not None
    yield running
    hub.stop()


def session(transaction_id: int) -> ChargingSession:
    with db.transaction(writing=False) as unit:
        found = select(ChargingSession).where(ChargingSession.transaction_id == transaction_id)
        return unit.session.scalars(found).one()


def test_the_socket_stays_and_the_running_session_ends_where_it_began(people: People, gateway: Gateway) -> None:
    made = make.station(property=people.home, owner=people.alice, identity="CP-1")
    account_id = AccountId(people.home.id)
    add_tag(people.alice, account_id, id_tag=TAG)
    near, far = pair()
    gateway.adopt(far, b"", SocketStation(made.id, people.home.id, "CP-1", ""))
    charger = Client(near)
    connected_at = until(lambda: scene.row(Station, made.id).connected_at)
    start = {"connectorId": 1, "idTag": TAG, "meterStart": 1_000, "timestamp": iso(clock.now())}
    first = charger.call("1", "StartTransaction", start)[2]["transactionId"]
    use_cases.connect_account(
        here(people.alice), account_id, Person("sm-1", "olga", "o@x.example"), Tokens("a", "r", clock.now())
    )
    new = use_cases.separate(people.alice, account_id).account
    stop = {"transactionId": first, "meterStop": 1_000, "timestamp": iso(clock.now())}
    assert charger.call("2", "StopTransaction", stop)[0] == 3
    assert scene.row(Station, made.id).connected_at == connected_at, "it never hung up"
    old = session(first)
    assert (old.account_id, old.state) == (people.home.id, SessionState.ENDED)
    answer = charger.call("3", "StartTransaction", start | {"meterStart": 1_001})[2]
    assert answer["idTagInfo"]["status"] == "Accepted", "its tags came along"
    assert session(answer["transactionId"]).account_id == new.id
