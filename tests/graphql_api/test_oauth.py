"""Programs that sign in with an id and a secret: keys for a quarter of an hour, with chosen rights, ended at once."""

from base64 import b64encode
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from authlib.integrations.requests_client import OAuth2Session
from flask.testing import FlaskClient
from limits import parse

from accounts.access import SYSTEM
from accounts.errors import MoreThanOneHolds
from accounts.queries import api_clients
from accounts.rights import Right, Role
from accounts.use_cases import (
    NewClientSecret,
    create_api_client,
    create_api_token,
    end_old_client_secrets,
    forget_access_tokens,
    renew_client_secret,
    revoke_api_client,
)
from accounts.values import AccountId, ApiClientId
from kit import clock
from kit.errors import Forbidden, Invalid, NotFound
from portal import security
from tests import make
from tests.graphql_api.conftest import Ask
from tests.people import People
from tests.portal.real_server import RealServer, real_server

LOOK = (Right.VIEW_ACCOUNT, Right.VIEW_STATIONS)


def _client(people: People, *rights: Right) -> NewClientSecret:
    return create_api_client(people.alice, AccountId(people.home.id), name="Buchhaltung", rights=rights or LOOK)


def _token(client: FlaskClient, made: NewClientSecret, secret: str | None = None, **more: str) -> tuple[int, Any]:
    basic = b64encode(f"{made.client.id}:{secret or made.secret}".encode()).decode()
    form = {"grant_type": "client_credentials", **more}
    answer = client.post("/oauth/token", data=form, headers={"Authorization": f"Basic {basic}"})
    return answer.status_code, answer.get_json()


def test_a_client_gets_a_key_with_its_rights_for_a_quarter_of_an_hour(
    client: FlaskClient, ask: Ask, people: People
) -> None:
    status, told = _token(client, _client(people))
    assert (status, told["token_type"], told["expires_in"]) == (200, "Bearer", 900)
    assert told["scope"] == "account:view station:view"
    key = told["access_token"]
    assert [one["name"] for one in ask("{ accounts { name } }", token=key)["data"]["accounts"]] == ["Haus am See"]
    refused = ask("{ sessions { nodes { id } } }", token=key)
    assert refused["data"]["sessions"]["nodes"] == []
    add = """mutation($a: UUID!) { addStation(accountId: $a, facts: {name: "X"}, connectors: []) {
               ... on Problem { right } } }"""
    assert ask(add, token=key, a=str(people.home.id))["data"]["addStation"] == {"right": "station:manage"}
    with clock.moved_to(clock.now() + timedelta(minutes=16)):
        assert ask("{ accounts { name } }", token=key)["status"] == 401


def test_a_scope_narrows_and_never_widens(client: FlaskClient, ask: Ask, people: People) -> None:
    made = _client(people)
    told = _token(client, made, scope="station:view payment:refund")[1]
    assert told.get("scope", "station:view") == "station:view"
    assert _token(client, made, scope="nonsense")[1]["error"] == "invalid_scope"


def test_wrong_secrets_and_strangers_get_nothing(client: FlaskClient, people: People) -> None:
    made = _client(people)
    assert _token(client, made, "cs_wrong")[1]["error"] == "invalid_client"
    form = {"grant_type": "client_credentials", "client_id": "nonsense", "client_secret": "x"}
    assert client.post("/oauth/token", data=form).status_code == 401
    basic = b64encode(f"{made.client.id}:{made.secret}".encode()).decode()
    other = client.post(
        "/oauth/token",
        data={"grant_type": "password", "username": "a", "password": "b"},
        headers={"Authorization": f"Basic {basic}"},
    )
    assert other.get_json()["error"] == "unsupported_grant_type"
    with pytest.raises(Forbidden):
        renew_client_secret(people.bob, ApiClientId(made.client.id))
    with pytest.raises(NotFound):
        revoke_api_client(people.charlie, ApiClientId(made.client.id))
    with pytest.raises(Invalid):
        create_api_client(people.alice, AccountId(people.home.id), name="X", rights=())


def test_two_secrets_work_at_a_time(client: FlaskClient, people: People) -> None:
    first = _client(people)
    row = ApiClientId(first.client.id)
    second = renew_client_secret(people.alice, row)
    assert [_token(client, first, one.secret)[0] for one in (first, second)] == [200, 200]
    third = renew_client_secret(people.alice, row)
    assert [_token(client, first, one.secret)[0] for one in (first, second, third)] == [401, 200, 200]
    end_old_client_secrets(people.alice, row)
    assert [_token(client, first, one.secret)[0] for one in (second, third)] == [401, 200]


