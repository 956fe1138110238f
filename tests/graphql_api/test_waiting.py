"""Waiting chargers, for programs."""

from tests import make
from tests.graphql_api.conftest import Ask
from tests.people import People
from tests.talk import visit

WAITING = """{ waitingStations { id identity state address peer vendor hasPassword heldMessages
               readingsDropped connected
               connectors { number status } } }"""
ACCEPT = """mutation($id: UUID!, $facts: StationInput!, $connectors: [ConnectorInput!]) {
  acceptStation(waitingId: $id, facts: $facts, connectors: $connectors) {
    ... on Station { id name identity vendor latitude connectors { number plug maxPowerW } }
    ... on Problem { code fields { field code } } } }"""
REFUSE = """mutation($id: UUID!) { refuseStation(waitingId: $id) {
  ... on WaitingStation { identity state } ... on Problem { code } } }"""


def test_a_program_sees_who_waits_and_accepts_it(ask: Ask, people: People) -> None:
    charger = make.waiting(account=people.home, identity="CP1", password_hash="x")
    talk = visit(charger)
    talk.call("BootNotification", {"chargePointVendor": "Fabrik", "chargePointModel": "M1"})
    for number in (1, 2):
        talk.status("Available", connector=number)
    talk.start()
    assert ask(WAITING)["data"]["waitingStations"] == [
        {
            "id": str(charger.id),
            "identity": "CP1",
            "state": "WAITING",
            "address": charger.address,
            "peer": "192.0.2.7",
            "vendor": "Fabrik",
            "hasPassword": True,
            "heldMessages": 1,
            "readingsDropped": 0,
            "connected": False,
            "connectors": [{"number": 1, "status": "AVAILABLE"}, {"number": 2, "status": "AVAILABLE"}],
        }
    ]
    wrong = ask(ACCEPT, id=str(charger.id), facts={"country": "Switzerland"})["data"]["acceptStation"]
    assert wrong == {"code": "invalid", "fields": [{"field": "country", "code": "unknown"}]}
    accepted = ask(ACCEPT, id=str(charger.id), facts={"latitude": "47.1", "longitude": "8.4"})["data"]["acceptStation"]
    plug = {"plug": "TYPE_2", "maxPowerW": 11_000}
    assert accepted == {
        "id": str(charger.id),
        "name": "CP1",
        "identity": "CP1",
        "vendor": "Fabrik",
        "latitude": "47.100000",
        "connectors": [{"number": 1, **plug}, {"number": 2, **plug}],
    }
    assert ask(WAITING)["data"]["waitingStations"] == []
    assert ask(ACCEPT, id=str(charger.id), facts={})["data"]["acceptStation"] == {"code": "not_found", "fields": []}


def test_a_program_refuses_one_and_names_the_connectors_of_another(ask: Ask, people: People) -> None:
    charger = make.waiting(account=people.home, identity="CP1")
    refused = ask(REFUSE, id=str(charger.id))["data"]["refuseStation"]
    assert refused == {"identity": "CP1", "state": "REFUSED"}
    plugs = [{"plug": "CCS", "maxPowerW": 50_000}]
    accepted = ask(ACCEPT, id=str(charger.id), facts={"name": "Tor"}, connectors=plugs)["data"]["acceptStation"]
    assert (accepted["name"], accepted["connectors"]) == ("Tor", [{"number": 1, "plug": "CCS", "maxPowerW": 50_000}])
