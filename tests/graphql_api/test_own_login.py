"""One's own login by GraphQL: for people; a key has none."""

from flask.testing import FlaskClient

from tests.graphql_api.conftest import Ask
from tests.graphql_api.signed_in import Person
from tests.people import People

LOGINS = "{ logins { id device address method current } secondFactor { codes recoveryCodesLeft passkeys { name } } }"
END = "mutation($id: UUID!) { endLogin(id: $id) { ... on Done { done } ... on Problem { code } } }"
END_OTHERS = "mutation { endOtherLogins { ... on Done { done } ... on Problem { code } } }"


def test_a_person_sees_and_ends_logins(client: FlaskClient, people: People) -> None:
    here = Person(client.application, people.bob_login.email)
    there = Person(client.application, people.bob_login.email)
    data = here.ask(LOGINS)["data"]
    assert isinstance(data, dict)
    assert [(one["device"], one["method"], one["current"]) for one in data["logins"]] == [
        ("Firefox, Linux", "PASSWORD", False),
        ("Firefox, Linux", "PASSWORD", True),
    ]
    assert data["secondFactor"] == {"codes": False, "recoveryCodesLeft": 0, "passkeys": []}
    assert here.ask(END, id=data["logins"][0]["id"])["data"] == {"endLogin": {"done": True}}
    assert there.ask(LOGINS)["errors"]
    third = Person(client.application, people.bob_login.email)
    assert here.ask(END_OTHERS)["data"] == {"endOtherLogins": {"done": True}}
    assert third.ask(LOGINS)["errors"]
    assert "errors" not in here.ask(LOGINS)


def test_a_key_has_no_login(ask: Ask) -> None:
    assert ask(LOGINS)["errors"][0]["extensions"]["code"] == "not_found"
    assert ask(END_OTHERS)["data"]["endOtherLogins"] == {"code": "not_found"}
