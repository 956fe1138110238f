"""Limits for programs: the same doors as in the portal."""

from typing import Any

from stations.models import StationCommand
from stations.values import Action, ConnectorStatus
from tests import make, scene
from tests.graphql_api.conftest import Ask
from tests.people import People

FACTS = """{ ... on ChargingProfile { connectorNumber profileNumber purpose state limit unit check }
    ... on Problem { code fields { field code } } }"""


def test_a_limit_a_profile_a_clearing_and_a_question(ask: Ask, people: People) -> None:
    station = str(make.station(property=people.home, owner=people.alice).id)

    def do(query: str, **variables: Any) -> Any:
        answer = ask(query, id=station, **variables)
        assert "errors" not in answer, answer
        (found,) = answer["data"].values()
        return found

    wished = 'limitPower(stationId: $id, connectorNumber: 0, limit: "16", unit: AMPERE)'
    made = do(f"mutation($id: UUID!) {{ {wished} {FACTS} }}")
    assert made == {
        "connectorNumber": 0,
        "profileNumber": 1,
        "purpose": "STATION",
        "state": "REQUESTED",
        "limit": "16",
        "unit": "A",
        "check": "WANTED",
    }
    send = f"""mutation($id: UUID!, $profile: ChargingProfileInput!) {{
        setChargingProfile(stationId: $id, connectorNumber: 1, profile: $profile) {FACTS} }}"""
    profile = {"purpose": "DEFAULT", "unit": "WATT", "periods": [{"startS": 0, "limit": "4000.5"}]}
    assert do(send, profile=profile)["limit"] == "4000.5"
    wrong = do(send, profile=profile | {"periods": []})
    assert wrong == {"code": "invalid", "fields": [{"field": "periods", "code": "required"}]}
    command = "{ ... on Command { action } }"
    assert do(f"mutation($id: UUID!) {{ clearChargingProfiles(stationId: $id, profileNumber: 1) {command} }}") == {
        "action": "CLEAR_CHARGING_PROFILE"
    }
    question = f"mutation($id: UUID!) {{ askCompositeSchedule(stationId: $id, connectorNumber: 1) {command} }}"
    assert do(question) == {"action": "GET_COMPOSITE_SCHEDULE"}
    style = (
        "mutation($id: UUID!) { setScheduleStyle(stationId: $id, style: RELATIVE) { ... on ScheduleHabits { style } } }"
    )
    assert do(style) == {"style": "RELATIVE"}
    listed = do("query($id: UUID!) { chargingProfiles(stationId: $id) { profileNumber payload } }")
    assert [row["profileNumber"] for row in listed] == [2, 1]
    assert do("query($id: UUID!) { compositeSchedules(stationId: $id) { unit points { startS limit } } }") == []


def test_a_start_may_bring_its_own_limit(ask: Ask, people: People) -> None:
    made = make.station(property=people.home, owner=people.alice)
    scene.says(made.station, ConnectorStatus.AVAILABLE)
    start = """mutation($id: UUID!, $profile: ChargingProfileInput) {
        startCharging(connectorId: $id, profile: $profile) {
            ... on Authorisation { state } ... on Problem { code fields { field code } } } }"""
    profile = {"purpose": "SESSION", "unit": "AMPERE", "periods": [{"startS": 0, "limit": "6"}]}
    wrong = ask(start, id=str(made.connector.id), profile=profile | {"purpose": "DEFAULT"})
    assert wrong["data"]["startCharging"] == {"code": "invalid", "fields": [{"field": "purpose", "code": "unknown"}]}
    assert ask(start, id=str(made.connector.id), profile=profile)["data"]["startCharging"] == {"state": "WAITING"}
    (command,) = scene.rows(StationCommand, StationCommand.action == Action.REMOTE_START)
    assert command.payload["chargingProfile"]["chargingProfilePurpose"] == "TxProfile"
