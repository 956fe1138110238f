"""Reservations for programs: the same doors as in the portal."""

from uuid import UUID

from accounts.access import SYSTEM
from kit import worker
from stations.use_cases import finish_command, mark_command_sent
from stations.values import CommandId, CommandState
from tests import make
from tests.graphql_api.conftest import Ask
from tests.people import People

FACTS = """... on Reservation { id connectorNumber reservationNumber idTag state reason commandId sessionId }
    ... on Problem { code fields { field code } }"""


def test_a_reservation_is_made_followed_and_cancelled(ask: Ask, people: People) -> None:
    station = make.station(property=people.home, owner=people.alice)
    reserve = f"""mutation($id: UUID!, $until: DateTime!) {{
        reserveConnector(stationId: $id, connectorNumber: 1, idTag: "04aa", expiresAt: $until) {{ {FACTS} }} }}"""
    made = ask(reserve, id=str(station.id), until="2099-01-01T00:00:00+00:00")["data"]["reserveConnector"]
    assert (made["state"], made["reservationNumber"], made["idTag"]) == ("REQUESTED", 1, "04AA")
    past = ask(reserve, id=str(station.id), until="2020-01-01T00:00:00+00:00")["data"]["reserveConnector"]
    assert past == {"code": "invalid", "fields": [{"field": "expiresAt", "code": "in_the_past"}]}
    command_id = CommandId(UUID(made["commandId"]))
    mark_command_sent(SYSTEM, command_id)
    finish_command(SYSTEM, command_id, CommandState.ACCEPTED, answer={"status": "Accepted"})
    worker.drain()
    listed = ask(
        "query($id: UUID!) { reservations(stationId: $id) { nodes { state stationName } } }", id=str(station.id)
    )
    assert listed["data"]["reservations"]["nodes"] == [{"state": "IN_FORCE", "stationName": "Garage"}]
    cancel = f"mutation($id: UUID!) {{ cancelReservation(id: $id) {{ {FACTS} }} }}"
    assert ask(cancel, id=made["id"])["data"]["cancelReservation"]["state"] == "IN_FORCE"
