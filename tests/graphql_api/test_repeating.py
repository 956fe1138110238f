"""The same request again is answered alike and done once; by hash, a long text travels once."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from flask.testing import FlaskClient

from accounts.use_cases import create_api_token
from accounts.values import AccountId
from kit import clock
from tests.people import People

ADD = """mutation($account: UUID!, $name: String!) {
  addStation(accountId: $account, facts: {name: $name}, connectors: [{}]) {
    ... on StationWithPassword { stationId password } ... on Problem { code } } }"""
COUNT = "{ stations(first: 50) { nodes { name } } }"
Post = Callable[..., tuple[int, Any]]


@pytest.fixture
def post(client: FlaskClient, people: People) -> Post:
    """Ask with a token of the master account."""
    secret = create_api_token(people.alice, AccountId(people.master.id), name="test").secret

    def send(key: str | None = None, **body: Any) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {secret}"} | ({"Idempotency-Key": key} if key is not None else {})
        answer = client.application.test_client().post("/graphql", json=body, headers=headers)
        return answer.status_code, answer.get_json()

    return send


def _named(people: People, name: str) -> dict[str, Any]:
    return {"query": ADD, "variables": {"account": str(people.home.id), "name": name}}


def _names(post: Post) -> list[str]:
    return [node["name"] for node in post(query=COUNT)[1]["data"]["stations"]["nodes"]]


def test_the_same_again_is_answered_alike_and_done_once(post: Post, people: People) -> None:
    first, again = post("k1", **_named(people, "A")), post("k1", **_named(people, "A"))
    assert first == again
    assert len(first[1]["data"]["addStation"]["password"]) == 32, "also what is shown once"
    assert _names(post) == ["A"]
    assert post("k2", **_named(people, "A")) != first
    assert _names(post) == ["A", "A"]


def test_other_content_under_the_same_key_is_a_conflict(post: Post, people: People) -> None:
    post("k1", **_named(people, "A"))
    status, body = post("k1", **_named(people, "B"))
    assert (status, body["errors"][0]["extensions"]["code"]) == (409, "other_request")
    assert _names(post) == ["A"]


def test_what_was_refused_may_be_tried_again_with_the_key(post: Post, people: People) -> None:
    assert post("k1", **_named(people, " "))[1]["data"]["addStation"] == {"code": "invalid"}
    assert "stationId" in post("k1", **_named(people, "A"))[1]["data"]["addStation"]
    assert _names(post) == ["A"]


def test_two_at_the_same_moment_are_one(post: Post, people: People) -> None:
    answers: list[Any] = []
    threads = [Thread(target=lambda: answers.append(post("k1", **_named(people, "A")))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers[0] == answers[1]
    assert _names(post) == ["A"]


def test_a_key_is_forgotten_after_a_day_and_means_nothing_to_a_query(post: Post, people: People) -> None:
    post("k1", **_named(people, "A"))
    assert _names(post) == ["A"]
    assert post("k1", query=COUNT)[0] == 200
    with clock.moved_to(clock.now() + timedelta(hours=25)):
        assert post("k1", **_named(people, "B"))[0] == 200


@pytest.mark.parametrize(
    ("key", "query", "code"),
    [
        ("", ADD, "required"),
        ("k" * 201, ADD, "too_long"),
        (
            "k",
            'mutation { a: updateProfile(name: "X") { __typename } b: updateProfile(name: "Y") { __typename } }',
            "one_mutation_only",
        ),
    ],
)
def test_keys_that_can_not_be_kept_are_refused(post: Post, people: People, key: str, query: str, code: str) -> None:
    [error] = post(key, **(_named(people, "A") | {"query": query}))[1]["errors"]
    assert error["extensions"]["idempotency_key"] == code


def test_a_query_is_asked_by_its_hash(post: Post, people: People) -> None:
    text = f"{{ accounts {{ name }} }} # {people.home.id}"
    persisted = {"persistedQuery": {"version": 1, "sha256Hash": hashlib.sha256(text.encode()).hexdigest()}}
    unknown = post(extensions=persisted)[1]
    assert unknown["errors"][0]["extensions"]["code"] == "PERSISTED_QUERY_NOT_FOUND"
    told = post(query=text, extensions=persisted)[1]
    assert told == post(extensions=persisted)[1]
    assert len(told["data"]["accounts"]) == 3
    wrong = post(query="{ __typename }", extensions=persisted)[1]
    assert wrong["errors"][0]["extensions"]["code"] == "invalid"
