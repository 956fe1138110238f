"""OCPP stations and accounts of smart-me: refused with a way out, and led out while they charge."""

from decimal import Decimal

import pytest

import billing.reactions
import charging.reactions
from accounts.models import Account
from accounts.rights import Role
from accounts.values import AccountId
from billing.queries import prices_of
from charging.queries import sessions
from charging.use_cases import add_tag
from kit import clock, worker
from kit.errors import Conflict, Forbidden
from smart_me import queries, use_cases
from smart_me.values import Person, Tokens
from stations.kinds import StationKind
from stations.models import Connector, Station
from stations.use_cases import add_station, move_station
from stations.values import NewConnector, StationId
from tests import make, scene
from tests.people import People
from tests.smart_me.conftest import here
from tests.talk import Talk

PLUG = [NewConnector()]


def link(people: People, account: Account) -> AccountId:
    account_id = AccountId(account.id)
    use_cases.connect_account(
        here(people.alice), account_id, Person("sm-1", "olga", "o@x.example"), Tokens("a", "r", clock.now())
    )
    return account_id


def test_an_ocpp_station_is_refused_there_and_a_pico_is_fine(people: People) -> None:
    account_id = link(people, people.home)
    told = queries.station_forecast(people.alice, account_id, kind=StationKind.OCPP, connectors=2)
    assert (told.more, told.refusal) == (2, "ocpp_in_smart_me")
    with pytest.raises(Conflict) as refused:
        add_station(people.alice, account_id, name="Ost", connectors=PLUG)
    assert refused.value.code == "ocpp_in_smart_me"
    pico = add_station(people.alice, account_id, name="Pico", connectors=PLUG, kind=StationKind.PICO).station
    assert pico.account_id == account_id
    elsewhere = make.station(property=people.next_door, owner=people.alice)
    with pytest.raises(Conflict):
        move_station(people.alice, elsewhere.id, account_id)


def test_the_way_out_is_one_step(people: People) -> None:
    account_id = link(people, people.home)
    account = use_cases.account_beside(people.alice, account_id)
    add_station(people.alice, AccountId(account.id), name="Ost", connectors=PLUG)
    assert (account.parent_id, account.name) == (people.master.id, "Haus am See OCPP")
    elsewhere = make.station(property=people.next_door, owner=people.alice)
    again = use_cases.account_beside(people.alice, account_id)
    assert again.id == account.id, "one is enough"
    assert move_station(people.alice, elsewhere.id, AccountId(again.id)).account_id == account.id


def test_a_split_moves_the_ocpp_stations_with_all_they_have(people: People) -> None:
    worker.bind([charging.reactions.REACTIONS, billing.reactions.REACTIONS], [])
    ocpp = make.station(property=people.home, owner=people.alice, name="Ost", identity="CP-1")
    pico = make.station(property=people.home, owner=people.alice, name="Pico", kind=StationKind.PICO)
    make.price(connector=ocpp.connector, owner=people.alice, energy="0.45")
    add_tag(people.alice, AccountId(people.home.id), id_tag="04A1B2C3")
    past = scene.session(connector=ocpp.connector, energy_wh=5_000, ended=True)
    talk = Talk(ocpp.station)
    running = talk.start(tag="04A1B2C3")
    account_id = link(people, people.home)
    use_cases.set_zev(people.alice, account_id, zev=True)
    shown = queries.link_page(people.alice, account_id)
    assert (shown.must_separate, [one.id for one in shown.ocpp], shown.picos) == (True, [ocpp.id], 1)
    made = use_cases.separate(people.alice, account_id)
    assert (made.stations, made.tags, made.account.parent_id) == (1, 1, people.master.id)
    assert make.row(Station, ocpp.id).account_id == made.account.id
    assert make.row(Station, pico.id).account_id == people.home.id
    price = prices_of(people.alice, [ocpp.connector.id])[ocpp.connector.id]
    assert (price.account_id, price.energy_price) == (made.account.id, Decimal("0.45"))
    found = sessions(people.alice, station_id=StationId(ocpp.id))
    assert {row.session.id for row in found} >= {past.id}, "its past is reached from the station"
    assert all(row.session.account_id == people.home.id for row in found)
    assert not queries.link_page(people.alice, account_id).must_separate
    assert running
    with pytest.raises(Conflict):
        use_cases.separate(people.alice, account_id)


def test_who_may_not_open_accounts_may_not_split_and_nothing_changes(people: People) -> None:
    station = make.station(property=people.home, owner=people.alice)
    account_id = link(people, people.home)
    manager = make.login(account=people.home, role=Role.MANAGER).actor
    for deed in (use_cases.separate, use_cases.account_beside):
        with pytest.raises(Forbidden) as refused:
            deed(manager, account_id)
        assert refused.value.right == "account:manage"
    assert make.row(Connector, station.connector.id).account_id == people.home.id


def test_an_owner_with_nothing_in_the_master_separates_into_an_account_by_itself(people: People) -> None:
    station = make.station(property=people.home, owner=people.alice)
    account_id = link(people, people.home)
    owner = make.login(account=people.home, role=Role.OWNER).actor
    made = use_cases.separate(owner, account_id)
    assert (made.account.name, made.account.parent_id, made.stations) == ("Haus am See OCPP", None, 1)
    assert make.row(Connector, station.connector.id).account_id == made.account.id
