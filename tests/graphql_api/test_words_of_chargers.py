"""What chargers say in their own words, beside what it comes to."""

from accounts.access import SYSTEM
from stations.use_cases import finish_command, note_availability, request_command
from stations.values import Action, CommandId, CommandState, StationId
from tests import scene
from tests.graphql_api.conftest import Ask
from tests.people import People
from tests.talk import Talk, ago, iso

QUERY = """query($id: UUID!) { station(id: $id) { connectors { number status statusText wantedAvailable
    lastSession { stopReason endedBy } } } }"""


def test_own_words_stand_beside_the_standards(ask: Ask, people: People) -> None:
    station = scene.station(property=people.home)
    charger = Talk(station)
    charger.stop(charger.start(at=iso(ago(minutes=5)))["transactionId"], reason="Blackout")
    charger.status("Occupied")
    off = {"connectorId": 1, "type": "Inoperative"}
    command = request_command(people.alice, StationId(station.id), Action.CHANGE_AVAILABILITY, off)
    finish_command(SYSTEM, CommandId(command.id), CommandState.ACCEPTED, answer={"status": "Scheduled"})
    note_availability(SYSTEM, CommandId(command.id))
    assert ask(QUERY, id=str(station.id))["data"]["station"]["connectors"] == [
        {
            "number": 1,
            "status": "CHARGING",
            "statusText": "Occupied",
            "wantedAvailable": False,
            "lastSession": {"stopReason": "Blackout", "endedBy": "OTHER"},
        }
    ]
