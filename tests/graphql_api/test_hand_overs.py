"""A property changes hands by GraphQL: by people who prove who they are, and never by a key."""

from datetime import timedelta
from typing import Any

from flask.testing import FlaskClient

from accounts.rights import Right
from accounts.use_cases import create_api_token
from accounts.values import AccountId
from handovers.models import HandOver
from handovers.values import Side
from kit import clock
from tests import make, scene
from tests.graphql_api.conftest import Ask
from tests.graphql_api.signed_in import Person
from tests.handovers.parties import token
from tests.people import People

SHOWN = "{ ... on HandOver { id state email } ... on Problem { code fields { field code } } }"
REQUEST = f"""mutation($account: UUID!, $email: String!) {{
    requestHandOver(accountId: $account, email: $email) {SHOWN} }}"""
LISTED = "query($account: UUID!) { handOvers(accountId: $account) { state email } }"
PROVE = """mutation($password: String!) { proveIdentity(password: $password) {
    ... on Done { done } ... on Problem { code fields { field code } } } }"""


class Party(Person):
    """Somebody at a browser who asks by GraphQL."""

    def does(self, mutation: str, **variables: Any) -> dict[str, Any]:
        """What came of the only field of a mutation."""
        answer = self.ask(mutation, **variables)
        assert "errors" not in answer, answer
        ((_, told),) = answer["data"].items()  # type: ignore[attr-defined]
        return told  # type: ignore[no-any-return]

    def answers(self, mutation: str, side: Side) -> dict[str, Any]:
        """What came of answering the newest hand-over by the mailed link."""
        shown = "{ ... on Done { done } ... on Problem { code } }" if mutation == "declineHandOver" else SHOWN
        link = token(scene.rows(HandOver)[-1], side)
        return self.does(f"mutation($link: String!) {{ {mutation}(link: $link) {shown} }}", link=link)


def test_a_person_hands_over_after_proving_who_they_are(client: FlaskClient, people: People) -> None:
    owner = Party(client.application, make.login(account=people.home).email)
    heir = Party(client.application, people.charlie_login.email)
    wish = {"account": str(people.home.id), "email": people.charlie_login.email}
    with clock.moved_to(clock.now() + timedelta(minutes=11)):
        assert owner.does(REQUEST, **wish)["code"] == "check_needed"
        wrong = owner.does(PROVE, password="not this one")
        assert wrong == {"code": "invalid", "fields": [{"field": "password", "code": "wrong_login"}]}
        assert owner.does(REQUEST, **wish)["code"] == "check_needed"
        assert owner.does(PROVE, password=make.PASSWORD) == {"done": True}
        made = owner.does(REQUEST, **wish)
        assert (made["state"], made["email"]) == ("REQUESTED", people.charlie_login.email)
        cancel = f"mutation($id: UUID!) {{ cancelHandOver(id: $id) {SHOWN} }}"
        assert owner.does(cancel, id=made["id"])["state"] == "CANCELLED"
        owner.does(REQUEST, **wish)
        assert owner.answers("confirmHandOver", Side.OLD)["state"] == "OFFERED"
        assert heir.answers("declineHandOver", Side.NEW) == {"done": True}
        owner.does(REQUEST, **wish)
        assert heir.ask(LISTED, account=wish["account"])["errors"], "not his yet"
        assert owner.answers("confirmHandOver", Side.OLD)["state"] == "OFFERED"
        assert owner.answers("acceptHandOver", Side.NEW)["code"] == "other_person"
        assert heir.answers("acceptHandOver", Side.NEW)["state"] in ("AGREED", "DONE")
    told = heir.ask(LISTED, account=wish["account"])["data"]
    assert isinstance(told, dict)
    assert [one["email"] for one in told["handOvers"]] == [people.charlie_login.email] * 3


def test_a_key_is_told_that_a_person_is_needed(ask: Ask, people: People) -> None:
    rights = [Right.VIEW_ACCOUNT, Right.HAND_OVER, Right.VIEW_INCOME, Right.CLOSE_ACCOUNT]
    key = create_api_token(people.alice, AccountId(people.home.id), name="Alles", rights=rights).secret
    refused = ask(REQUEST, key, account=str(people.home.id), email="nora@example.org")["data"]["requestHandOver"]
    assert refused["code"] == "person_needed"
    assert ask(LISTED, key, account=str(people.home.id))["data"]["handOvers"] == []
    assert ask(PROVE, key, password=make.PASSWORD)["data"]["proveIdentity"]["code"] == "not_found"


def test_passwords_are_not_guessed(client: FlaskClient, people: People) -> None:
    person = Party(client.application, people.bob_login.email)
    tries = " ".join(f'p{n}: proveIdentity(password: "guess {n}") {{ ... on Problem {{ code }} }}' for n in range(8))
    told = person.ask(f"mutation {{ {tries} }}")["data"]
    assert isinstance(told, dict)
    assert [one["code"] for one in told.values()] == ["invalid"] * 5 + ["too_many_requests"] * 3
    assert person.does(PROVE, password=make.PASSWORD)["code"] == "too_many_requests"
