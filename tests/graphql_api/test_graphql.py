"""Programs reach the same doors as people, under the same rights."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from limits import parse
from sqlalchemy import event

from accounts.rights import Right, Role
from accounts.use_cases import create_api_token, create_branch, create_property, revoke_api_token
from accounts.values import AccountId, ApiTokenId
from billing.values import PaymentId
from graphql_api.schema import schema
from kit import db, worker
from kit.ids import new_id
from portal import security
from tests import make
from tests.billing.shop import Shop, open_shop
from tests.people import People
from tests.portal.desk import at_a_desk

Ask = Callable[..., dict[str, Any]]


def _secret(people: People, role: Role = Role.API_CLIENT, account: UUID | None = None) -> str:
    account_id = AccountId(account or people.master.id)
    return create_api_token(people.alice, account_id, name="test", role=role).secret


def test_the_committed_schema_is_the_one_that_is_served() -> None:
    path = Path(__file__).parents[2] / "graphql_api" / "schema.graphql"
    assert path.read_text(encoding="utf-8") == schema.as_str() + "\n", "run `make schema`"


def test_without_a_token_or_with_a_wrong_one_nobody_is_answered(ask: Ask) -> None:
    for token in (None, "cp_wrong"):
        answer = ask("{ accounts { id } }", token=token)
        assert answer["status"] == 401
        assert answer["errors"][0]["extensions"]["code"] == "unauthenticated"


def test_a_token_sees_its_account_and_everything_below(ask: Ask, people: People) -> None:
    names = [node["name"] for node in ask("{ accounts { name } }")["data"]["accounts"]]
    assert set(names) == {people.master.account.name, "Haus am See", "Haus am Berg"}
    token = _secret(people, account=people.home.id)
    assert [node["name"] for node in ask("{ accounts { name } }", token=token)["data"]["accounts"]] == ["Haus am See"]


def test_a_station_is_added_priced_and_read_back(ask: Ask, people: People) -> None:
    added = ask(
        """mutation($account: UUID!) { addStation(accountId: $account, facts: {name: "Tor", city: "Zug",
             latitude: "47.166167", longitude: "8.515495"}, connectors: [{plug: CCS, maxPowerW: 50000}]) {
             __typename ... on StationWithPassword { stationId identity ocppUrl password } } }""",
        account=str(people.home.id),
    )["data"]["addStation"]
    assert added["__typename"] == "StationWithPassword"
    assert added["ocppUrl"] == f"ws://localhost/ocpp/{added['identity']}"
    assert len(added["password"]) == 32
    connectors = ask("query($id: UUID!) { station(id: $id) { connectors { id } } }", id=added["stationId"])
    (connector,) = connectors["data"]["station"]["connectors"]
    price = ask(
        """mutation($id: UUID!) { setPrice(connectorId: $id, energyPrice: "0.45", sessionFee: "1.00") {
             ... on Tariff { energyPrice sessionFee currency } ... on Problem { code fields { field code } } } }""",
        id=connector["id"],
    )["data"]["setPrice"]
    assert price == {"energyPrice": "0.45", "sessionFee": "1.00", "currency": "CHF"}
    station = ask(
        """query($id: UUID!) { station(id: $id) { name city latitude connected
             connectors { number plug maxPowerW state status url tariff { energyPrice } lastSession { id } } } }""",
        id=added["stationId"],
    )["data"]["station"]
    (shown,) = station.pop("connectors")
    assert station == {"name": "Tor", "city": "Zug", "latitude": "47.166167", "connected": False}
    assert shown.pop("url").startswith("http://localhost/q/")
    assert shown == {
        "number": 1,
        "plug": "CCS",
        "maxPowerW": 50000,
        "state": "OUT_OF_SERVICE",
        "status": "UNKNOWN",
        "tariff": {"energyPrice": "0.45"},
        "lastSession": None,
    }


def test_a_refusal_names_its_fields_and_changes_nothing(ask: Ask, people: People) -> None:
    answer = ask(
        """mutation($account: UUID!) { addStation(accountId: $account, facts: {name: " "}, connectors: []) {
             __typename ... on Problem { code fields { field code } } } }""",
        account=str(people.home.id),
    )["data"]["addStation"]
    assert answer["__typename"] == "Problem"
    assert answer["code"] == "invalid"
    assert {"field": "name", "code": "required"} in answer["fields"]
    assert ask("{ stations { nodes { id } } }")["data"]["stations"]["nodes"] == []


def test_another_tenants_ids_do_not_exist(ask: Ask, people: People) -> None:
    station = make.station(property=people.home, owner=people.alice)
    foreign = create_api_token(people.charlie, AccountId(_own_account(people)), name="x").secret
    answer = ask("query($id: UUID!) { station(id: $id) { name } }", token=foreign, id=str(station.id))
    assert answer["data"] is None
    assert answer["errors"][0]["extensions"]["code"] == "not_found"
    unknown = ask("query($id: UUID!) { station(id: $id) { name } }", token=foreign, id=str(new_id()))
    assert unknown["errors"][0]["message"] == answer["errors"][0]["message"]
    command = ask(
        """mutation($id: UUID!) { sendCommand(stationId: $id, action: RESET, payload: {type: "Soft"}) {
             ... on Problem { code } } }""",
        token=foreign,
        id=str(station.id),
    )
    assert command["data"]["sendCommand"] == {"code": "not_found"}
    assert ask("{ stations { nodes { id } } }", token=foreign)["data"]["stations"]["nodes"] == []


def test_a_viewer_is_told_which_right_is_missing(ask: Ask, people: People) -> None:
    station = make.station(property=people.home, owner=people.alice)
    answer = ask(
        """mutation($id: UUID!) { sendCommand(stationId: $id, action: RESET, payload: {type: "Soft"}) {
             ... on Problem { code right } } }""",
        token=_secret(people, Role.VIEWER),
        id=str(station.id),
    )
    assert answer["data"]["sendCommand"] == {"code": "forbidden", "right": "station:command"}


def test_lists_go_on_at_their_cursor(ask: Ask, people: People) -> None:
    for name in ("A", "B", "C"):
        make.station(property=people.home, owner=people.alice, name=name)
    query = """query($after: String) { stations(first: 2, after: $after) {
                 nodes { name } pageInfo { hasNextPage endCursor } } }"""
    first = ask(query)["data"]["stations"]
    assert [node["name"] for node in first["nodes"]] == ["A", "B"]
    assert first["pageInfo"]["hasNextPage"] is True
    second = ask(query, after=first["pageInfo"]["endCursor"])["data"]["stations"]
    assert [node["name"] for node in second["nodes"]] == ["C"]
    assert second["pageInfo"]["hasNextPage"] is False
    broken = ask(query, after="nonsense")
    assert broken["errors"][0]["extensions"] == {"code": "invalid", "after": "unknown"}


def test_fifty_stations_take_a_fixed_number_of_statements(ask: Ask, people: People) -> None:
    query = """{ stations(first: 50) { nodes { name connectors { state tariff { energyPrice }
                 lastSession { energyWh } } } } }"""
    ask(query)  # the token's first use is noted
    counts = []
    for more in (1, 9):
        for number in range(more):
            made = make.station(property=people.home, owner=people.alice, name=f"S{more}{number}", connectors=2)
            make.price(connector=made.connectors[0])
        with Counted() as statements:
            assert len(ask(query)["data"]["stations"]["nodes"]) in (1, 10)
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 8


def test_too_long_and_broken_queries_are_refused_without_a_trace(ask: Ask) -> None:
    deep = "{ __schema { types " + "{ fields { type " * 8 + "{ name }" + " } }" * 8 + " } }"
    for query in (deep, "{ nonsense }", "{", "{ " + "accounts { id } " * 3000 + "}"):
        answer = ask(query)
        assert answer["errors"][0]["extensions"]["code"] == "bad_request"
        assert "Traceback" not in str(answer)


def test_one_request_can_not_ask_for_everything_and_is_told_its_cost(ask: Ask, people: People) -> None:
    pages = "{" + " ".join(f"a{number}: sessions(first: 100) {{ nodes {{ id }} }}" for number in range(11)) + "}"
    [error] = ask(pages)["errors"]
    assert error["extensions"] == {"code": "too_expensive", "found": 1100, "most": 1000, "cost": 1100}
    lists = "{" + " ".join(f"a{number}: workOrders(first: 50) {{ nodes {{ id }} }}" for number in range(31)) + "}"
    assert ask(lists)["errors"][0]["extensions"]["code"] == "too_many_aliases"
    fits = ask("{ sessions(first: 100) { nodes { id } } }")
    assert fits["extensions"] == {"cost": {"requested": 100, "most": 1000}}
    by_variable = ask("query($n: Int!) { sessions(first: $n) { nodes { id meterValues { at } } } }", n=60)
    assert by_variable["errors"][0]["extensions"]["cost"] == 60 * (1 + 20)


def test_what_is_left_to_a_program_stands_in_the_headers(
    client: FlaskClient, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert str(security.PROGRAMS) == "600 per 1 minute"
    monkeypatch.setattr(security, "PROGRAMS", parse("20 per minute"))
    headers = {"Authorization": f"Bearer {_secret(people)}"}
    first, second = (client.post("/graphql", json={"query": "{ __typename }"}, headers=headers) for _ in range(2))
    assert first.headers["RateLimit-Limit"] == "20"
    assert [int(answer.headers["RateLimit-Remaining"]) for answer in (first, second)] == [19, 18]
    assert 1 <= int(second.headers["RateLimit-Reset"]) <= 60
    for _ in range(19):
        late = client.post("/graphql", json={"query": "{ __typename }"}, headers=headers)
    assert late.status_code == 429
    assert late.headers["RateLimit-Remaining"] == "0"
    assert late.headers["Retry-After"] == late.headers["RateLimit-Reset"]
    assert late.get_json()["errors"][0]["extensions"]["code"] == "too_many_requests"
    other = client.post("/graphql", json={"query": "{ a }"}, headers={"Authorization": f"Bearer {_secret(people)}"})
    assert other.status_code == 200


def test_wrong_tokens_of_an_address_are_counted(ask: Ask) -> None:
    statuses = [ask("{ __typename }", token=f"cp_{number}")["status"] for number in range(31)]
    assert statuses == [401] * 30 + [429]


def test_a_receipt_is_read_whole_and_fetched_with_the_same_token(ask: Ask, client: FlaskClient, people: People) -> None:
    payment_id, shop = paid()
    token = create_api_token(shop.owner, AccountId(shop.account.id), name="books").secret
    [receipt] = ask(
        """{ receipts { nodes { reference currency grossMinor netMinor vatMinor vatPercent url
             lines { kind quantity unitPrice amountMinor } seller { name city uid } paymentId } } }""",
        token=token,
    )["data"]["receipts"]["nodes"]
    said = shop.view(payment_id)
    assert receipt["paymentId"] == str(payment_id)
    assert receipt["grossMinor"] == said.captured_minor == receipt["netMinor"] + receipt["vatMinor"]
    assert sum(line["amountMinor"] for line in receipt["lines"]) == receipt["grossMinor"]
    assert receipt["lines"][0]["kind"] == "energy"
    assert receipt["seller"]["name"]
    path = receipt["url"].removeprefix("http://localhost")
    assert path == f"/receipts/{said.document_id}.pdf"
    fetched = client.get(path, headers={"Authorization": f"Bearer {token}"})
    assert (fetched.status_code, fetched.mimetype, fetched.data[:5]) == (200, "application/pdf", b"%PDF-")
    assert client.get(path, headers={"Authorization": "Bearer cp_wrong"}).status_code == 401
    assert client.get(path, headers={"Authorization": f"Bearer {_secret(people)}"}).status_code == 404
    assert client.get(path).headers["Location"].startswith("/login")


def test_where_an_account_is_paid_can_be_read_and_chosen(client: FlaskClient, people: People) -> None:
    browser = at_a_desk(client.application, make.account(name="Graph AG").login.email)
    page = browser.get("/me").html
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found

    def send(query: str, **variables: Any) -> Any:
        answer = browser.client.post(
            "/graphql", json={"query": query, "variables": variables}, headers={"X-CSRFToken": found.group(1)}
        )
        return answer.get_json()["data"]

    made = send('mutation { createAccount(name: "Zweite AG") { ... on AccountDetails { id name kind } } }')
    assert made["createAccount"]["name"] == "Zweite AG"
    account = made["createAccount"]["id"]
    hold = """mutation($id: UUID!, $m: Int!) { setHold(accountId: $id, holdMinor: $m) {
                ... on Payout { holdMinor canBePaid } ... on Problem { code fields { field code } } } }"""
    assert send(hold, id=account, m=4000)["setHold"] == {"holdMinor": 4000, "canBePaid": False}
    assert send(hold, id=account, m=1)["setHold"]["fields"] == [{"field": "holdMinor", "code": "out_of_range"}]
    assert send("query($id: UUID!) { payout(accountId: $id) { holdMinor } }", id=account)["payout"]["holdMinor"] == 4000
    legal = """mutation($id: UUID!, $d: LegalDataInput!) { tellLegalData(accountId: $id, legalKind: COMPANY, data: $d) {
                ... on Verification { state } ... on Problem { code fields { field code } } } }"""
    told = {"legalName": "Zweite AG", "street": "Ringstrasse 1", "postcode": "8000", "city": "Zürich", "country": "CH"}
    assert send(legal, id=account, d=told)["tellLegalData"] == {"state": "UNVERIFIED"}
    connect = "mutation($id: UUID!) { connectProviderAccount(accountId: $id) { ... on ProviderPage { url } } }"
    assert "/sandbox/" in send(connect, id=account)["connectProviderAccount"]["url"]
    renamed = send('mutation { updateProfile(name: "Graziella", language: "it") { ... on Profile { name language } } }')
    assert renamed["updateProfile"] == {"name": "Graziella", "language": "it"}


def test_a_key_is_nobody_who_could_own_an_account_or_have_a_profile(ask: Ask) -> None:
    for deed in ('createAccount(name: "X")', 'updateProfile(name: "X")'):
        answer = ask("mutation { it: " + deed + " { ... on Problem { code } } }")
        assert answer["data"]["it"] == {"code": "not_found"}


def test_a_body_that_is_no_query_is_refused(client: FlaskClient, people: People) -> None:
    headers = {"Authorization": f"Bearer {_secret(people)}"}
    for body in (b"", b"[]", b"{}", b'{"query": 1}', b'{"query": "{a}", "variables": []}', b"\xff"):
        assert client.post("/graphql", data=body, headers=headers).status_code == 400


def test_a_revoked_token_is_dead_at_once(ask: Ask, people: People) -> None:
    made = create_api_token(people.alice, people.master.id, name="brief")
    query = "mutation($id: UUID!) { revokeApiToken(id: $id) { ... on Done { done } ... on Problem { code } } }"
    assert ask(query, id=str(made.token.id))["data"]["revokeApiToken"] == {"code": "forbidden"}, "no client right"
    assert ask("{ accounts { id } }", token=made.secret)["status"] == 200
    revoke_api_token(people.alice, ApiTokenId(made.token.id))
    assert ask("{ accounts { id } }", token=made.secret)["status"] == 401


def paid() -> tuple[PaymentId, Shop]:
    """A session that was paid, with its receipt."""
    shop = open_shop()
    payment_id = shop.charge()
    worker.drain()
    return payment_id, shop


class Counted:
    """The SQL statements that a block sends, BEGIN and the like left out."""

    def __enter__(self) -> list[str]:
        self.seen: list[str] = []
        event.listen(db.engine(), "before_cursor_execute", self._note)
        return self.seen

    def __exit__(self, *_: object) -> None:
        event.remove(db.engine(), "before_cursor_execute", self._note)

    def _note(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith("BEGIN"):
            self.seen.append(statement)


def _own_account(people: People) -> UUID:
    return next(iter(people.charlie.grants))


def test_the_tree_is_searched_and_read_a_branch_at_a_time(ask: Ask, people: People) -> None:
    branch = create_branch(people.alice, people.master.id, name="Filiale Zug")
    create_property(people.alice, AccountId(branch.id), name="Haus Zug")
    query = """query ($below: UUID, $text: String! = "", $after: String) {
      accountsConnection(first: 1, below: $below, text: $text, after: $after) {
        nodes { name parentId branchesBelow propertiesBelow } pageInfo { hasNextPage endCursor } } }"""
    top = ask(query)["data"]["accountsConnection"]
    assert top["nodes"] == [{"name": "Immobilien Test AG", "parentId": None, "branchesBelow": 1, "propertiesBelow": 3}]
    assert top["pageInfo"]["hasNextPage"]
    below = ask(query, below=str(branch.id))["data"]["accountsConnection"]
    assert below["nodes"] == [
        {"name": "Haus Zug", "parentId": str(branch.id), "branchesBelow": 0, "propertiesBelow": 0}
    ]
    found = ask(query, text="haus am")["data"]["accountsConnection"]
    [last] = ask(query, text="haus am", after=found["pageInfo"]["endCursor"])["data"]["accountsConnection"]["nodes"]
    assert (found["nodes"][0]["name"], last["name"]) == ("Haus am Berg", "Haus am See")


def test_what_a_master_was_given_comes_a_page_at_a_time(ask: Ask, people: People) -> None:
    key = create_api_token(people.alice, people.master.id, name="Verwaltung", rights=list(Right)).secret
    query = """query ($account: UUID!, $after: String) {
      rolesHeldConnection(accountId: $account, first: 1, after: $after) {
        nodes { account role } pageInfo { hasNextPage endCursor } } }"""
    first = ask(query, key, account=str(people.master.id))["data"]["rolesHeldConnection"]
    after = first["pageInfo"]["endCursor"]
    last = ask(query, key, account=str(people.master.id), after=after)["data"]["rolesHeldConnection"]
    told = [page["nodes"] for page in (first, last)]
    assert told == [[{"account": name, "role": "OWNER"}] for name in ("Haus am Berg", "Haus am See")]
    assert (first["pageInfo"]["hasNextPage"], last["pageInfo"]["hasNextPage"]) == (True, False)
