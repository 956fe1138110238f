"""The link with smart-me by GraphQL: asked for, marked as a ZEV, ended."""

from typing import Any

import wsgi
from accounts.rights import ROLE_RIGHTS, Role
from accounts.use_cases import create_api_token
from accounts.values import AccountId
from kit import clock
from kit.settings import Settings
from smart_me import use_cases
from smart_me.values import Person, Tokens
from tests.graphql_api.callers import Browser, Program
from tests.people import People
from tests.smart_me.conftest import here


def test_a_link_is_marked_and_ended(people: People, program: Settings) -> None:
    client = wsgi.create_app(program).test_client()
    rights = list(ROLE_RIGHTS[Role.OWNER])
    key = create_api_token(people.alice, AccountId(people.master.id), name="all", rights=rights).secret
    alice, charlie = Program(client, key), Browser(client.application, people.charlie_login.email)
    asked: dict[str, Any] = {"accountId": people.next_door.id}
    alice.does("requestSmartMeAccount", "state", **asked)
    home: dict[str, Any] = {"accountId": people.home.id}
    olga, tokens = Person("sm-1", "olga", "o@x.example"), Tokens("a", "r", clock.now())
    use_cases.connect_account(here(people.alice), AccountId(people.home.id), olga, tokens)
    assert alice.asks("smartMe", "state zev", **home) == {"state": "LINKED", "zev": False}
    assert alice.does("setZev", "zev", **home, zev=True) == {"zev": True}
    assert alice.asks("smartMe", "state zev", **home) == {"state": "LINKED", "zev": True}
    foreign: dict[str, dict[str, Any]] = {
        "smartMe": home,
        "requestSmartMeAccount": asked,
        "setZev": home | {"zev": False},
        "accountBeside": home,
        "separateOcppStations": home,
        "unlinkSmartMe": home,
    }
    assert {charlie.refused(field, **told) for field, told in foreign.items()} == {"not_found"}
    alice.does("unlinkSmartMe", **home)
    assert alice.asks("smartMe", "state", **home)["state"] != "LINKED"
