"""One's own login by GraphQL: for people; a key has none."""

import re

from flask import Flask
from flask.testing import FlaskClient

from tests import make
from tests.graphql_api.conftest import Ask
from tests.people import People

LOGINS = "{ logins { id device address method current } secondFactor { codes recoveryCodesLeft passkeys { name } } }"
END = "mutation($id: UUID!) { endLogin(id: $id) { ... on Done { done } ... on Problem { code } } }"
END_OTHERS = "mutation { endOtherLogins { ... on Done { done } ... on Problem { code } } }"
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


class _Person:
    """Somebody signed in, who asks with the cookie."""

    def __init__(self, app: Flask, email: str) -> None:
        self.client = app.test_client()
        self.client.post(
            "/login",
            data={"email": email, "password": make.PASSWORD, "csrf_token": self._token("/login")},
            headers={"User-Agent": AGENT},
        )
        self.token = self._token("/me")

    def _token(self, path: str) -> str:
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.client.get(path).get_data(as_text=True))
        assert found
        return found.group(1)

    def ask(self, query: str, **variables: str) -> dict[str, object]:
        """Data, or what stands beside it."""
        answer = self.client.post(
            "/graphql", json={"query": query, "variables": variables}, headers={"X-CSRFToken": self.token}
        )
        body: dict[str, object] = answer.get_json()
        return body


def test_a_person_sees_and_ends_logins(client: FlaskClient, people: People) -> None:
    here = _Person(client.application, people.bob_login.email)
    there = _Person(client.application, people.bob_login.email)
    data = here.ask(LOGINS)["data"]
    assert isinstance(data, dict)
    assert [(one["device"], one["method"], one["current"]) for one in data["logins"]] == [
        ("Firefox, Linux", "PASSWORD", False),
        ("Firefox, Linux", "PASSWORD", True),
    ]
    assert data["secondFactor"] == {"codes": False, "recoveryCodesLeft": 0, "passkeys": []}
    assert here.ask(END, id=data["logins"][0]["id"])["data"] == {"endLogin": {"done": True}}
    assert there.ask(LOGINS)["errors"]
    third = _Person(client.application, people.bob_login.email)
    assert here.ask(END_OTHERS)["data"] == {"endOtherLogins": {"done": True}}
    assert third.ask(LOGINS)["errors"]
    assert "errors" not in here.ask(LOGINS)


def test_a_key_has_no_login(ask: Ask) -> None:
    assert ask(LOGINS)["errors"][0]["extensions"]["code"] == "not_found"
    assert ask(END_OTHERS)["data"]["endOtherLogins"] == {"code": "not_found"}
