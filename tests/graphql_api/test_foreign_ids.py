"""A foreign id is refused in the same words everywhere: by what is fetched, and by what a list is narrowed to."""

import pytest
from graphql import GraphQLNonNull, get_named_type, is_leaf_type

from accounts.access import Actor
from accounts.rights import Role
from accounts.use_cases import create_api_token
from accounts.values import AccountId
from graphql_api.schema import schema
from kit.ids import new_id
from stations.use_cases import order_work
from stations.values import Action, Selection, StationId
from tests import make
from tests.graphql_api.conftest import Ask
from tests.people import People

NARROWED = [
    (field, argument)
    for field, facts in sorted(schema._schema.query_type.fields.items())  # type: ignore[union-attr]  # there is one
    for argument, asked in facts.args.items()
    if (argument in ("accountId", "stationId", "connectorId", "workOrderId") and asked.default_value is None)
    or (argument in ("accountId", "stationId") and isinstance(asked.type, GraphQLNonNull))
]

MORE = {
    "stationForecast": ", kind: OCPP",
    "massChangePreview": ", change: {vat: {}}, scope: {everything: true}",
}  # what they ask for besides


@pytest.fixture
def foreign(people: People) -> dict[str, str]:
    """Ids of things that are Alice's."""
    made = make.station(property=people.home, owner=people.alice)
    account_id = AccountId(made.station.account_id)
    chosen = Selection(station_ids=(StationId(made.id),))
    order = order_work(people.alice, account_id, chosen, Action.CLEAR_CACHE, {})
    return {
        "accountId": str(account_id),
        "stationId": str(made.id),
        "connectorId": str(made.connectors[0].id),
        "workOrderId": str(order.id),
    }


def code(ask: Ask, field: str, argument: str, value: str, token: str) -> str:
    """How it is refused."""
    more = MORE.get(field, "")
    kind = schema._schema.query_type.fields[field].type  # type: ignore[union-attr]  # there is one
    selected = "" if is_leaf_type(get_named_type(kind)) else "{ __typename }"
    answer = ask(f"query($id: UUID!) {{ {field}({argument}: $id{more}) {selected} }}", token=token, id=value)
    return str(answer["errors"][0]["extensions"]["code"]) if "errors" in answer else "found"


def test_every_list_refuses_a_foreign_id_and_one_that_nobody_has(
    ask: Ask, people: People, foreign: dict[str, str]
) -> None:
    stranger, owner = _token(people.charlie), _token(people.alice)
    assert len(NARROWED) > 30
    for token, ids in ((stranger, foreign), (owner, dict.fromkeys(foreign, str(new_id())))):
        said = {at: code(ask, *at, ids[at[1]], token) for at in NARROWED}
        assert {at: one for at, one in said.items() if one != "not_found"} == {}


def _token(actor: Actor) -> str:
    account_id = AccountId(next(iter(actor.grants)))
    return create_api_token(actor, account_id, name="x", role=Role.API_CLIENT).secret
