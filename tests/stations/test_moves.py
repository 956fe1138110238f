"""Moving a station to another account: who may, what goes along, what stays."""

from decimal import Decimal

import pytest

import billing.reactions
import charging.reactions
from accounts.models import Account
from accounts.rights import Role
from accounts.values import AccountId
from billing.queries import prices_of
from charging.models import ChargingSession
from kit import worker
from kit.errors import Forbidden, Invalid, NotFound
from stations.messages import MessageFilter
from stations.models import Connector, Station, StationCommand
from stations.queries import former_places, messages
from stations.use_cases import add_station, move_station, request_command
from stations.values import Action, NewConnector, StationId
from tests import log_rows, make, scene
from tests.made import MadeStation
from tests.people import People


@pytest.fixture
def station(people: People) -> MadeStation:
    worker.bind([charging.reactions.REACTIONS, billing.reactions.REACTIONS], [])
    made = make.station(property=people.home, owner=people.alice, identity="CP-1")
    make.price(connector=made.connector, owner=people.alice, energy="0.45")
    return made


def moved(people: People, station: MadeStation, to: Account | None = None) -> Station:
    move_station(people.alice, StationId(station.id), AccountId((to or people.next_door).id))
    worker.drain()
    row: Station = make.row(Station, station.id)
    return row


def test_numbers_prices_and_open_commands_go_along(people: People, station: MadeStation) -> None:
    waiting = request_command(people.alice, StationId(station.id), Action.RESET, {"type": "Soft"})
    code = station.connector.code
    assert moved(people, station).account_id == people.next_door.id
    connector = make.row(Connector, station.connector.id)
    assert (connector.account_id, connector.code) == (people.next_door.id, code), "labels stay good"
    assert make.row(StationCommand, waiting.id).account_id == people.next_door.id
    price = prices_of(people.alice, [connector.id])[connector.id]
    assert (price.account_id, price.energy_price) == (people.next_door.id, Decimal("0.45"))


def test_what_happened_stays_and_is_found_by_whoever_may_look_into_both(people: People, station: MadeStation) -> None:
    session = scene.session(connector=station.connector, energy_wh=5_000, ended=True)
    log_rows.log(log_rows.said(station))
    moved(people, station)
    assert make.row(ChargingSession, session.id).account_id == people.home.id
    log_rows.log(log_rows.said(station, account_id=people.next_door.id))
    of_it = MessageFilter(station_id=station.id)
    assert len(messages(people.alice, of_it).rows) == 2
    newcomer = make.login(account=people.next_door).actor
    assert len(messages(newcomer, of_it).rows) == 1, "what happened next door is not his"
    assert former_places(newcomer, StationId(station.id)) == []
    (before,) = former_places(people.alice, StationId(station.id))
    assert before.name == people.home.name


def test_the_right_is_needed_on_both_sides(people: People, station: MadeStation) -> None:
    station_id = StationId(station.id)
    for role in (Role.TECHNICIAN, Role.VIEWER):
        both = make.login(account=people.home, role=role).actor
        with pytest.raises(Forbidden):
            move_station(both, station_id, AccountId(people.next_door.id))
    owner_here = make.login(account=people.home).actor
    with pytest.raises(NotFound):
        move_station(owner_here, station_id, AccountId(people.next_door.id))
    with pytest.raises(NotFound):
        move_station(people.charlie, station_id, AccountId(people.next_door.id))
    assert make.row(Station, station.id).account_id == people.home.id


def test_a_name_belongs_to_one_charger_at_each_address(people: People, station: MadeStation) -> None:
    twin = make.station(property=people.next_door, owner=people.alice, identity="CP-1")
    with pytest.raises(Invalid) as refused:
        moved(people, station)
    assert refused.value.fields == {"account": "identity_taken"}
    third = make.property(name="Haus im Tal")
    moved(people, twin, third)
    with pytest.raises(Invalid) as refused:
        add_station(
            people.alice, AccountId(people.next_door.id), name="Neu", connectors=[NewConnector()], identity="CP-1"
        )
    assert refused.value.fields == {"identity": "taken"}, "the one that left still dials there"
    assert moved(people, twin).account_id == people.next_door.id, "it may come back"


def test_an_account_that_sells_in_another_currency_takes_none(people: People, station: MadeStation) -> None:
    for account, code in ((make.property(name="Konstanz", currency="EUR"), "other_currency"), (people.home, "same")):
        with pytest.raises(Invalid) as refused:
            moved(people, station, account)
        assert refused.value.fields == {"account": code}
