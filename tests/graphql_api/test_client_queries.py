"""The list of queries of a client: sent by their hash, and at wish the only ones that are taken."""

import hashlib
from base64 import b64encode
from typing import Any

import pytest
from flask.testing import FlaskClient

from accounts.errors import ListEmpty
from accounts.queries import client_queries
from accounts.rights import Right
from accounts.use_cases import (
    NewClientSecret,
    create_api_client,
    create_api_token,
    register_query,
    remove_query,
    restrict_client,
    revoke_api_client,
)
from accounts.use_cases.client_queries import MOST_QUERIES
from accounts.values import AccountId, ApiClientId, ClientQueryId
from kit.errors import Forbidden, Invalid, NotFound
from tests.graphql_api.conftest import Ask
from tests.people import People

NAMES = "{ accounts { name } }"
REGISTER = """mutation($id: UUID!, $text: String!) { registerQuery(clientId: $id, text: $text) {
  ... on ClientQuery { sha256 } ... on Problem { code right fields { field code } } } }"""


@pytest.fixture
def made(people: People) -> NewClientSecret:
    """A client of the property."""
    rights = [Right.VIEW_ACCOUNT, Right.VIEW_STATIONS]
    return create_api_client(people.alice, AccountId(people.home.id), name="Lager", rights=rights)


@pytest.fixture
def key(client: FlaskClient, made: NewClientSecret) -> str:
    """A key of the client."""
    basic = b64encode(f"{made.client.id}:{made.secret}".encode()).decode()
    form = {"grant_type": "client_credentials"}
    answer = client.post("/oauth/token", data=form, headers={"Authorization": f"Basic {basic}"})
    return str(answer.get_json()["access_token"])


def _id(made: NewClientSecret) -> ApiClientId:
    return ApiClientId(made.client.id)


def _by_hash(client: FlaskClient, key: str, text: str) -> Any:
    name = hashlib.sha256(text.encode()).hexdigest()
    asked = {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": name}}}
    return client.post("/graphql", json=asked, headers={"Authorization": f"Bearer {key}"}).get_json()


def test_a_query_on_the_list_is_known_by_its_hash(
    client: FlaskClient, people: People, made: NewClientSecret, key: str
) -> None:
    assert _by_hash(client, key, NAMES)["errors"][0]["extensions"]["code"] == "PERSISTED_QUERY_NOT_FOUND"
    register_query(people.alice, _id(made), text=NAMES)
    assert _by_hash(client, key, NAMES)["data"] == {"accounts": [{"name": "Haus am See"}]}


def test_a_client_held_to_its_list_sends_nothing_else(
    ask: Ask, client: FlaskClient, people: People, made: NewClientSecret, key: str
) -> None:
    with pytest.raises(ListEmpty):
        restrict_client(people.alice, _id(made), queries_only=True)
    listed = register_query(people.alice, _id(made), text=NAMES, name="Namen")
    restrict_client(people.alice, _id(made), queries_only=True)
    assert ask(NAMES, token=key)["data"] == {"accounts": [{"name": "Haus am See"}]}
    for other in ("{ stations { nodes { id } } }", NAMES + " ", "{ __typename }", REGISTER, "{ nonsense }", ""):
        refused = ask(other, token=key, id=str(made.client.id), text=other)
        assert refused["errors"][0]["extensions"]["code"] == "query_not_listed", other
        assert refused["data"] is None
    with pytest.raises(ListEmpty):
        remove_query(people.alice, ClientQueryId(listed.id))
    restrict_client(people.alice, _id(made), queries_only=False)
    assert ask("{ __typename }", token=key)["data"] == {"__typename": "Query"}


def test_a_client_makes_its_list_itself_and_can_not_widen_it_later(
    ask: Ask, people: People, made: NewClientSecret, key: str
) -> None:
    own = {"id": str(made.client.id)}
    assert "sha256" in ask(REGISTER, token=key, text=NAMES, **own)["data"]["registerQuery"]
    assert "sha256" in ask(REGISTER, token=key, text=REGISTER, **own)["data"]["registerQuery"]
    broken = ask(REGISTER, token=key, text="{ nonsense }", **own)["data"]["registerQuery"]
    assert broken["fields"] == [{"field": "text", "code": "no_query"}]
    restrict_client(people.alice, _id(made), queries_only=True)
    wider = ask(REGISTER, token=key, text="{ __typename }", **own)["data"]["registerQuery"]
    assert (wider["code"], wider["right"]) == ("forbidden", "token:manage")
    assert len(client_queries(people.alice, _id(made))) == 2


def test_nobody_else_touches_the_list(ask: Ask, people: People, made: NewClientSecret, key: str) -> None:
    other = create_api_client(people.alice, AccountId(people.home.id), name="Andere", rights=[Right.VIEW_ACCOUNT])
    foreign = ask(REGISTER, token=key, text=NAMES, id=str(other.client.id))["data"]["registerQuery"]
    assert (foreign["code"], foreign["right"]) == ("forbidden", "token:manage")
    with pytest.raises(Forbidden):
        register_query(people.bob, _id(made), text=NAMES)
    with pytest.raises(NotFound):
        restrict_client(people.charlie, _id(made), queries_only=True)
    row = register_query(people.alice, _id(made), text=NAMES)
    with pytest.raises(NotFound):
        remove_query(people.charlie, ClientQueryId(row.id))
    revoke_api_client(people.alice, _id(made))
    with pytest.raises(NotFound):
        register_query(people.alice, _id(made), text=NAMES)


def test_the_same_text_again_is_the_same_query(people: People, made: NewClientSecret) -> None:
    rows = [register_query(people.alice, _id(made), text=NAMES, name=name) for name in ("A", "B", "")]
    assert len({row.id for row in rows}) == 1
    assert [row.name for row in client_queries(people.alice, _id(made))] == ["B"]
    for text, code in (("  ", "required"), ("{ a #" + "a" * 50_000, "too_long")):
        with pytest.raises(Invalid) as refused:
            register_query(people.alice, _id(made), text=text)
        assert refused.value.fields == {"text": code}


def test_a_list_ends_somewhere(people: People, made: NewClientSecret, monkeypatch: pytest.MonkeyPatch) -> None:
    assert MOST_QUERIES == 500
    monkeypatch.setattr("accounts.use_cases.client_queries.MOST_QUERIES", 2)
    for number in range(2):
        register_query(people.alice, _id(made), text=f"{{ a{number}: __typename }}")
    with pytest.raises(Invalid):
        register_query(people.alice, _id(made), text=NAMES)


def test_what_one_program_sent_by_hash_is_no_other_s(client: FlaskClient, people: People, key: str) -> None:
    text = "{ accounts { name } stations { nodes { name } } }"
    extensions = {"persistedQuery": {"version": 1, "sha256Hash": hashlib.sha256(text.encode()).hexdigest()}}
    headers = {"Authorization": f"Bearer {key}"}
    sent = client.post("/graphql", json={"query": text, "extensions": extensions}, headers=headers).get_json()
    assert "errors" not in sent
    assert "errors" not in _by_hash(client, key, text)
    other = create_api_token(people.alice, AccountId(people.home.id), name="other").secret
    assert _by_hash(client, other, text)["errors"][0]["extensions"]["code"] == "PERSISTED_QUERY_NOT_FOUND"
