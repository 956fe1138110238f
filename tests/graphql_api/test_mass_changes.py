"""Mass changes for programs."""

from accounts.access import SYSTEM
from billing.queries import prices_of
from mass_changes.jobs import go_on_with_mass_changes
from tests import make
from tests.graphql_api.conftest import Ask
from tests.people import People

VALUE = "{ energyPrice sessionFee currency hours { outside } }"
PREVIEW = f"""query($account: UUID!, $change: MassChangeWishInput!, $scope: MassChangeScopeInput!, $after: String) {{
  massChangePreview(accountId: $account, change: $change, scope: $scope, first: 1, after: $after) {{
    nodes {{ connectorId accountName before {VALUE} after {VALUE} problem field }}
    pageInfo {{ hasNextPage endCursor }} }} }}"""
START = """mutation($account: UUID!, $change: MassChangeWishInput!, $scope: MassChangeScopeInput!, $key: String) {
  startMassChange(accountId: $account, change: $change, scope: $scope, idempotencyKey: $key) {
    ... on MassChange { id atWork connectors counts { state count } }
    ... on Problem { code fields { field code } } } }"""
UNDO = """mutation($id: UUID!) { undoMassChange(id: $id) { ... on MassChange { atWork } ... on Problem { code } } }"""
STOP = UNDO.replace("undo", "stop")
ROWS = f"""query($id: UUID!, $account: UUID!) {{
  massChange(id: $id) {{ counts {{ state count }} }}
  massChanges(accountId: $account) {{ nodes {{ id subject }} }}
  massChangeRows(massChangeId: $id, states: [DONE]) {{ nodes {{ connectorId before {VALUE} after {VALUE} }} }} }}"""
DEARER = {"prices": {"energyPrice": {"kind": "PERCENT", "value": "10"}}}


def test_a_program_looks_changes_reads_and_undoes(ask: Ask, people: People) -> None:
    plugs = [make.station(property=place, owner=people.alice).connector for place in (people.home, people.next_door)]
    for plug in plugs:
        make.price(connector=plug, owner=people.alice)
    asked = {"account": str(people.master.id), "change": DEARER, "scope": {"everything": True}}
    first = ask(PREVIEW, **asked)["data"]["massChangePreview"]
    [near] = first["nodes"]
    assert (near["connectorId"], near["problem"]) == (str(plugs[1].id), None)
    assert (near["before"]["energyPrice"], near["after"]["energyPrice"]) == ("0.45", "0.50")
    second = ask(PREVIEW, **asked, after=first["pageInfo"]["endCursor"])["data"]["massChangePreview"]
    assert second["nodes"][0]["connectorId"] == str(plugs[0].id)
    assert not second["pageInfo"]["hasNextPage"]
    made = ask(START, **asked, key="k")["data"]["startMassChange"]
    assert (made["atWork"], made["counts"]) == (True, [{"state": "WAITING", "count": 2}])
    assert ask(START, **asked, key="k")["data"]["startMassChange"]["id"] == made["id"]
    other = {**asked, "scope": {"stationIds": [str(plugs[0].station_id)]}}
    assert ask(START, **other, key="k")["data"]["startMassChange"]["code"] == "other_request"
    assert ask(UNDO, id=made["id"])["data"]["undoMassChange"]["code"] == "mass_change_at_work"
    go_on_with_mass_changes()
    told = ask(ROWS, id=made["id"], account=str(people.master.id))["data"]
    assert told["massChange"]["counts"] == [{"state": "DONE", "count": 2}]
    assert told["massChanges"]["nodes"] == [{"id": made["id"], "subject": "PRICES"}]
    assert {one["after"]["energyPrice"] for one in told["massChangeRows"]["nodes"]} == {"0.50"}
    assert ask(UNDO, id=made["id"])["data"]["undoMassChange"] == {"atWork": True}
    go_on_with_mass_changes()
    assert {str(one.energy_price) for one in prices_of(SYSTEM, [plug.id for plug in plugs]).values()} == {"0.45"}
    assert ask(STOP, id=made["id"])["data"]["stopMassChange"]["code"] == "mass_change_over"


def test_nobody_says_everything_by_leaving_something_out(ask: Ask, people: People) -> None:
    asked = {"account": str(people.master.id), "change": {"openingHours": {"hours": {"week": []}}}}
    answer = ask(START, **asked, scope={})["data"]["startMassChange"]
    assert answer == {"code": "invalid", "fields": [{"field": "scope", "code": "required"}]}
    started = ask(START, **asked, scope={"everything": True})["data"]["startMassChange"]
    assert started["connectors"] == 0
    both = ask(START, account=asked["account"], change={**DEARER, "vat": {}}, scope={"everything": True})
    assert "data" not in both or both["data"] is None, "exactly one change at a time"
    foreign = make.account(name="Fremd").account
    hidden = ask(START, account=str(foreign.id), change=DEARER, scope={"everything": True})
    assert hidden["data"]["startMassChange"]["code"] == "not_found"
