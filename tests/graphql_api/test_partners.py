"""Partners for programs."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from accounts.access import ANYONE
from accounts.rights import Right
from accounts.use_cases import create_api_token
from accounts.values import AccountId
from kit import clock
from partners.use_cases import confirm_training
from partners.values import PartnerId
from tests.graphql_api.conftest import Ask
from tests.people import People

FACTS = "... on Partner { id name regions training trainedUntil } ... on Problem { code fields { field code } }"


def key(people: People, *rights: Right) -> str:
    """A key with these rights."""
    return create_api_token(people.alice, AccountId(people.home.id), name="own", rights=rights).secret


def test_a_company_registers_and_is_found_once_trained(ask: Ask, people: People) -> None:
    own = key(people, Right.VIEW_ACCOUNT, Right.MANAGE_ACCOUNT)
    register = f"""mutation($account: UUID!, $partner: PartnerInput!) {{
        registerPartner(accountId: $account, partner: $partner) {{ {FACTS} }} }}"""
    said = {"name": "Muster Elektro", "email": "a@example.org", "regions": ["CH_UR"], "languages": ["de"]}
    wrong = ask(register, own, account=str(people.home.id), partner={**said, "regions": []})["data"]["registerPartner"]
    assert wrong == {"code": "invalid", "fields": [{"field": "regions", "code": "required"}]}
    made = ask(register, own, account=str(people.home.id), partner=said)["data"]["registerPartner"]
    number = made.pop("id")
    assert made == {"name": "Muster Elektro", "regions": ["CH_UR"], "training": "WAITING", "trainedUntil": None}
    again = ask(register, own, account=str(people.home.id), partner=said)["data"]["registerPartner"]
    assert again["code"] == "partner_already"

    listing = """query($after: String) { partners(first: 1, after: $after, region: CH_UR) {
        nodes { name } pageInfo { hasNextPage endCursor } } }"""
    assert ask(listing)["data"]["partners"]["nodes"] == []
    until = clock.now().date() + timedelta(days=30)
    confirm_training(replace(ANYONE, staff=True), PartnerId(UUID(number)), trained_until=until)
    found = ask(listing)["data"]["partners"]
    assert (found["nodes"], found["pageInfo"]["hasNextPage"]) == ([{"name": "Muster Elektro"}], False)
    assert ask(listing, after=found["pageInfo"]["endCursor"])["data"]["partners"]["nodes"] == []
    one = ask("query($id: UUID!) { partner(id: $id) { trainedUntil } }", id=number)
    assert one["data"]["partner"] == {"trainedUntil": until.isoformat()}
    change = f"""mutation($id: UUID!, $new: PartnerInput!) {{
        updatePartner(id: $id, partner: $new, listed: false) {{ {FACTS} }} }}"""
    assert ask(change, own, id=number, new={**said, "name": "Neu"})["data"]["updatePartner"]["name"] == "Neu"
    assert ask(listing)["data"]["partners"]["nodes"] == []
    shown = ask("query($id: UUID!) { partnerOfAccount(accountId: $id) { name } }", id=str(people.home.id))
    assert shown["data"]["partnerOfAccount"] == {"name": "Neu"}


def test_an_operator_proposes_an_installer(ask: Ask, people: People) -> None:
    propose = """mutation($account: UUID!) {
        proposeInstaller(accountId: $account, name: "Neu", email: "n@example.org") {
        ... on InstallerProposal { name email } ... on Problem { code right } } }"""
    done = ask(propose, account=str(people.home.id))["data"]["proposeInstaller"]
    assert done == {"code": "forbidden", "right": "people:manage"}
    done = ask(propose, key(people, Right.MANAGE_PEOPLE), account=str(people.home.id))["data"]["proposeInstaller"]
    assert done == {"name": "Neu", "email": "n@example.org"}
