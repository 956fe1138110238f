"""To be verified, by a program."""

from typing import Any

from flask.testing import FlaskClient

from accounts.access import SYSTEM
from accounts.rights import Right
from accounts.use_cases import create_api_token, make_staff
from accounts.values import AccountId
from billing import onboarding
from billing.payments import sandbox
from billing.use_cases import end_verification
from kit import worker
from tests import make
from tests.billing.shop import open_shop, ref_of
from tests.graphql_api.conftest import Ask
from tests.graphql_api.signed_in import Person
from tests.people import People

FACTS = "state blocked legalKind iban requirements changes { state legalKind legalName }"
LEFT = "query($id: UUID!) { verification(accountId: $id) { leftBehind { providerAccount releasedAt } } }"
READ = f"query($id: UUID!) {{ verification(accountId: $id) {{ {FACTS} dueAt holderId }} }}"
TELL = f"""mutation($id: UUID!, $kind: LegalKind!, $data: LegalDataInput!) {{
  tellLegalData(accountId: $id, legalKind: $kind, data: $data) {{
    ... on Verification {{ {FACTS} }} ... on Problem {{ code right fields {{ field code }} }} }} }}"""
BANK = f"""mutation($id: UUID!, $iban: String!) {{ setBankAccount(accountId: $id, iban: $iban) {{
    ... on Verification {{ {FACTS} }} ... on Problem {{ code right fields {{ field code }} }} }} }}"""
WISH = f"""mutation($id: UUID!, $data: LegalDataInput!) {{
  requestLegalChange(accountId: $id, data: $data, reason: "Founded") {{
    ... on Verification {{ {FACTS} }} ... on Problem {{ code }} }} }}"""
WITHDRAW = f"""mutation($id: UUID!) {{ withdrawLegalChange(accountId: $id) {{
    ... on Verification {{ {FACTS} }} ... on Problem {{ code }} }} }}"""
CONNECT = """mutation($id: UUID!) { connectProviderAccount(accountId: $id) {
    ... on ProviderPage { url } ... on Problem { code } } }"""
DATA = {"legalName": "Anna Muster", "street": "Weg 1", "postcode": "8000", "city": "Zürich", "country": "CH"}


def test_a_program_of_the_owner_takes_every_step(ask: Ask, people: People) -> None:
    account = str(people.master.id)
    rights = [Right.VIEW_ACCOUNT, Right.MANAGE_ACCOUNT, Right.VIEW_INCOME, Right.MANAGE_PAYOUT]
    owner = create_api_token(people.alice, AccountId(people.master.id), name="bookkeeping", rights=rights).secret
    first = ask(READ, id=account)["data"]["verification"]
    assert (first["state"], first["blocked"]) == ("UNVERIFIED", ["PAID_CHARGING", "PAYOUTS"])
    assert ask(CONNECT, owner, id=account)["data"]["connectProviderAccount"] == {"code": "legal_data_missing"}
    wrong = ask(TELL, owner, id=account, kind="PERSON", data=DATA | {"uid": "CHE-1"})["data"]["tellLegalData"]
    assert wrong["fields"] == [{"field": "uid", "code": "not_a_uid"}]
    told = ask(TELL, owner, id=account, kind="PERSON", data=DATA)["data"]["tellLegalData"]
    assert told["legalKind"] == "PERSON"
    page = ask(CONNECT, owner, id=account)["data"]["connectProviderAccount"]["url"]
    sandbox.confirm_account(page.rsplit("/", 1)[1])
    done = ask(BANK, owner, id=account, iban="CH93 0076 2011 6238 5295 7")["data"]["setBankAccount"]
    assert (done["state"], done["blocked"], done["iban"]) == ("VERIFIED", [], "CH93 •••• 2957")
    wished = ask(WISH, owner, id=account, data=DATA | {"legalName": "Muster AG"})["data"]["requestLegalChange"]
    assert wished["changes"] == [{"state": "WAITING", "legalKind": "COMPANY", "legalName": "Muster AG"}]
    left = ask(WITHDRAW, owner, id=account)["data"]["withdrawLegalChange"]
    assert [change["state"] for change in left["changes"]] == ["WITHDRAWN"]


def test_a_program_without_the_right_is_told_which(ask: Ask, people: People) -> None:
    refused = ask(BANK, id=str(people.master.id), iban="CH93 0076 2011 6238 5295 7")["data"]["setBankAccount"]
    assert (refused["code"], refused["right"]) == ("forbidden", "payout:manage")


def test_staff_let_go_what_is_kept_of_an_operator_who_left(client: FlaskClient, ask: Ask) -> None:
    shop = open_shop(paid=False)
    account_id = AccountId(shop.account.id)
    ref = ref_of(onboarding.start(shop.owner, account_id, "http://localhost:8000/back"))
    end_verification(SYSTEM, account_id)
    make_staff(SYSTEM, email=make.login(email="stefan@example.org").email)
    staff = Person(client.application, "stefan@example.org")
    read = "{ formerPayeesConnection { nodes { id accountId providerAccount payoutsHeldAt leftAt releasedAt } } }"
    (row,) = told(staff, read)["formerPayeesConnection"]["nodes"]
    assert (row["accountId"], row["providerAccount"], row["releasedAt"]) == (str(account_id), ref, None)
    reads = create_api_token(shop.owner, account_id, name="bookkeeping", rights=[Right.VIEW_INCOME]).secret
    (own,) = ask(LEFT, reads, id=str(account_id))["data"]["verification"]["leftBehind"]
    assert (own["providerAccount"], own["releasedAt"]) == (ref, None)
    release = """mutation($id: UUID!) { releaseFormerPayee(id: $id) {
        ... on FormerPayee { id releasedAt } ... on Problem { code } } }"""
    assert told(staff, release, id=row["id"])["releaseFormerPayee"]["releasedAt"]
    worker.drain()
    assert told(staff, read)["formerPayeesConnection"]["nodes"] == []


def told(person: Person, query: str, **variables: Any) -> dict[str, Any]:
    """The data of an answer without errors."""
    answer: Any = person.ask(query, **variables)
    assert "errors" not in answer, answer
    return answer["data"]  # type: ignore[no-any-return]
