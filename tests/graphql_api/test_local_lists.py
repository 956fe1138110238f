"""Local lists for programs: the same doors as in the portal."""

from accounts.access import SYSTEM
from accounts.values import AccountId
from charging.use_cases import add_tag
from tests import make
from tests.graphql_api.conftest import Ask
from tests.people import People

FACTS = "{ ... on LocalList { version known tags due automatic sending problem } ... on Problem { code } }"


def test_a_list_is_sent_asked_for_and_kept(ask: Ask, people: People) -> None:
    station = str(make.station(property=people.home, owner=people.alice).id)
    add_tag(SYSTEM, AccountId(people.home.id), "04AA")
    fresh = ask("query($id: UUID!) { localList(stationId: $id) { version known due sending } }", id=station)
    assert fresh["data"]["localList"] == {"version": None, "known": None, "due": 1, "sending": False}
    send = ask(f"mutation($id: UUID!) {{ updateLocalList(stationId: $id) {FACTS} }}", id=station)
    assert send["data"]["updateLocalList"] == {
        "version": None,
        "known": None,
        "tags": 1,
        "due": 1,
        "automatic": False,
        "sending": True,
        "problem": "",
    }
    keep = ask(f"mutation($id: UUID!) {{ keepLocalList(stationId: $id, automatic: true) {FACTS} }}", id=station)
    assert keep["data"]["keepLocalList"]["automatic"] is True
    query = "mutation($id: UUID!) { askLocalListVersion(stationId: $id) { ... on Command { action state } } }"
    assert ask(query, id=station)["data"]["askLocalListVersion"] == {
        "action": "GET_LOCAL_LIST_VERSION",
        "state": "PENDING",
    }
