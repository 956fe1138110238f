"""The link in the portal and by GraphQL: what an owner sees and does; nothing of it where it is not set up."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from flask import Flask

import wsgi
from accounts.queries import account_tree
from accounts.rights import Right
from accounts.use_cases import create_api_token
from accounts.values import AccountId
from kit import clock, i18n
from kit.settings import Settings
from smart_me import use_cases
from smart_me.values import Person, Tokens
from stations.models import Station, StationMove
from tests import make, scene
from tests.portal.office import Office, office
from tests.smart_me.conftest import here
from tests.smart_me_server import Cloud

NEW = {
    "name": "Ost",
    "connectors": "2",
    "plug": "type_2",
    "max_power_kw": "11",
    "security_profile": "1",
    "country": "CH",
}


@pytest.fixture
def at_work(database: str, program: Settings) -> Iterator[Office]:
    app = wsgi.create_app(program)
    app.testing = False
    yield office(app)
    i18n.set_language("en")


def link(at_work: Office) -> str:
    """Alice's property is linked; the address of its page."""
    people = at_work.people
    olga, tokens = Person("sm-1", "olga", "o@x.example"), Tokens("a", "r", clock.now())
    use_cases.connect_account(here(people.alice), AccountId(people.home.id), olga, tokens)
    return f"/accounts/{people.home.id}/smart-me"


def test_an_ocpp_station_is_refused_with_what_it_costs_and_lands_beside_in_one_step(at_work: Office) -> None:
    alice, people = at_work.alice, at_work.people
    link(at_work)
    fields = NEW | {"account": str(people.home.id), "kind": "ocpp"}
    refused = alice.post("/stations/new", **fields)
    assert refused.status == 422
    assert "0 now, 2 with this one" in refused.text
    assert "Add it in an account of its own" in refused.text
    alice.post("/stations/new", **fields, beside="1")
    (station,) = scene.rows(Station)
    beside = next(node for node in account_tree(people.alice) if node.id == station.account_id)
    assert beside.name == "Haus am See OCPP"
    alice.post("/stations/new", **fields | {"kind": "pico"})
    assert [one.account_id for one in scene.rows(Station)].count(people.home.id) == 1


def test_a_charger_that_waits_there_is_accepted_beside_in_one_step(at_work: Office) -> None:
    alice, people = at_work.alice, at_work.people
    link(at_work)
    waits = make.waiting(account=people.home, identity="WB-1")
    path = f"/stations/waiting/{waits.id}/accept"
    fields = {"name": "Ost", "connectors": "1", "plug": "type_2", "max_power_kw": "11", "country": "CH"}
    refused = alice.post(path, **fields)
    assert (refused.status, "Accept it into an account of its own" in refused.text) == (422, True)
    assert scene.rows(Station) == []
    assert alice.post(path, **fields, beside="1").status == 303
    (station,) = scene.rows(Station)
    beside = next(node for node in account_tree(people.alice) if node.id == station.account_id)
    assert (beside.name, station.identity) == ("Haus am See OCPP", "WB-1")
    [move] = scene.rows(StationMove)
    assert (move.account_id, move.identity) == (people.home.id, "WB-1"), "it goes on dialling that address"


def test_an_owner_separates_the_stations_on_the_page(at_work: Office) -> None:
    alice, people = at_work.alice, at_work.people
    station = make.station(property=people.home, owner=people.alice, name="Ost")
    path = link(at_work)
    assert path in alice.get(f"/accounts/{people.home.id}").html
    alice.post(f"{path}/zev", at=path, zev="1")
    shown = alice.get(path)
    assert "the OCPP stations have to leave it" in shown.text
    alice.post(f"{path}/separate", at=path, name="Haus am See Laden")
    assert scene.row(Station, station.id).account_id != people.home.id
    assert "have to leave" not in alice.get(path).text
    assert at_work.charlie.get(path).status == 404


def test_who_signed_in_there_comes_in_here(at_work: Office, there: Cloud) -> None:
    link(at_work)
    visitor = at_work.app.test_client()
    away = visitor.get("/login/smart-me").headers["Location"]
    assert away.startswith(there.url)
    back = requests.get(away, allow_redirects=False, timeout=5).headers["Location"]
    came = visitor.get(back.removeprefix("http://localhost:8000"))
    assert came.status_code == 303
    assert "/login" not in came.headers["Location"]
    assert visitor.get("/accounts").status_code == 200


def test_who_comes_back_with_another_state_is_sent_to_the_sign_in(at_work: Office) -> None:
    visitor = at_work.app.test_client()
    visitor.get("/login/smart-me")
    came = visitor.get("/smart-me/return", query_string={"code": "1", "state": "fälschlich"})
    assert (came.status_code, came.headers["Location"].rpartition("/")[2]) == (303, "login")


def test_a_program_sees_the_forecast_and_separates(at_work: Office) -> None:
    people, client = at_work.people, at_work.app.test_client()
    make.station(property=people.home, owner=people.alice, name="Ost")
    link(at_work)
    key = create_api_token(people.alice, AccountId(people.master.id), name="x", rights=list(Right)).secret

    def ask(query: str) -> dict[str, object]:
        told = client.post("/graphql", json={"query": query}, headers={"Authorization": f"Bearer {key}"}).get_json()
        assert "errors" not in told, told
        return dict(told["data"])

    home = f'accountId: "{people.home.id}"'
    asked = ask(f"{{ stationForecast({home}, kind: OCPP, connectors: 2) {{ licencesNow licencesThen refusal }} }}")
    assert asked["stationForecast"] == {"licencesNow": 1, "licencesThen": 3, "refusal": "ocpp_in_smart_me"}
    beside = ask(f"mutation {{ accountBeside({home}) {{ __typename }} }}")
    assert beside["accountBeside"] != {"__typename": "Problem"}
    made = ask(
        f"mutation {{ separateOcppStations({home}) {{ ... on Separated {{ stations }} ... on Problem {{ code }} }} }}"
    )
    assert made["separateOcppStations"] == {"stations": 1}
    shown = ask(f"{{ smartMe({home}) {{ state zev professionalLicences mustSeparate }} }}")["smartMe"]
    assert shown == {"state": "LINKED", "zev": False, "professionalLicences": 0, "mustSeparate": False}


def test_where_it_is_not_set_up_there_is_nothing_of_it(database: str, tmp_path: Path) -> None:
    app: Flask = wsgi.create_app(make.settings_for(tmp_path))
    at_work = office(app)
    alice, home = at_work.alice, at_work.people.home
    assert alice.get(f"/accounts/{home.id}/smart-me").status == 404
    assert app.test_client().post("/smart-me/accounts", data=b"{}").status_code == 404
    for path in (f"/accounts/{home.id}", "/stations/new"):
        assert "smart-me" not in alice.get(path).text
    assert b"smart-me" not in app.test_client().get("/login").data
    i18n.set_language("en")
