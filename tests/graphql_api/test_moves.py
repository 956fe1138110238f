"""Moving a station to another account, for programs."""

from accounts.rights import Right
from accounts.use_cases import create_api_token
from accounts.values import AccountId
from stations.models import Station
from tests import make
from tests.graphql_api.conftest import Ask
from tests.people import People

MOVE = """mutation($id: UUID!, $to: UUID!) { moveStation(id: $id, accountId: $to) {
  ... on Station { id accountId } ... on Problem { code fields { field code } } } }"""


def test_a_program_moves_a_station(ask: Ask, people: People) -> None:
    station = make.station(property=people.home, owner=people.alice)
    asked = {"id": str(station.id), "to": str(people.next_door.id)}
    assert ask(MOVE, **asked)["data"]["moveStation"]["code"] == "forbidden", "most keys only run stations"
    rights = [Right.VIEW_STATIONS, Right.MANAGE_STATIONS, Right.MANAGE_ACCOUNT]
    key = create_api_token(people.alice, AccountId(people.master.id), name="mover", rights=rights).secret
    assert ask(MOVE, key, **asked)["data"]["moveStation"]["accountId"] == str(people.next_door.id)
    assert make.row(Station, station.id).account_id == people.next_door.id
    again = ask(MOVE, key, **asked)["data"]["moveStation"]
    assert again == {"code": "invalid", "fields": [{"field": "account", "code": "same"}]}
    before = ask("query($id: UUID!) { formerPlaces(stationId: $id) { accountName } }", id=str(station.id))["data"]
    assert before == {"formerPlaces": [{"accountName": "Haus am See"}]}
    nowhere = ask(MOVE, key, id=str(station.id), to=str(make.account(name="Fremd").account.id))["data"]["moveStation"]
    assert nowhere["code"] == "not_found"
