"""Programs read what an account demands of its people; they set nothing of it, and see no secret."""

from datetime import timedelta

from accounts.models import IdentityProvider
from accounts.rights import Right
from accounts.use_cases import create_api_token, demand_second_factor
from accounts.values import AccountId
from kit import clock, db
from tests.graphql_api.conftest import Ask
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
