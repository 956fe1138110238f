"""Work orders for programs: ordered, repeated safely, followed, taken back, tried again."""

from typing import Any

import pytest

from accounts.access import SYSTEM
from accounts.rights import Role
from accounts.use_cases import create_api_token
from accounts.values import AccountId
from stations.models import Station, StationCommand
from stations.use_cases import finish_command, mark_command_sent
from stations.values import CommandId, CommandState
from tests import scene
from tests.graphql_api.conftest import Ask
from tests.graphql_api.test_graphql import Counted
from tests.people import People

FIELDS = "id name action payload perMinute stations final repeatsId counts { state count }"
FACTS = f"... on WorkOrder {{ {FIELDS} }} ... on Problem {{ code fields {{ field code }} }}"
ORDER = f"mutation($input: WorkOrderInput!) {{ orderWork(input: $input) {{ {FACTS} }} }}"
CANCEL = f"mutation($id: UUID!) {{ cancelWorkOrder(id: $id) {{ {FACTS} }} }}"
REPEAT = f'mutation($id: UUID!) {{ repeatWorkOrder(id: $id, idempotencyKey: "r") {{ {FACTS} }} }}'
RESET = {"action": "RESET", "payload": {"type": "Soft"}}


@pytest.fixture
def stations(people: People) -> list[Station]:
    """Three of Bob's property."""
    return [scene.station(property=people.home, name=f"Platz {number}") for number in (1, 2, 3)]


def order(ask: Ask, people: People, **wish: Any) -> Any:
    """Ask for a restart, or something else."""
    found = ask(ORDER, input={"accountId": str(people.home.id)} | RESET | wish)
    return found["data"]["orderWork"] if found.get("data") else found


def ids(stations: list[Station]) -> list[str]:
    return [str(station.id) for station in stations]


def answer(state: CommandState, place: int) -> None:
    """One of the stations answered."""
    command_id = CommandId(scene.rows(StationCommand)[place].id)
    mark_command_sent(SYSTEM, command_id)
    finish_command(SYSTEM, command_id, state, answer={"status": "Rejected"})


def test_many_are_told_and_each_answer_is_shown(ask: Ask, people: People, stations: list[Station]) -> None:
    made = order(ask, people, stationIds=ids(stations), name="Herbst", perMinute=600)
    number = made.pop("id")
    assert made == {
        "name": "Herbst",
        "action": "RESET",
        "payload": {"type": "Soft"},
        "perMinute": 600,
        "stations": 3,
        "final": False,
        "repeatsId": None,
        "counts": [{"state": "PENDING", "count": 3}],
    }
    answer(CommandState.REFUSED, 0)
    wanted = "commands(workOrderId: $id, states: [REFUSED]) { nodes { stationId workOrderId tries waitsTurn answer } }"
    assert ask(f"query($id: UUID!) {{ {wanted} }}", id=number)["data"]["commands"]["nodes"] == [
        {
            "stationId": str(stations[0].id),
            "workOrderId": number,
            "tries": 1,
            "waitsTurn": False,
            "answer": {"status": "Rejected"},
        }
    ]
    cancelled = ask(CANCEL, id=number)["data"]["cancelWorkOrder"]
    assert sorted((one["state"], one["count"]) for one in cancelled["counts"]) == [("CANCELLED", 2), ("REFUSED", 1)]
    assert cancelled["final"]
    assert ask(CANCEL, id=number)["data"]["cancelWorkOrder"] == {"code": "work_order_over", "fields": []}
    again = ask(REPEAT, id=number)["data"]["repeatWorkOrder"]
    assert (again["repeatsId"], again["stations"], again["name"]) == (number, 1, "Herbst")
    assert ask(REPEAT, id=number)["data"]["repeatWorkOrder"]["id"] == again["id"]


def test_a_key_makes_of_two_wishes_one_order(ask: Ask, people: People, stations: list[Station]) -> None:
    first = order(ask, people, fitting={}, idempotencyKey="k")
    assert order(ask, people, fitting={}, idempotencyKey="k")["id"] == first["id"]
    assert order(ask, people, fitting={"text": "2"}, idempotencyKey="k") == {"code": "other_request", "fields": []}
    assert len(scene.rows(StationCommand)) == 3


@pytest.mark.parametrize(
    ("wish", "field", "code"),
    [
        ({}, "stationIds", "required"),
        ({"fitting": {}, "stationIds": []}, "stationIds", "required"),
        ({"stationIds": []}, "stationIds", "required"),
        ({"fitting": {"vendor": "Nobody"}}, "stationIds", "required"),
        ({"fitting": {}, "perMinute": 0}, "perMinute", "out_of_range"),
        ({"fitting": {}, "expiresInS": 2_592_001}, "expiresIn", "out_of_range"),
        ({"fitting": {}, "payload": "Soft"}, "payload", "not_an_object"),
        ({"fitting": {}, "payload": {"type": "Gentle"}}, "type", "unknown"),
        (
            {"fitting": {}, "action": "REMOTE_STOP", "payload": {"transactionId": 1}},
            "action",
            "one_station_only",
        ),
    ],
)
def test_what_can_not_be_ordered_is_named(
    ask: Ask, people: People, stations: list[Station], wish: dict[str, Any], field: str, code: str
) -> None:
    assert order(ask, people, **wish) == {"code": "invalid", "fields": [{"field": field, "code": code}]}
    assert scene.rows(StationCommand) == []


def test_a_stranger_sees_nothing(ask: Ask, people: People, stations: list[Station]) -> None:
    number = order(ask, people, fitting={})["id"]
    account = AccountId(next(iter(people.charlie.grants)))
    other = create_api_token(people.charlie, account, name="x", role=Role.API_CLIENT).secret
    found = ask(f"query($id: UUID!) {{ workOrder(id: $id) {{ {FIELDS} }} }}", token=other, id=number)
    assert found["errors"][0]["extensions"]["code"] == "not_found"
    assert ask("{ workOrders { nodes { id } } }", token=other)["data"]["workOrders"]["nodes"] == []
    refused = ask(ORDER, token=other, input={"accountId": str(people.home.id), "stationIds": ids(stations)} | RESET)
    assert refused["data"]["orderWork"]["code"] == "not_found"


def test_more_orders_take_no_more_statements(ask: Ask, people: People, stations: list[Station]) -> None:
    ask("{ accounts { id } }")  # the token's first use is noted
    counts = []
    for _ in range(2):
        order(ask, people, fitting={})
        with Counted() as statements:
            listed = ask(f"{{ workOrders(first: 10) {{ nodes {{ {FIELDS} }} }} }}")["data"]["workOrders"]["nodes"]
        counts.append(len(statements))
        assert all(one["stations"] == 3 for one in listed)
    assert counts[0] == counts[1]


def test_a_large_order_takes_no_more_statements(ask: Ask, people: People, stations: list[Station]) -> None:
    ask("{ accounts { id } }")  # the token's first use is noted
    counts = []
    for chosen in (stations[:1], stations):
        with Counted() as statements:
            order(ask, people, stationIds=ids(chosen))
        counts.append(len(statements))
    assert counts[0] == counts[1]
