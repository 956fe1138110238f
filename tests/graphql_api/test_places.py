"""Programs learn which accounts mix properties, and lead the stations out."""

from accounts.rights import Right
from accounts.use_cases import create_api_token
from stations.use_cases import update_station
from stations.values import StationId
from tests import make
from tests.graphql_api.conftest import Ask
from tests.people import People

MIXED = """query ($account: UUID!) { mixedAccounts(accountId: $account) {
  accountId name mixed accepted places { name address stationIds } } }"""
SPLIT = """mutation ($account: UUID!, $stations: [UUID!]!) {
  splitAccount(accountId: $account, stationIds: $stations, name: "Haus Berg") {
    ... on SplitAccount { accountId accountName stations } ... on Problem { code } } }"""


def deed(name: str) -> str:
    return f"mutation ($account: UUID!) {{ {name}(accountId: $account) {{ ... on Problem {{ code }} }} }}"


def test_a_program_sees_the_mixture_and_ends_it(ask: Ask, people: People) -> None:
    for street in ("Seestrasse 1", "Bergweg 4"):
        row = make.station(property=people.home, owner=people.alice)
        update_station(people.alice, StationId(row.id), street=street, postcode="8000", city="Zürich")
    secret = create_api_token(people.alice, people.master.id, name="Verwaltung", rights=list(Right)).secret
    master, home = str(people.master.id), str(people.home.id)
    [told] = ask(MIXED, account=master)["data"]["mixedAccounts"]
    assert (told["accountId"], told["mixed"], told["accepted"]) == (home, True, False)
    [berg] = [place for place in told["places"] if place["name"] == "Bergweg 4"]
    assert berg["address"] == "Bergweg 4, 8000 Zürich"
    assert ask(deed("acceptMixedAccount"), account=home)["data"]["acceptMixedAccount"] == {"code": "forbidden"}
    ask(deed("acceptMixedAccount"), secret, account=home)
    assert ask(MIXED, account=master)["data"]["mixedAccounts"] == []
    ask(deed("warnOfMixedAccount"), secret, account=home)
    made = ask(SPLIT, secret, account=home, stations=berg["stationIds"])["data"]["splitAccount"]
    assert (made["accountName"], made["stations"]) == ("Haus Berg", 1)
    assert ask(MIXED, account=master)["data"]["mixedAccounts"] == []
    one = ask("query ($account: UUID!) { accountPlaces(accountId: $account) { mixed } }", account=made["accountId"])
    assert one["data"]["accountPlaces"] == {"mixed": False}
