"""Moving a station to another account, in the browser and by GraphQL."""

from flask import Flask

from stations.models import Station
from tests import make, scene
from tests.portal.office import office


def test_alice_moves_a_station_next_door(app: Flask) -> None:
    at_work = office(app)
    people, alice = at_work.people, at_work.alice
    station = make.station(property=people.home, owner=people.alice, name="Ost")
    path = f"/stations/{station.id}/move"
    assert path in alice.get(f"/stations/{station.id}").html
    assert "The charger stays connected" in alice.get(path).text
    alice.post(path, account=str(people.next_door.id))
    assert scene.row(Station, station.id).account_id == people.next_door.id
    assert "Where it was before Haus am See until" in alice.get(path).text
    assert at_work.bob.get(path).status == 404, "it is none of his any more"
    assert at_work.charlie.get(path).status == 404


def test_a_technician_moves_none(app: Flask) -> None:
    at_work = office(app)
    station = make.station(property=at_work.people.home, owner=at_work.people.alice)
    path = f"/stations/{station.id}/move"
    assert at_work.bob.get(path).status == 403, "a technician takes no station away"
    assert path not in at_work.bob.get(f"/stations/{station.id}").html
