"""What tests of GraphQL may ask for: the application, and a program that asks with a token."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient

import wsgi
from accounts.access import Actor
from accounts.queries import account_tree
from accounts.rights import ROLE_RIGHTS, Role
from accounts.use_cases import create_api_token
from accounts.values import AccountId
from kit.settings import Settings
from tests.graphql_api.callers import Program
from tests.people import People

Ask = Callable[..., dict[str, Any]]


@pytest.fixture(params=["sqlite"])
def database_url(request: pytest.FixtureRequest) -> str:
    """GraphQL is tried on one database, and the doors behind it on both."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def client(people: People, program: Settings) -> FlaskClient:
    """The web application of this database."""
    return wsgi.create_app(replace(program, public_url="http://localhost")).test_client()


@pytest.fixture
def ask(client: FlaskClient, people: People) -> Ask:
    """Ask with a token of the master account, or with another one."""
    own = create_api_token(people.alice, AccountId(people.master.id), name="test", role=Role.API_CLIENT).secret

    def send(query: str, token: str | None = own, **variables: Any) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = client.post("/graphql", json={"query": query, "variables": variables}, headers=headers)
        return {"status": answer.status_code, **(answer.get_json() or {})}

    return send


@pytest.fixture
def alice(client: FlaskClient, people: People) -> Program:
    """A program that may do what the owner of the master account may."""
    return _program(client, people.alice, people.master.id)


@pytest.fixture
def charlie(client: FlaskClient, people: People) -> Program:
    """The same of a stranger."""
    (own,) = account_tree(people.charlie)
    return _program(client, people.charlie, own.id)


def _program(client: FlaskClient, owner: Actor, account_id: AccountId) -> Program:
    rights = list(ROLE_RIGHTS[Role.OWNER])
    return Program(client, create_api_token(owner, account_id, name="all", rights=rights).secret)
