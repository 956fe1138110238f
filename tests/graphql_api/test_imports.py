"""A program brings things along from another platform."""

from dataclasses import replace

from accounts.access import ANYONE
from accounts.rights import Right
from accounts.use_cases import create_api_token, set_flag
from accounts.values import AccountId
from kit import worker
from tests.graphql_api.conftest import Ask
from tests.people import People

PREVIEW = """mutation($account: UUID!, $content: String!) {
    previewImport(accountId: $account, what: TAGS, content: $content, fileName: "a.csv") {
        ... on Import { id state } ... on Problem { code right fields { field code } } } }"""
READ = """query($id: UUID!) { import(id: $id) { state counts { outcome rows }
    rows { number outcome code facts thingId } } }"""

LIST = """query($account: UUID!, $after: String) { importsConnection(accountId: $account, first: 1, after: $after) {
    nodes { id } pageInfo { hasNextPage endCursor } } }"""
ROWS = """query($id: UUID!, $after: String, $outcome: ImportOutcome) {
    importRows(id: $id, first: 1, after: $after, outcome: $outcome) {
        nodes { number code } pageInfo { hasNextPage endCursor } } }"""


def test_a_file_is_looked_at_carried_out_and_undone(ask: Ask, people: People) -> None:
    home = AccountId(people.home.id)
    rights = [Right.VIEW_ACCOUNT, Right.MANAGE_ACCOUNT]
    own = create_api_token(people.alice, home, name="own", rights=rights).secret
    off = ask(PREVIEW, own, account=str(home), content="Tag\n04A1\n")["data"]["previewImport"]
    assert off["code"] == "not_switched_on"
    set_flag(replace(ANYONE, staff=True), "own_import", percent=100)
    assert ask(PREVIEW, account=str(home), content="x")["data"]["previewImport"]["right"] == "account:manage"
    wrong = ask(PREVIEW, own, account=str(home), content="x")["data"]["previewImport"]
    assert wrong["fields"] == [{"field": "file", "code": "missing_columns"}]

    looked = ask(PREVIEW, own, account=str(home), content="Tag\n04A1\n04A1\n")["data"]["previewImport"]
    assert looked["state"] == "PREVIEW"
    start = "mutation($id: UUID!) { startImport(id: $id) { ... on Import { state } ... on Problem { code } } }"
    assert ask(start, own, id=looked["id"])["data"]["startImport"] == {"state": "RUNNING"}
    assert ask(start, own, id=looked["id"])["data"]["startImport"] == {"code": "import_over"}
    worker.drain()
    read = ask(READ, own, id=looked["id"])["data"]["import"]
    assert read["state"] == "DONE"
    assert [(row["number"], row["outcome"], row["code"]) for row in read["rows"]] == [
        (1, "MADE", None),
        (2, "SKIP", "twice"),
    ]
    assert read["rows"][0]["facts"] == {"tag": "04A1"}
    first = ask(ROWS, own, id=looked["id"])["data"]["importRows"]
    assert [row["number"] for row in first["nodes"]] == [1]
    [second] = ask(ROWS, own, id=looked["id"], after=first["pageInfo"]["endCursor"])["data"]["importRows"]["nodes"]
    assert (second["number"], second["code"]) == (2, "twice")
    skipped = ask(ROWS, own, id=looked["id"], outcome="SKIP")["data"]["importRows"]
    assert [row["number"] for row in skipped["nodes"]] == [2]
    assert not skipped["pageInfo"]["hasNextPage"]
    undo = "mutation($id: UUID!) { undoImport(id: $id) { ... on Import { state } ... on Problem { code } } }"
    assert ask(undo, own, id=looked["id"])["data"]["undoImport"] == {"state": "UNDONE"}
    again = ask(PREVIEW, own, account=str(home), content="Tag\n04A1\n")["data"]["previewImport"]
    discard = "mutation($id: UUID!) { discardImport(id: $id) { ... on Done { done } ... on Problem { code } } }"
    assert "code" not in ask(discard, own, id=again["id"])["data"]["discardImport"]
    listing = "query($account: UUID!) { imports(accountId: $account) { id state what source fileName } }"
    (kept,) = ask(listing, own, account=str(home))["data"]["imports"]
    assert (kept["state"], kept["what"], kept["source"], kept["fileName"]) == ("UNDONE", "TAGS", "CSV", "a.csv")
    second = ask(PREVIEW, own, account=str(home), content="Tag\n04A1\n")["data"]["previewImport"]
    page = ask(LIST, own, account=str(home))["data"]["importsConnection"]
    assert page["nodes"] == [{"id": second["id"]}]
    page = ask(LIST, own, account=str(home), after=page["pageInfo"]["endCursor"])["data"]["importsConnection"]
    assert page["nodes"] == [{"id": kept["id"]}]
    assert not page["pageInfo"]["hasNextPage"]
