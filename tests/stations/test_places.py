"""Where stations stand: one property or several, as people write addresses, and who is warned."""

import pytest

from accounts.rights import Role
from accounts.use_cases import create_station_group
from accounts.values import AccountId, StationGroupId
from kit.errors import Forbidden, NotFound
from kit.ids import new_id
from stations.models import Station
from stations.places import Spot, places_of
from stations.queries import account_places, mixed_accounts
from stations.use_cases import accept_mixture, group_stations, update_station, warn_of_mixture
from stations.values import Location, StationId
from tests import make, scene
from tests.people import People


def spot(street: str = "", postcode: str = "8000", *, at: tuple[int, int] | None = None, name: str = "S") -> Spot:
    location = None if at is None else Location(*at)
    return Spot(StationId(new_id()), name, street, postcode, "", "CH", location)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Seestrasse 1", "Seestr. 3b"),
        ("Seestraße 1", "SEESTRASSE 12-14"),
        ("Rue du Lac 4", "4, rue du Lac"),
        ("12 bis rue du Lac", "12 bis Rue du Lac"),
        ("Via Nassa 5", "via Nassa"),
    ],
)
def test_one_street_is_one_place_however_it_is_written(one: str, other: str) -> None:
    assert len(places_of([spot(one), spot(other)])) == 1


def test_another_street_or_town_is_another_place_but_not_around_the_corner() -> None:
    assert len(places_of([spot("Seestrasse 1"), spot("Bergweg 1")])) == 2
    assert len(places_of([spot("Seestrasse 1"), spot("Seestrasse 1", "6300")])) == 2
    near = spot("Seestrasse 1", at=(47_000_000, 8_000_000)), spot("Bergweg 1", at=(47_002_000, 8_002_000))
    assert len(places_of(near)) == 1
    far = spot("Seestrasse 1", at=(47_000_000, 8_000_000)), spot("", "", at=(47_002_800, 8_000_000))
    assert len(places_of(far)) == 2


def test_who_says_little_of_its_place_is_no_place_of_its_own() -> None:
    rest = [spot("Seestrasse 1"), spot("", "8000"), spot("", "")]
    [place] = places_of(rest)
    assert [len(place.spots), place.name, place.address] == [2, "Seestrasse 1", "Seestrasse 1, 8000"]
    assert places_of([spot("", "")]) == []


def test_a_group_gives_its_name_and_takes_those_along_that_say_nothing() -> None:
    north, south, lost = spot("Seestrasse 1"), spot("Bergweg 1"), spot("", "", name="Ohne")
    groups = {"Haus Nord": {north.station_id, lost.station_id}, "Alle": {north.station_id, south.station_id}}
    told = {place.name: [one.station_id for one in place.spots] for place in places_of([north, south, lost], groups)}
    assert told == {"Haus Nord": [north.station_id, lost.station_id], "Bergweg 1": [south.station_id]}


def standing(people: People, *streets: str) -> list[Station]:
    made = []
    for street in streets:
        row = scene.station(property=people.home)
        made.append(update_station(people.alice, StationId(row.id), street=street, postcode="8000", city="Zürich"))
    return made


def test_the_account_that_mixes_is_named_until_somebody_says_that_it_belongs_together(people: People) -> None:
    home = AccountId(people.home.id)
    standing(people, "Seestrasse 1", "Seestrasse 3")
    assert mixed_accounts(people.alice, people.master.id) == []
    standing(people, "Bergweg 4")
    [told] = mixed_accounts(people.alice, people.master.id)
    assert (told.account_id, [place.name for place in told.places]) == (home, ["Seestrasse 1", "Bergweg 4"])
    assert [one.account_id for one in mixed_accounts(people.bob, home)] == [home]
    with pytest.raises(Forbidden):
        accept_mixture(people.bob, home)
    with pytest.raises(NotFound):
        account_places(people.charlie, home)
    accept_mixture(people.alice, home)
    assert mixed_accounts(people.alice, people.master.id) == []
    standing(people, "Bergweg 9")
    assert mixed_accounts(people.alice, people.master.id) == [], "no new place"
    standing(people, "Talstrasse 1")
    assert len(mixed_accounts(people.alice, people.master.id)) == 1
    accept_mixture(people.alice, home)
    warn_of_mixture(people.alice, home)
    assert len(mixed_accounts(people.alice, people.master.id)) == 1


def test_groups_of_the_account_name_the_places_and_whoever_has_one_station_learns_of_it_alone(people: People) -> None:
    home = AccountId(people.home.id)
    north, _south = standing(people, "Seestrasse 1", "Bergweg 4")
    group = create_station_group(people.alice, home, name="Haus Nord")
    group_stations(people.alice, StationGroupId(group.id), station_ids=[StationId(north.id)])
    assert {place.name for place in account_places(people.alice, home).places} == {"Haus Nord", "Bergweg 4"}
    guest = make.login(account=people.home, role=Role.TECHNICIAN, station_id=north.id)
    assert mixed_accounts(guest.actor, home) == []