def test_a_client_that_is_revoked_is_dead_with_its_keys(client: FlaskClient, ask: Ask, people: People) -> None:
    made = _client(people)
    key = _token(client, made)[1]["access_token"]
    revoke_api_client(people.alice, ApiClientId(made.client.id))
    assert ask("{ accounts { id } }", token=key)["status"] == 401
    assert _token(client, made)[0] == 401
    assert api_clients(people.alice, AccountId(people.home.id)) == []


def test_a_key_is_ended_by_its_client(client: FlaskClient, ask: Ask, people: People) -> None:
    made = _client(people)
    key = _token(client, made)[1]["access_token"]
    form = {"token": key, "client_id": str(made.client.id), "client_secret": made.secret}
    assert client.post("/oauth/revoke", data=form).status_code == 200
    assert ask("{ accounts { id } }", token=key)["status"] == 401
    with clock.moved_to(clock.now() + timedelta(hours=2)):
        forget_access_tokens(SYSTEM)


def test_keys_of_one_client_share_their_count(client: FlaskClient, people: People) -> None:
    made = _client(people)
    left = []
    for _ in range(2):
        headers = {"Authorization": f"Bearer {_token(client, made)[1]['access_token']}"}
        answer = client.post("/graphql", json={"query": "{ __typename }"}, headers=headers)
        left.append(int(answer.headers["RateLimit-Remaining"]))
    assert left == [599, 598]


def test_a_client_can_not_ask_for_keys_without_end(
    client: FlaskClient, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(security, "PROGRAMS", parse("3 per minute"))
    made = _client(people)
    assert [_token(client, made)[0] for _ in range(4)] == [200, 200, 200, 429]
    assert _token(client, _client(people))[0] == 200, "others are not held up by it"


def test_what_is_no_credential_is_refused_and_nothing_else(client: FlaskClient) -> None:
    form = {"grant_type": "client_credentials"}
    for header in (
        "Basic",
        "Basic !",
        "Basic " + b64encode(b"\xff\xfe:x").decode(),
        "Basic " + b64encode(b"a").decode(),
    ):
        assert client.post("/oauth/token", data=form, headers={"Authorization": header}).status_code == 401, header
    strange = {"client_id": "\x00", "client_secret": "\x00", **form}
    assert client.post("/oauth/token", data=strange).status_code == 401
    assert client.get("/oauth/token").status_code == 405
    assert client.post("/oauth/token", data={}).status_code in (400, 401)


def test_nobody_gives_a_program_more_than_he_holds(people: People) -> None:
    manager = make.login(account=people.home, role=Role.ADMINISTRATOR).actor
    with pytest.raises(MoreThanOneHolds):
        create_api_client(manager, AccountId(people.home.id), name="X", rights=[Right.MANAGE_PAYOUT])


def test_a_personal_key_has_chosen_rights_and_an_end(ask: Ask, people: People) -> None:
    until = clock.now() + timedelta(days=1)
    made = create_api_token(people.alice, AccountId(people.home.id), name="X", rights=LOOK, expires_at=until)
    assert ask("{ accounts { id } }", token=made.secret)["status"] == 200
    with clock.moved_to(until):
        assert ask("{ accounts { id } }", token=made.secret)["status"] == 401
    with pytest.raises(Invalid):
        create_api_token(people.alice, AccountId(people.home.id), name="X", expires_at=clock.now())


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealServer]:
    """The program in a process of its own."""
    var_dir = tmp_path_factory.mktemp("oauth") / "var"
    var_dir.mkdir()
    with real_server(var_dir) as started:
        yield started


def test_a_library_for_oauth_signs_in(server: RealServer) -> None:
    owned = make.owned()
    made = create_api_client(owned.owner, AccountId(owned.id), name="Library", rights=LOOK)
    session = OAuth2Session(str(made.client.id), made.secret, token_endpoint_auth_method="client_secret_basic")
    session.fetch_token(f"{server.url}/oauth/token", grant_type="client_credentials", scope="account:view")
    answer = session.post(f"{server.url}/graphql", json={"query": "{ accounts { name } }"}, timeout=10)
    assert len(answer.json()["data"]["accounts"]) >= 1
