"""All properties of a master for programs."""

from tests import make
from tests.graphql_api.conftest import Ask
from tests.people import People

QUERY = """query ($account: UUID!, $after: String, $first: Int!) {
  properties(accountId: $account, first: $first, after: $after) {
    nodes { name figures { stations troubledStations income { currency grossMinor } sessions { energyWh } } }
    pageInfo { hasNextPage endCursor } }
  propertyTotals(accountId: $account) { stations tasks { doubts } } }"""


def test_a_program_reads_the_overview_page_by_page(ask: Ask, people: People) -> None:
    make.station(property=people.home, owner=people.alice)
    here = {"account": str(people.master.id), "first": 1}
    first = ask(QUERY, **here)["data"]
    assert first["propertyTotals"] == {"stations": 1, "tasks": {"doubts": 0}}
    [berg] = first["properties"]["nodes"]
    assert berg["name"] == "Haus am Berg"
    assert berg["figures"]["stations"] == 0
    ends = first["properties"]["pageInfo"]
    assert ends["hasNextPage"]
    [see] = ask(QUERY, **here, after=ends["endCursor"])["data"]["properties"]["nodes"]
    assert see["figures"] | {"income": []} == see["figures"]
    assert (see["name"], see["figures"]["troubledStations"]) == ("Haus am See", 1)


def test_foreign_masters_and_broken_cursors_are_refused(ask: Ask, people: People) -> None:
    foreign = next(iter(people.charlie.grants))
    [error, *_] = ask(QUERY, account=str(foreign), first=1)["errors"]
    assert error["extensions"]["code"] == "not_found"
    [error, *_] = ask(QUERY, account=str(people.master.id), first=1, after="nonsense")["errors"]
    assert error["extensions"] == {"code": "invalid", "after": "unknown"}
