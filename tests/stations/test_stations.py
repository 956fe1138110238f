"""Adding, describing and finding stations."""

import re
from datetime import timedelta

import pytest

from accounts.access import ANYONE, SYSTEM
from accounts.values import AccountId
from kit import clock
from kit.audit import AuditLine
from kit.errors import Forbidden, Invalid, NotFound
from kit.events import OutboxRow
from stations.models import Connector, Station
from stations.passwords import hash_password, password_matches
from stations.queries import connector_by_code, connector_states, station_list, station_page, troubled_stations
from stations.use_cases import add_connector, add_station, renew_password, update_connector, update_station
from stations.values import ConnectorStatus, Location, NewConnector, PlugType, ShownState
from tests import scene
from tests.scene import People

pytestmark = pytest.mark.usefixtures("database", "program")

TWO = (NewConnector(PlugType.TYPE_2, 22_000, "links"), NewConnector(PlugType.CCS, 50_000))


def names(people: People) -> list[str]:
    return [row.name for row in scene.rows(Station)]


def test_a_station_gets_an_identity_a_password_and_label_numbers() -> None:
    people = scene.people()
    added = add_station(people.alice, AccountId(people.property.id), name="  Tiefgarage   Ost ", connectors=TWO)
    assert added.station.name == "Tiefgarage Ost"
    assert re.fullmatch(r"CH-[2-9A-HJKMNP-TV-Z]{8}", added.station.identity)
    assert re.fullmatch(r"[0-9A-F]{32}", added.password)
    stored = scene.row(Station, added.station.id)
    assert password_matches(added.password.encode(), stored.password_hash)
    assert password_matches(bytes.fromhex(added.password), stored.password_hash)
    assert not password_matches(b"guess", stored.password_hash)
    assert added.password not in stored.password_hash
    connectors = scene.rows(Connector, Connector.station_id == stored.id)
    assert [(c.number, c.plug, c.max_power_w, c.name) for c in connectors] == [
        (0, PlugType.UNKNOWN, 0, ""),
        (1, PlugType.TYPE_2, 22_000, "links"),
        (2, PlugType.CCS, 50_000, ""),
    ]
    assert connectors[0].code is None
    assert all(re.fullmatch(r"[1-9][0-9]{6}", c.code) for c in connectors[1:])
    assert [row.kind for row in scene.rows(OutboxRow)] == ["StationAdded"]


def test_only_who_manages_stations_there_may_add_one() -> None:
    people = scene.people()
    for actor, account, refusal in (
        (people.charlie, people.property, NotFound),
        (people.vera, people.property, Forbidden),
        (people.bob, people.other_property, NotFound),
        (ANYONE, people.property, NotFound),
    ):
        with pytest.raises(refusal):
            add_station(actor, AccountId(account.id), name="Neu", connectors=TWO)
    assert names(people) == []
    add_station(people.bob, AccountId(people.property.id), name="Neu", connectors=TWO)
    assert names(people) == ["Neu"]


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        ({"name": "  "}, {"name": "required"}),
        ({"name": "x" * 81, "city": "y" * 121}, {"name": "too_long", "city": "too_long"}),
        ({"country": "Schweiz"}, {"country": "unknown"}),
        ({"connectors": ()}, {"connectors": "required"}),
        ({"connectors": (NewConnector(),) * 21}, {"connectors": "too_many"}),
        (
            {"connectors": (NewConnector(), NewConnector(max_power_w=0, name="n" * 41))},
            {"connector_2_max_power_w": "out_of_range"},
        ),
        ({"location": Location(91_000_000, 0)}, {"location": "out_of_range"}),
    ],
)
def test_what_can_not_be_taken_is_named_by_field(given: dict[str, object], fields: dict[str, str]) -> None:
    people = scene.people()
    values = {"name": "Neu", "connectors": TWO} | given
    with pytest.raises(Invalid) as refusal:
        add_station(people.alice, AccountId(people.property.id), **values)  # type: ignore[arg-type]
    assert refusal.value.fields == fields
    assert names(people) == []
    assert scene.rows(Connector) == []


def test_an_update_changes_only_what_was_given() -> None:
    people = scene.people()
    station = scene.station(property=people.property, city="Zug", location=Location(47_166_000, 8_515_000))
    update_station(people.bob, station.id, name="West", country="de")
    changed = scene.row(Station, station.id)
    assert (changed.name, changed.city, changed.country, changed.latitude_e6) == ("West", "Zug", "DE", 47_166_000)
    update_station(people.bob, station.id, remove_location=True)
    assert scene.row(Station, station.id).longitude_e6 is None
    for actor, refusal in ((people.charlie, NotFound), (people.vera, Forbidden)):
        with pytest.raises(refusal):
            update_station(actor, station.id, name="Fremd")
    with pytest.raises(Invalid):
        update_station(people.bob, station.id, name="")
    assert scene.row(Station, station.id).name == "West"


def test_a_new_password_replaces_the_old_one_and_is_in_no_audit_line() -> None:
    people = scene.people()
    station = scene.station(property=people.property)
    before = scene.row(Station, station.id).password_hash
    password = renew_password(people.bob, station.id)
    after = scene.row(Station, station.id).password_hash
    assert after == hash_password(password.encode()) != before
    assert password not in str([line.arguments for line in scene.rows(AuditLine)])
    with pytest.raises(Forbidden):
        renew_password(people.vera, station.id)
    assert scene.row(Station, station.id).password_hash == after


