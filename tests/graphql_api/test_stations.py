"""Stations by GraphQL: added, extended, changed, with another password."""

from tests.graphql_api.callers import Program
from tests.people import People


def test_a_station_is_added_extended_and_changed(alice: Program, charlie: Program, people: People) -> None:
    wanted = {"accountId": people.home.id, "facts": {"name": "Hof"}, "connectors": [{"plug": "TYPE_2"}]}
    made = alice.does("addStation", "stationId identity password", **wanted)
    station = {"id": made["stationId"]}
    more = {"plug": "CCS", "maxPowerW": 50_000}
    added = alice.does("addConnector", "id number plug", stationId=made["stationId"], connector=more)
    assert (added["number"], added["plug"]) == (2, "CCS")
    alice.does("updateConnector", id=added["id"], name="Rechts", maxPowerW=22_000)
    alice.does("updateStation", **station, changes={"name": "Hof Nord", "description": "Beim Tor"})
    alice.does("setQuietAfterBoot", **station, quiet=True)
    told = alice.asks("station", "name description quietAfterBoot connectors { number name maxPowerW }", **station)
    assert (told["name"], told["description"], told["quietAfterBoot"]) == ("Hof Nord", "Beim Tor", True)
    assert [(one["number"], one["name"], one["maxPowerW"]) for one in told["connectors"]] == [
        (1, "", 11_000),
        (2, "Rechts", 22_000),
    ]
    renewed = alice.does("renewStationPassword", "identity password", **station)
    assert renewed["identity"] == made["identity"]
    assert renewed["password"] != made["password"]
    foreign = {
        "station": station,
        "addStation": wanted,
        "addConnector": {"stationId": made["stationId"], "connector": more},
        "updateConnector": {"id": added["id"], "name": "Meiner"},
        "updateStation": station | {"changes": {"name": "Meine"}},
        "setQuietAfterBoot": station | {"quiet": False},
        "renewStationPassword": station,
        "probeStation": {"stationId": made["stationId"]},
    }
    assert {charlie.refused(field, **told) for field, told in foreign.items()} == {"not_found"}
    assert charlie.asks("stations", "nodes { id }")["nodes"] == []
