"""Commands for programs: send, repeat safely, look, filter, take back; and stations that want quiet."""

from typing import Any

import pytest

from accounts.access import SYSTEM
from stations.models import Station, StationCommand
from stations.use_cases import finish_command, mark_command_sent
from stations.values import CommandId, CommandState
from tests import scene
from tests.graphql_api.conftest import Ask
from tests.people import People

FIELDS = "id action payload unchecked state final tries triesAllowed late answer error"
FACTS = f"... on Command {{ {FIELDS} }} ... on Problem {{ code fields {{ field code }} }}"
OPTIONS = {
    "expires": ("expiresInS", "Int"),
    "tries": ("tries", "Int"),
    "raw": ("unchecked", "Boolean"),
    "key": ("idempotencyKey", "String"),
}
CANCEL = f"mutation($id: UUID!) {{ cancelCommand(id: $id) {{ {FACTS} }} }}"


@pytest.fixture
def station(people: People) -> Station:
    """A station of Bob's property."""
    return scene.station(property=people.home)


def send(ask: Ask, station: Station, action: str, payload: Any, **how: Any) -> Any:
    """Send one message."""
    heads = "".join(f", ${name}: {OPTIONS[name][1]}" for name in how)
    arguments = "".join(f", {OPTIONS[name][0]}: ${name}" for name in how)
    query = f"""mutation($id: UUID!, $action: Action!, $payload: JSON!{heads}) {{
        sendCommand(stationId: $id, action: $action, payload: $payload{arguments}) {{ {FACTS} }} }}"""
    return ask(query, id=str(station.id), action=action, payload=payload, **how)["data"]["sendCommand"]


def test_secrets_within_texts_are_not_shown(ask: Ask, station: Station) -> None:
    payload = {"vendorId": "x", "data": '{"password":"geheim"} ftp://u:ge@heim@host/x?token=geheim'}
    made = send(ask, station, "DATA_TRANSFER", payload)
    assert made["payload"]["data"] == '{"password":"***"} ftp://u:***@host/x?token=***'


def test_a_command_is_sent_followed_and_shown_without_its_secrets(ask: Ask, station: Station) -> None:
    secret = "0123456789ABCDEF0123"
    made = send(ask, station, "CHANGE_CONFIGURATION", {"key": "AuthorizationKey", "value": secret}, tries=2)
    number = made.pop("id")
    assert made == {
        "action": "CHANGE_CONFIGURATION",
        "payload": {"key": "AuthorizationKey", "value": "***"},
        "unchecked": False,
        "state": "PENDING",
        "final": False,
        "tries": 0,
        "triesAllowed": 2,
        "late": False,
        "answer": None,
        "error": None,
    }
    mark_command_sent(SYSTEM, CommandId(scene.rows(StationCommand)[0].id))
    finish_command(
        SYSTEM, CommandId(scene.rows(StationCommand)[0].id), CommandState.ACCEPTED, answer={"status": "Accepted"}
    )
    shown = ask(f"query($id: UUID!) {{ command(id: $id) {{ {FIELDS} }} }}", id=number)["data"]["command"]
    assert (shown["state"], shown["tries"], shown["answer"]) == ("ACCEPTED", 1, {"status": "Accepted"})


def test_a_key_makes_of_two_wishes_one_command(ask: Ask, station: Station) -> None:
    first = send(ask, station, "CLEAR_CACHE", {}, key="k-1")
    assert send(ask, station, "CLEAR_CACHE", {}, key="k-1")["id"] == first["id"]
    assert send(ask, station, "RESET", {"type": "Soft"}, key="k-1") == {"code": "other_request", "fields": []}
    assert send(ask, station, "CLEAR_CACHE", {}, key="k-2")["id"] != first["id"]
    assert len(scene.rows(StationCommand)) == 2


def test_what_can_not_be_sent_is_named_by_its_path(ask: Ask, station: Station) -> None:
    refused = send(ask, station, "RESET", {"type": "Gentle"})
    assert refused == {"code": "invalid", "fields": [{"field": "type", "code": "unknown"}]}
    assert send(ask, station, "RESET", ["Soft"])["fields"] == [{"field": "payload", "code": "not_an_object"}]
    assert send(ask, station, "RESET", {"type": "Soft"}, expires=2_592_001)["fields"] == [
        {"field": "expiresIn", "code": "out_of_range"}
    ]
    assert send(ask, station, "RESET", {"type": "Gentle"}, raw=True)["payload"] == {"type": "Gentle"}


def test_commands_are_listed_by_what_one_looks_for(ask: Ask, station: Station, people: People) -> None:
    other = scene.station(property=people.home)
    made = [send(ask, station, "CLEAR_CACHE", {})["id"], send(ask, station, "RESET", {"type": "Soft"})["id"]]
    made.append(send(ask, other, "CLEAR_CACHE", {})["id"])
    assert ask(CANCEL, id=made[0])["data"]["cancelCommand"]["state"] == "CANCELLED"

    def listed(**wanted: Any) -> list[str]:
        names = {
            "station": ("stationId", "UUID"),
            "states": ("states", "[CommandState!]"),
            "action": ("action", "Action"),
        }
        heads = ", ".join(f"${name}: {names[name][1]}" for name in wanted)
        arguments = ", ".join(f"{names[name][0]}: ${name}" for name in wanted)
        query = "query(" + heads + ") { commands(" + arguments + ") { nodes { id } } }"
        return [node["id"] for node in ask(query, **wanted)["data"]["commands"]["nodes"]]

    assert listed(station=str(station.id)) == [made[1], made[0]]
    assert listed(action="CLEAR_CACHE") == [made[2], made[0]]
    assert listed(states=["CANCELLED", "SENT"]) == [made[0]]
    page = ask("{ commands(first: 2) { nodes { id } pageInfo { hasNextPage endCursor } } }")["data"]["commands"]
    assert ([node["id"] for node in page["nodes"]], page["pageInfo"]["hasNextPage"]) == ([made[2], made[1]], True)
    rest = ask("query($c: String) { commands(after: $c) { nodes { id } } }", c=page["pageInfo"]["endCursor"])
    assert [node["id"] for node in rest["data"]["commands"]["nodes"]] == [made[0]]


def test_only_what_waits_is_taken_back(ask: Ask, station: Station) -> None:
    number = send(ask, station, "CLEAR_CACHE", {})["id"]
    mark_command_sent(SYSTEM, CommandId(scene.rows(StationCommand)[0].id))
    assert ask(CANCEL, id=number)["data"]["cancelCommand"] == {"code": "command_sent", "fields": []}


def test_a_station_is_left_in_quiet(ask: Ask, station: Station) -> None:
    query = "mutation($id: UUID!) { setQuietAfterBoot(id: $id, quiet: true) { ... on Station { quietAfterBoot } } }"
    assert ask(query, id=str(station.id))["data"]["setQuietAfterBoot"] == {"quietAfterBoot": True}