def test_connectors_are_added_and_changed() -> None:
    people = scene.people()
    station = scene.station(property=people.property)
    second = add_connector(people.bob, station.id, plug=PlugType.CHADEMO, max_power_w=50_000, name="rechts")
    assert second.number == 2
    assert second.code not in (None, scene.connector(station).code)
    update_connector(people.bob, second.id, max_power_w=60_000)
    changed = scene.connector(station, 2)
    assert (changed.plug, changed.max_power_w, changed.name) == (PlugType.CHADEMO, 60_000, "rechts")
    with pytest.raises(Invalid) as refusal:
        update_connector(people.bob, second.id, max_power_w=1)
    assert refusal.value.fields == {"max_power_w": "out_of_range"}
    with pytest.raises(NotFound):
        update_connector(people.bob, scene.connector(station, 0).id, name="x")
    with pytest.raises(NotFound):
        update_connector(people.charlie, second.id, name="x")
    assert scene.connector(station, 2).name == "rechts"


def test_a_label_number_leads_to_public_facts_only() -> None:
    people = scene.people()
    station = scene.station(property=people.property, street="Hofweg 3", city="Zug", postcode="6300")
    code = scene.connector(station).code
    assert code is not None
    card = connector_by_code(ANYONE, f" {code[:3]} {code[3:]} ")
    assert card is not None
    assert (card.station_name, card.street, card.seller_name, card.contact_email, card.state) == (
        "Tiefgarage Ost",
        "Hofweg 3",
        "Bahnhofstrasse 1",
        "hallo@muster.example",
        ShownState.AVAILABLE,
    )
    assert connector_by_code(ANYONE, "0000000") is None
    assert connector_by_code(ANYONE, "") is None


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (ConnectorStatus.AVAILABLE, ShownState.AVAILABLE),
        (ConnectorStatus.PREPARING, ShownState.CONNECTED),
        (ConnectorStatus.FINISHING, ShownState.CONNECTED),
        (ConnectorStatus.CHARGING, ShownState.OCCUPIED),
        (ConnectorStatus.SUSPENDED_EV, ShownState.OCCUPIED),
        (ConnectorStatus.RESERVED, ShownState.OCCUPIED),
        (ConnectorStatus.FAULTED, ShownState.FAULTED),
        (ConnectorStatus.UNAVAILABLE, ShownState.OUT_OF_SERVICE),
        (ConnectorStatus.UNKNOWN, ShownState.OUT_OF_SERVICE),
    ],
)
def test_people_see_one_state_per_connector(status: ConnectorStatus, state: ShownState) -> None:
    station = scene.station(status=status)
    page = station_page(SYSTEM, station.id)
    assert [row.state for row in page.connectors] == [state]
    assert connector_states(SYSTEM)[state] == 1
    assert station_list(SYSTEM, state=state).total == 1
    assert sum(connector_states(SYSTEM).values()) == 1


def test_a_station_is_out_of_service_after_more_than_fifteen_minutes_of_silence() -> None:
    station = scene.station()
    scene.silent(station, timedelta(minutes=14, seconds=50))
    assert station_page(SYSTEM, station.id).connectors[0].state is ShownState.AVAILABLE
    assert station_list(SYSTEM, state=ShownState.OUT_OF_SERVICE).total == 0
    with clock.moved_to(clock.now() + timedelta(seconds=11)):
        page = station_page(SYSTEM, station.id)
        assert page.silent
        assert page.connectors[0].state is ShownState.OUT_OF_SERVICE
        assert station_list(SYSTEM, state=ShownState.OUT_OF_SERVICE).total == 1
        assert station_list(SYSTEM, state=ShownState.AVAILABLE).total == 0
        assert troubled_stations(SYSTEM).total == 1
    scene.says(station, ConnectorStatus.AVAILABLE)
    assert troubled_stations(SYSTEM).total == 0


def test_a_station_that_never_came_is_out_of_service() -> None:
    station = scene.station(online=False)
    assert station_page(SYSTEM, station.id).connectors[0].state is ShownState.OUT_OF_SERVICE
    assert connector_states(SYSTEM)[ShownState.OUT_OF_SERVICE] == 1


def test_the_list_shows_what_one_may_see_and_finds_words_and_label_numbers() -> None:
    people = scene.people()
    here = scene.station(property=people.property, name="Ost", city="Zürich")
    scene.station(property=people.other_property, name="west", connectors=TWO)
    assert [row.station.name for row in station_list(people.alice).items] == ["Ost", "west"]
    assert [row.station.name for row in station_list(people.bob).items] == ["Ost"]
    assert station_list(people.charlie).items == ()
    assert [row.station.name for row in station_list(people.alice, AccountId(people.property.id)).items] == ["Ost"]
    assert station_list(people.alice, AccountId(people.master.id)).total == 2
    for words in ("os", here.identity.lower(), "ürich", scene.connector(here).code or ""):
        assert [row.station.name for row in station_list(people.alice, text=words).items] == ["Ost"], words
    assert station_list(people.alice, text="100%").total == 0
    assert [len(row.connectors) for row in station_list(people.alice).items] == [1, 2]


def test_the_list_comes_in_pages() -> None:
    people = scene.people()
    for number in range(5):
        scene.station(property=people.property, name=f"S{number}")
    page = station_list(people.alice, number=2, size=2)
    assert ([row.station.name for row in page.items], page.total, page.pages) == (["S2", "S3"], 5, 3)
    assert (page.previous, page.next) == (1, 3)
    assert [row.station.name for row in station_list(people.alice, number=99, size=2).items] == ["S4"]


def test_a_station_page_is_for_those_who_see_the_account() -> None:
    people = scene.people()
    station = scene.station(property=people.property)
    assert station_page(people.vera, station.id).account.name == "Bahnhofstrasse 1"
    for actor in (people.charlie, ANYONE):
        with pytest.raises(NotFound):
            station_page(actor, station.id)
