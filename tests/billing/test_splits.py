"""Stations move out of an account that mixes properties, into one of their own beside it."""

from decimal import Decimal

import pytest

import billing.reactions
import charging.reactions
from accounts.access import SYSTEM
from accounts.errors import NoPlaceBeside
from accounts.models import Account, Grant
from accounts.queries import account_tree, actor_of_token
from accounts.rights import Right, Role
from accounts.use_cases import create_api_token
from accounts.values import AccountId
from billing.queries import prices_of
from billing.use_cases import split_account
from charging.models import Tag
from charging.use_cases import add_tag
from kit import worker
from kit.errors import Conflict, Forbidden, Invalid, NotFound
from stations.models import Station
from stations.values import StationId
from tests import make, scene
from tests.made import MadeStation
from tests.people import People


@pytest.fixture
def station(people: People) -> MadeStation:
    worker.bind([charging.reactions.REACTIONS, billing.reactions.REACTIONS], [])
    made = make.station(property=people.home, owner=people.alice, identity="CP-1")
    make.price(connector=made.connector, owner=people.alice, energy="0.45")
    add_tag(people.alice, AccountId(people.home.id), id_tag="CAFE01", name="Olga")
    return made


def test_they_stand_under_the_same_master_with_prices_and_tags(people: People, station: MadeStation) -> None:
    stays = make.station(property=people.home, owner=people.alice)
    running = scene.session(connector=station.connector)
    made = split_account(people.alice, AccountId(people.home.id), station_ids=[StationId(station.id)], name="Haus Nord")
    assert (made.stations, made.tags) == (1, 1)
    assert (made.account.parent_id, made.account.name) == (people.master.id, "Haus Nord")
    assert (made.account.street, made.account.legal_name) == (people.home.street, people.home.legal_name)
    assert make.row(Station, station.id).account_id == made.account.id
    assert make.row(Station, stays.id).account_id == people.home.id
    assert prices_of(people.alice, [station.connector.id])[station.connector.id].energy_price == Decimal("0.45")
    assert {row.account_id for row in scene.rows(Tag)} == {people.home.id, made.account.id}
    assert scene.row(type(running), running.id).account_id == people.home.id
    again = split_account(people.alice, AccountId(people.home.id), station_ids=[StationId(stays.id)], name="Haus Nord")
    assert again.account.id == made.account.id, "one of a name is enough"


def test_an_owner_with_nothing_in_the_master_gets_one_that_stands_by_itself(
    people: People, station: MadeStation
) -> None:
    owner = make.login(account=people.home, role=Role.OWNER)
    home = AccountId(people.home.id)
    made = split_account(owner.actor, home, station_ids=[StationId(station.id)], name="Haus Nord")
    assert make.row(Account, made.account.id).parent_id is None
    assert [(row.user_id, row.role) for row in scene.rows(Grant, Grant.account_id == made.account.id)] == [
        (owner.user.id, Role.OWNER)
    ]
    assert made.account.id not in [node.id for node in account_tree(people.alice)]
    assert make.row(Station, station.id).account_id == made.account.id
    secret = create_api_token(owner.actor, home, name="Programm", rights=list(Right)).secret
    program = actor_of_token(SYSTEM, secret)
    assert program is not None
    left = make.station(property=people.home, owner=people.alice)
    with pytest.raises(NoPlaceBeside):
        split_account(program, home, station_ids=[StationId(left.id)], name="Haus Süd")


def test_nobody_else_may_and_nothing_happens(people: People, station: MadeStation) -> None:
    home, ids = AccountId(people.home.id), [StationId(station.id)]
    with pytest.raises(Forbidden):
        split_account(people.bob, home, station_ids=ids, name="Haus Nord")
    with pytest.raises(NotFound):
        split_account(people.charlie, home, station_ids=ids, name="Haus Nord")
    with pytest.raises(Invalid):
        split_account(people.alice, home, station_ids=ids, name=" ")
    elsewhere = make.station(property=people.next_door, owner=people.alice)
    with pytest.raises(Conflict):
        split_account(people.alice, home, station_ids=[StationId(elsewhere.id)], name="Haus Nord")
    assert "Haus Nord" not in [row.name for row in scene.rows(Account)]
