"""Settings of stations, for programs: the same doors as in the portal."""

from accounts.access import SYSTEM
from accounts.rights import Role
from accounts.use_cases import create_api_token
from accounts.values import AccountId
from stations.models import StationCommand
from stations.use_cases import finish_command, mark_command_sent
from stations.values import CommandId, CommandState
from tests import make, scene
from tests.graphql_api.conftest import Ask
from tests.people import People

FACTS = """{ ... on StationSettings { state settings { key value readOnly unknown wished wishState wishedBy } }
             ... on Problem { code fields { field code } } }"""
READ = (
    "query($id: UUID!) { stationSettings(stationId: $id) { state problem settings { key value } abilities { name } } }"
)
DEEDS = {
    "readSettings": f"mutation($id: UUID!) {{ readSettings(stationId: $id) {FACTS} }}",
    "probeStation": f"mutation($id: UUID!) {{ probeStation(stationId: $id) {FACTS} }}",
    "wishSetting": f'mutation($id: UUID!) {{ wishSetting(stationId: $id, key: "CpoName", value: "Muster") {FACTS} }}',
    "forgetWish": f'mutation($id: UUID!) {{ forgetWish(stationId: $id, key: "cponame") {FACTS} }}',
}


def test_settings_are_read_wished_and_forgotten(ask: Ask, people: People) -> None:
    station = str(make.station(property=people.home, owner=people.alice).id)
    fresh = ask(READ, id=station)["data"]["stationSettings"]
    assert fresh == {"state": None, "problem": None, "settings": [], "abilities": []}
    assert ask(DEEDS["readSettings"], id=station)["data"]["readSettings"] == {"state": "RUNNING", "settings": []}
    (asked,) = scene.rows(StationCommand)
    mark_command_sent(SYSTEM, CommandId(asked.id))
    answer = {"configurationKey": [{"key": "CpoName", "readonly": False, "value": "Strom"}]}
    finish_command(SYSTEM, CommandId(asked.id), CommandState.ACCEPTED, answer=answer)
    (one,) = ask(DEEDS["wishSetting"], id=station)["data"]["wishSetting"]["settings"]
    assert (one["key"], one["value"], one["wished"], one["wishState"]) == ("CpoName", "Strom", "Muster", "OPEN")
    (one,) = ask(DEEDS["forgetWish"], id=station)["data"]["forgetWish"]["settings"]
    assert (one["value"], one["wished"], one["wishState"], one["wishedBy"]) == ("Strom", None, None, None)
    refused = ask(
        f'mutation($id: UUID!) {{ wishSetting(stationId: $id, key: "AuthorizationKey", value: "x") {FACTS} }}',
        id=station,
    )
    assert refused["data"]["wishSetting"] == {"code": "invalid", "fields": [{"field": "key", "code": "not_as_wish"}]}


def test_only_who_may_send_commands_reads_anew_and_wishes(ask: Ask, people: People) -> None:
    station = str(make.station(property=people.home, owner=people.alice).id)
    viewer = create_api_token(people.alice, AccountId(people.home.id), name="looks", role=Role.VIEWER).secret
    (elsewhere,) = people.charlie.grants
    stranger = create_api_token(people.charlie, AccountId(elsewhere), name="x", role=Role.API_CLIENT).secret
    assert ask(READ, viewer, id=station)["data"]["stationSettings"]["settings"] == []
    assert ask(READ, stranger, id=station)["errors"][0]["extensions"]["code"] == "not_found"
    for name, deed in DEEDS.items():
        assert ask(deed, viewer, id=station)["data"][name]["code"] == "forbidden"
        assert ask(deed, stranger, id=station)["data"][name]["code"] == "not_found"
    assert scene.rows(StationCommand) == []
