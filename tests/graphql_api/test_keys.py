"""Keys by GraphQL: personal ones, and clients with a secret and a list of queries."""

from typing import Any

from flask.testing import FlaskClient

from tests.graphql_api.callers import Program
from tests.people import People

STATIONS = "{ stations { nodes { id } } }"


def _key(client: FlaskClient, made: dict[str, Any]) -> Program | None:
    """What the client gets for its secret."""
    form = {"grant_type": "client_credentials", "client_id": made["clientId"], "client_secret": made["secret"]}
    answer = client.post("/oauth/token", data=form)
    return Program(client, answer.get_json()["access_token"]) if answer.status_code == 200 else None


def test_a_key_is_made_used_and_revoked(alice: Program, charlie: Program, people: People) -> None:
    home = {"accountId": people.home.id}
    wanted = home | {"name": "Anzeige", "rights": ["account:view", "station:view"]}
    made = alice.does("createApiToken", "token { id name rights } secret", **wanted)
    assert (made["token"]["name"], made["token"]["rights"]) == ("Anzeige", ["account:view", "station:view"])
    program = Program(alice.client, made["secret"])
    assert [one["name"] for one in program.asks("accounts", "name")] == ["Haus am See"]
    assert program.refused("createApiToken", **wanted) == "forbidden token:manage"
    assert charlie.refused("createApiToken", **wanted) == "not_found"
    assert charlie.refused("revokeApiToken", id=made["token"]["id"]) == "not_found"
    assert charlie.refused("apiTokens", **home) == "not_found"
    alice.does("revokeApiToken", id=made["token"]["id"])
    assert program.refused("accounts") == "unauthenticated"
    assert made["token"]["id"] not in {one["id"] for one in alice.asks("apiTokens", "id", **home)}


def test_a_client_changes_its_secret_is_held_to_its_list_and_ends(
    alice: Program, charlie: Program, people: People
) -> None:
    home = {"accountId": people.home.id}
    rights = ["account:view", "station:view"]
    made = alice.does("createApiClient", "clientId secret", **home, name="Leitstelle", rights=rights)
    number = made["clientId"]
    renewed = alice.does("renewClientSecret", "clientId secret", id=number)
    assert all(_key(alice.client, one) for one in (made, renewed)), "two secrets work"
    alice.does("endOldClientSecrets", id=number)
    assert _key(alice.client, made) is None
    key = _key(alice.client, renewed)
    assert key is not None
    listed = alice.does("registerQuery", "id sha256", clientId=number, text=STATIONS, name="Alle")
    assert alice.does("restrictClient", "queriesOnly", id=number, queriesOnly=True) == {"queriesOnly": True}
    assert key.send(STATIONS, {})["data"] == {"stations": {"nodes": []}}
    assert key.refused("accounts") == "query_not_listed"
    foreign = {
        "apiClients": home,
        "clientQueries": {"clientId": number},
        "createApiClient": home | {"name": "Meiner", "rights": rights},
        "renewClientSecret": {"id": number},
        "endOldClientSecrets": {"id": number},
        "registerQuery": {"clientId": number, "text": STATIONS},
        "restrictClient": {"id": number, "queriesOnly": False},
        "removeQuery": {"id": listed["id"]},
        "revokeApiClient": {"id": number},
    }
    assert {charlie.refused(field, **told) for field, told in foreign.items()} == {"not_found"}
    assert alice.asks("clientQueries", "id name", clientId=number) == [{"id": listed["id"], "name": "Alle"}]
    assert alice.refused("removeQuery", id=listed["id"]) == "list_empty"
    alice.does("restrictClient", id=number, queriesOnly=False)
    alice.does("removeQuery", id=listed["id"])
    assert alice.asks("clientQueries", "id", clientId=number) == []
    assert key.asks("accounts", "name") == [{"name": "Haus am See"}]
    alice.does("revokeApiClient", id=number)
    assert key.refused("accounts") == "unauthenticated"
    assert alice.asks("apiClients", "id", **home) == []
