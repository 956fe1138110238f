"""Identities, passwords and profiles of chargers, for programs."""

from sqlalchemy import select

from kit import db
from stations.models import Station
from stations.values import SecurityProfile
from tests.graphql_api.conftest import Ask
from tests.people import People

ADD = """mutation($account: UUID!, $login: LoginInput) {
  addStation(accountId: $account, facts: {name: "Tor"}, connectors: [{}], login: $login) {
    ... on StationWithPassword { stationId identity ocppUrl password }
    ... on Problem { code fields { field code } } } }"""


def test_a_harness_makes_stations_with_the_login_that_it_wants(ask: Ask, people: People) -> None:
    account = str(people.home.id)
    code = ask("query($id: UUID!) { accountCode(accountId: $id) { code } }", id=account)["data"]["accountCode"]["code"]
    login = {"identity": "CP 1", "password": "0123456789abcdef", "securityProfile": "PASSWORD_TLS"}
    added = ask(ADD, account=account, login=login)["data"]["addStation"]
    assert {name: added[name] for name in ("identity", "ocppUrl", "password")} == {
        "identity": "CP 1",
        "ocppUrl": f"ws://localhost/ocpp/{code}/CP%201",
        "password": "0123456789abcdef",
    }
    assert ask(ADD, account=account, login=login)["data"]["addStation"] == {
        "code": "invalid",
        "fields": [{"field": "identity", "code": "taken"}],
    }
    opened = ask(ADD, account=account, login={"securityProfile": "OPEN"})["data"]["addStation"]
    assert opened["password"] == ""
    assert opened["ocppUrl"].startswith(f"ws://localhost/ocpp/{code}/CH-")
    with db.transaction(writing=False) as unit:
        profiles = list(unit.session.scalars(select(Station.security_profile).order_by(Station.id)))
    assert profiles == [SecurityProfile.PASSWORD_TLS, SecurityProfile.OPEN]


def test_passwords_and_profiles_are_changed_while_it_runs(ask: Ask, people: People) -> None:
    station = ask(ADD, account=str(people.home.id))["data"]["addStation"]["stationId"]
    push = """mutation($id: UUID!) { pushStationPassword(stationId: $id) {
                ... on Command { action state } ... on Problem { code } } }"""
    assert ask(push, id=station)["data"]["pushStationPassword"] == {
        "action": "CHANGE_CONFIGURATION",
        "state": "PENDING",
    }
    assert ask(push, id=station)["data"]["pushStationPassword"] == {"code": "password_under_way"}
    lift = """mutation($id: UUID!, $profile: SecurityProfile!) {
                raiseSecurityProfile(stationId: $id, profile: $profile) {
                  ... on Command { action } ... on Problem { fields { field code } } } }"""
    higher = ask(lift, id=station, profile="PASSWORD_TLS")["data"]["raiseSecurityProfile"]
    same = ask(lift, id=station, profile="PASSWORD")["data"]["raiseSecurityProfile"]
    assert higher == {"action": "CHANGE_CONFIGURATION"}
    assert same == {"fields": [{"field": "profile", "code": "not_higher"}]}


def test_the_code_of_an_account_is_not_renewed_by_a_key_that_may_not_manage_it(ask: Ask, people: People) -> None:
    renew = """mutation($id: UUID!, $code: String!) { renewAccountCode(accountId: $id, code: $code) {
                 ... on AccountCode { code } ... on Problem { code right } } }"""
    answer = ask(renew, id=str(people.home.id), code="frombefore123456")["data"]["renewAccountCode"]
    assert answer == {"code": "forbidden", "right": "account:manage"}
