"""An account's people answer support by GraphQL."""

from dataclasses import replace

from accounts.access import Actor
from accounts.rights import Right
from accounts.use_cases import ask_for_visit, create_api_token
from accounts.values import AccountId
from tests import make
from tests.graphql_api.conftest import Ask
from tests.people import People

READ = "query($account: UUID!) { supportVisits(accountId: $account) { id who reason hours state endsAt } }"
ANSWER = "... on SupportVisit { state endsAt endedAt } ... on Problem { code right }"


def test_a_visit_is_read_agreed_to_and_ended(ask: Ask, people: People) -> None:
    staff: Actor = replace(make.account(name="Plattform AG").login.actor, staff=True)
    home = AccountId(people.home.id)
    ask_for_visit(staff, home, reason="Kabel klemmt", hours=2)
    own = create_api_token(people.alice, home, name="own", rights=[Right.VIEW_ACCOUNT, Right.MANAGE_PEOPLE]).secret
    (one,) = ask(READ, own, account=str(home))["data"]["supportVisits"]
    assert (one["who"], one["reason"], one["hours"], one["state"]) == ("Olga Owner", "Kabel klemmt", 2, "WAITING")

    agree = f"mutation($id: UUID!) {{ agreeToSupportVisit(id: $id) {{ {ANSWER} }} }}"
    agreed = ask(agree, own, id=one["id"])["data"]["agreeToSupportVisit"]
    assert (agreed["state"], agreed["endsAt"] is not None) == ("OPEN", True)
    assert ask(agree, own, id=one["id"])["data"]["agreeToSupportVisit"]["code"] == "answered_already"
    assert ask(agree, id=one["id"])["data"]["agreeToSupportVisit"] == {"code": "forbidden", "right": "people:manage"}
    end = f"mutation($id: UUID!) {{ endSupportVisit(id: $id) {{ {ANSWER} }} }}"
    assert ask(end, own, id=one["id"])["data"]["endSupportVisit"]["state"] == "OVER"

    second = ask_for_visit(staff, home, reason="Nochmals", hours=1)
    decline = f"mutation($id: UUID!) {{ declineSupportVisit(id: $id) {{ {ANSWER} }} }}"
    assert ask(decline, own, id=str(second.id))["data"]["declineSupportVisit"]["state"] == "DECLINED"
