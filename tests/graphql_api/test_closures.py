"""An account is copied and closed by GraphQL, a login deleted, and what is kept handed out by staff."""

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from accounts.access import SYSTEM
from accounts.rights import Role
from accounts.use_cases import grant_role, make_staff
from accounts.values import AccountId
from closures import jobs
from kit import clock
from tests import make, scene
from tests.closures.test_closing import closed, paid_out, parties
from tests.graphql_api.conftest import Ask
from tests.graphql_api.signed_in import Person
from tests.people import People

PROBLEM = "... on Problem { code fields { field code } }"
CLOSURE = f"{{ ... on AccountClosure {{ id state }} {PROBLEM} }}"
EXPORT = f"{{ ... on AccountExport {{ state }} {PROBLEM} }}"
HAND_OUT = f"{{ ... on DocumentHandOut {{ id documentIds reason url withdrawnAt }} {PROBLEM} }}"
STATE = """query($account: UUID!) {
    accountClosure(accountId: $account) { state dueAt delayedAt }
    accountExports(accountId: $account) { state url done parts }
    accountClosurePreview(accountId: $account) { obstacles { what names } ends { what count } stays { what } } }"""


class Owner(Person):
    """An owner at the browser."""

    account: AccountId

    def wish(self, mutation: str, shown: str) -> dict[str, Any]:
        """Carry one out that is about the account."""
        text = f"mutation($account: UUID!) {{ done: {mutation}(accountId: $account) {shown} }}"
        return self.told(text, account=str(self.account))["done"]  # type: ignore[no-any-return]

    def told(self, query: str, **variables: Any) -> dict[str, Any]:
        """The data of an answer without errors."""
        answer = self.ask(query, **variables)
        assert "errors" not in answer, answer
        return answer["data"]  # type: ignore[return-value]


@pytest.fixture
def owner(client: FlaskClient, people: People) -> Owner:
    found = Owner(client.application, make.login(account=people.home).email)
    found.account = AccountId(people.home.id)
    return found


def test_an_owner_copies_closes_and_undoes(owner: Owner) -> None:
    with clock.moved_to(clock.now() + timedelta(minutes=11)):
        assert owner.wish("requestAccountExport", EXPORT)["code"] == "check_needed"
        assert owner.wish("requestAccountClosure", CLOSURE)["code"] == "check_needed"
    assert owner.wish("requestAccountExport", EXPORT) == {"state": "WAITING"}
    assert owner.wish("requestAccountExport", EXPORT)["code"] == "export_under_way"
    jobs.write_exports()
    made = owner.wish("requestAccountClosure", CLOSURE)
    assert made["state"] == "WAITING"
    assert owner.wish("requestAccountClosure", CLOSURE)["code"] == "closing_already"
    told = owner.told(STATE, account=str(owner.account))
    assert (told["accountClosure"]["state"], told["accountClosure"]["delayedAt"]) == ("WAITING", None)
    (copy,) = told["accountExports"]
    assert (copy["state"], copy["done"]) == ("READY", copy["parts"])
    assert owner.client.get(copy["url"], buffered=True).headers["Content-Type"] == "application/zip"
    assert told["accountClosurePreview"]["obstacles"] == []
    assert {"what": "people", "count": 2} in told["accountClosurePreview"]["ends"]
    assert owner.wish("undoAccountClosure", CLOSURE) == {"id": made["id"], "state": "UNDONE"}
    assert owner.wish("undoAccountClosure", CLOSURE)["code"] == "not_closing"
    assert owner.told(STATE, account=str(owner.account))["accountClosure"] is None


def test_what_goes_on_in_the_account_stands_against_it(owner: Owner, people: People) -> None:
    station = make.station(property=people.home, owner=people.alice, name="Garage West")
    scene.session(connector=station.connector)
    refused = owner.wish("requestAccountClosure", CLOSURE)
    assert (refused["code"], [one["field"] for one in refused["fields"]]) == ("account_in_use", ["sessions"])
    preview = owner.told(STATE, account=str(owner.account))["accountClosurePreview"]
    assert preview["obstacles"] == [{"what": "sessions", "names": ["Garage West"]}]


def test_a_key_neither_closes_nor_copies(ask: Ask, people: People) -> None:
    for mutation, shown in (("requestAccountClosure", CLOSURE), ("requestAccountExport", EXPORT)):
        text = f"mutation($account: UUID!) {{ {mutation}(accountId: $account) {shown} }}"
        refused = ask(text, account=str(people.home.id))
        assert refused["data"][mutation]["code"] == "forbidden"


def test_a_person_deletes_the_own_login(client: FlaskClient) -> None:
    delete = "mutation { deleteMyLogin { ... on Done { done } ... on Problem { code fields { field } } } }"
    alone = make.account(name="Allein AG", email="allein@example.org")
    person = Owner(client.application, "allein@example.org")
    assert person.told(delete)["deleteMyLogin"]["code"] == "only_owner"
    grant_role(SYSTEM, AccountId(alone.account.id), email="zweite@example.org", role=Role.OWNER)
    assert person.told(delete) == {"deleteMyLogin": {"done": True}}
    assert person.ask("{ logins { id } }")["errors"]


def test_staff_hands_out_what_is_kept(client: FlaskClient) -> None:
    shop, olga = parties()
    paid_out(shop)
    account_id = AccountId(shop.account.id)
    closure = closed(olga, account_id)
    make_staff(SYSTEM, email=make.login(email="stefan@example.org").email)
    staff = Owner(client.application, "stefan@example.org")
    found = staff.told('{ closedAccountsConnection(search: "lindenhof") { nodes { id accountId name keptUntil } } }')
    (row,) = found["closedAccountsConnection"]["nodes"]
    assert (row["id"], row["accountId"], row["name"]) == (str(closure.id), str(account_id), "Lindenhof")
    one = "query($id: UUID!) { closedAccount(closureId: $id) { name } }"
    assert staff.told(one, id=row["id"])["closedAccount"] == {"name": "Lindenhof"}
    kept = "query($id: UUID!) { keptDocumentsConnection(closureId: $id) { nodes { id kind number grossMinor } } }"
    (document,) = staff.told(kept, id=row["id"])["keptDocumentsConnection"]["nodes"]
    assert (document["kind"], document["number"]) == ("receipt", "R-000001")
    give = f"""mutation($id: UUID!, $documents: [UUID!]!, $reason: String!) {{
        handOutDocuments(closureId: $id, documentIds: $documents, reason: $reason) {HAND_OUT} }}"""
    asked = {"id": row["id"], "documents": [document["id"]]}
    refused = staff.told(give, **asked, reason="")["handOutDocuments"]
    assert refused == {"code": "invalid", "fields": [{"field": "reason", "code": "required"}]}
    given = staff.told(give, **asked, reason="Audit")["handOutDocuments"]
    assert (given["documentIds"], given["reason"]) == ([document["id"]], "Audit")
    assert client.get(given["url"]).data.startswith(b"%PDF")
    end = f"mutation($id: UUID!) {{ withdrawDocumentHandOut(id: $id) {HAND_OUT} }}"
    ended = staff.told(end, id=given["id"])["withdrawDocumentHandOut"]
    assert (ended["url"], ended["withdrawnAt"] is not None) == (None, True)
    listed = "query($id: UUID!) { documentHandOuts(closureId: $id) { id url } }"
    assert staff.told(listed, id=row["id"])["documentHandOuts"] == [{"id": given["id"], "url": None}]
    assert client.get(given["url"]).status_code == 409
