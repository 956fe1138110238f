"""Programs read what an account demands of its people and see no secret; people set it."""

from datetime import timedelta

from flask.testing import FlaskClient

from accounts.models import IdentityProvider
from accounts.rights import Right
from accounts.use_cases import create_api_token, demand_second_factor
from accounts.values import AccountId
from kit import clock, db
from tests.graphql_api.conftest import Ask
from tests.graphql_api.signed_in import Person
from tests.handovers.parties import here
from tests.people import People

QUERY = """query($id: UUID!) { signInRules(accountId: $id) { secondFactorAt without }
  companyLogin(accountId: $id) { issuer clientId domains only } }"""


def test_what_an_account_demands_is_read(ask: Ask, people: People) -> None:
    rights = [Right.VIEW_ACCOUNT, Right.MANAGE_PEOPLE]
    key = create_api_token(people.alice, AccountId(people.home.id), name="Revision", rights=rights).secret
    told = {"id": str(people.home.id)}
    fresh = ask(QUERY, key, **told)["data"]
    assert (fresh["signInRules"]["secondFactorAt"], fresh["companyLogin"]) == (None, None)
    assert people.bob_login.user.name in fresh["signInRules"]["without"]
    due = clock.now() + timedelta(days=14)
    demand_second_factor(here(people.alice), AccountId(people.home.id), second_factor_at=due)
    provider = {"issuer": "https://login.example.org", "client_id": "portal", "client_secret": {"secret": "hidden"}}
    with db.transaction(writing=True) as unit:
        facts = {"domains": ["example.org"], "only": True, "created_at": clock.now(), **provider}
        unit.session.add(IdentityProvider(account_id=people.home.id, **facts))
    asked = ask(QUERY, key, **told)
    assert asked["data"]["signInRules"]["secondFactorAt"] is not None
    login = {"issuer": "https://login.example.org", "clientId": "portal", "domains": ["example.org"], "only": True}
    assert asked["data"]["companyLogin"] == login
    assert "hidden" not in str(asked)
    assert ask(QUERY, **told)["errors"][0]["extensions"]["code"] == "forbidden", "most keys look after no people"


DEMAND = """mutation($id: UUID!, $at: DateTime) { demandSecondFactor(accountId: $id, at: $at) {
  ... on SignInRules { secondFactorAt } ... on Problem { code right fields { field code } } } }"""
COMPANY = """mutation($id: UUID!, $company: CompanyLoginInput!) { setCompanyLogin(accountId: $id, company: $company) {
  ... on CompanyLogin { issuer domains only } ... on Problem { code fields { field code } } } }"""
NO_COMPANY = """mutation($id: UUID!) { removeCompanyLogin(accountId: $id) {
  ... on Done { done } ... on Problem { code } } }"""


def test_a_person_sets_what_an_account_demands(client: FlaskClient, ask: Ask, people: People) -> None:
    owner, stranger = (Person(client.application, one.email) for one in (people.alice_login, people.charlie_login))
    told = {"id": str(people.home.id)}
    due = (clock.now() + timedelta(days=14)).isoformat()
    assert owner.ask(DEMAND, **told, at=due)["data"] == {"demandSecondFactor": {"secondFactorAt": due}}
    yesterday = (clock.now() - timedelta(days=2)).isoformat()
    problem = {"code": "invalid", "right": None, "fields": [{"field": "day", "code": "in_the_past"}]}
    assert owner.ask(DEMAND, **told, at=yesterday)["data"] == {"demandSecondFactor": problem}
    assert owner.ask(DEMAND, **told)["data"] == {"demandSecondFactor": {"secondFactorAt": None}}
    company = {"issuer": "https://login.example.org", "clientId": "portal", "domains": ["@Example.org"]}
    secret = {"clientSecret": "hidden"}
    shown = {"issuer": "https://login.example.org", "domains": ["example.org"], "only": False}
    lacking = {"code": "invalid", "fields": [{"field": "clientSecret", "code": "required"}]}
    assert owner.ask(COMPANY, **told, company=company)["data"] == {"setCompanyLogin": lacking}
    assert owner.ask(COMPANY, **told, company=company | secret)["data"] == {"setCompanyLogin": shown}
    asked = owner.ask(QUERY, **told)
    assert isinstance(asked["data"], dict)
    assert asked["data"]["companyLogin"]["clientId"] == "portal"
    first = {"code": "invalid", "fields": [{"field": "only", "code": "try_first"}]}
    assert owner.ask(COMPANY, **told, company=company | {"only": True})["data"] == {"setCompanyLogin": first}
    for text in (DEMAND, NO_COMPANY):
        assert "'code': 'not_found'" in str(stranger.ask(text, **told)["data"])
    assert owner.ask(NO_COMPANY, **told)["data"] == {"removeCompanyLogin": {"done": True}}
    key = create_api_token(people.alice, AccountId(people.home.id), name="x", rights=[Right.MANAGE_PEOPLE]).secret
    assert ask(DEMAND, key, **told)["data"]["demandSecondFactor"]["code"] == "person_needed"
