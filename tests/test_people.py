"""What every other test relies on: the people, and the things they have."""

import pytest

from accounts.access import ANYONE
from accounts.errors import WrongLogin
from accounts.use_cases import sign_in
from billing.queries.tariffs import terms_of
from kit.errors import NotFound
from stations.queries import station_list, station_page
from tests import make
from tests.people import People


def test_bob_sees_his_property_only(people: People) -> None:
    at_home = make.station(property=people.home, name="Tiefgarage")
    make.station(property=people.next_door, name="Vorplatz")
    assert [row.station.name for row in station_list(people.alice).items] == ["Tiefgarage", "Vorplatz"]
    assert [row.station.name for row in station_list(people.bob).items] == ["Tiefgarage"]
    assert station_list(people.charlie).items == ()
    assert station_page(people.bob, at_home.id).station.identity == at_home.identity
    with pytest.raises(NotFound):
        station_page(people.charlie, at_home.id)


def test_a_login_signs_in_with_the_password(people: People) -> None:
    assert sign_in(ANYONE, email=people.bob_login.email.upper(), password=make.PASSWORD).id == people.bob.id
    with pytest.raises(WrongLogin):
        sign_in(ANYONE, email=people.bob_login.email, password="something else")


def test_a_connector_comes_with_a_number_and_a_price(people: People) -> None:
    connector = make.connector(property=people.home, price={"energy": "0.39"})
    assert connector.code is not None
    assert len(connector.code) == 7
    terms = terms_of(ANYONE, connector.id)
    assert terms is not None
    assert (str(terms.energy_price), str(terms.vat_percent)) == ("0.39", "8.1")
    assert terms_of(ANYONE, make.connector(price=None).id) is None
