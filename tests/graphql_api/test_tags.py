"""Tags for programs: the same doors as in the portal."""

from tests.graphql_api.conftest import Ask
from tests.people import People

FACTS = (
    "... on Tag { id idTag name state parentIdTag expiresAt accountId } ... on Problem { code fields { field code } }"
)


def test_a_tag_is_added_changed_blocked_and_removed(ask: Ask, people: People) -> None:
    add = f"mutation($account: UUID!, $tag: TagInput!) {{ addTag(accountId: $account, tag: $tag) {{ {FACTS} }} }}"
    tag = ask(add, account=str(people.home.id), tag={"idTag": "04aa", "name": "Anna", "parentIdTag": "haus"})
    made = tag["data"]["addTag"]
    number = made.pop("id")
    assert made == {
        "idTag": "04AA",
        "name": "Anna",
        "state": "VALID",
        "parentIdTag": "HAUS",
        "expiresAt": None,
        "accountId": str(people.home.id),
    }
    change = f"mutation($id: UUID!, $new: TagChanges!) {{ updateTag(id: $id, changes: $new) {{ {FACTS} }} }}"
    past = ask(change, id=number, new={"expiresAt": "2020-01-01T00:00:00+00:00"})["data"]["updateTag"]
    assert (past["state"], past["name"]) == ("EXPIRED", "Anna")
    naive = ask(change, id=number, new={"expiresAt": "2020-01-01T00:00:00"})["data"]["updateTag"]
    assert naive == {"code": "invalid", "fields": [{"field": "expiresAt", "code": "without_zone"}]}
    for deed, state in (("blockTag", "BLOCKED"), ("unblockTag", "EXPIRED")):
        done = ask(f"mutation($id: UUID!) {{ {deed}(id: $id) {{ {FACTS} }} }}", id=number)["data"][deed]
        assert done["state"] == state
    listed = ask('{ tags(text: "ann") { nodes { idTag lastUsedAt } pageInfo { hasNextPage } } }')["data"]["tags"]
    assert listed == {"nodes": [{"idTag": "04AA", "lastUsedAt": None}], "pageInfo": {"hasNextPage": False}}
    gone = ask("mutation($id: UUID!) { deleteTag(id: $id) { ... on Removed { id } } }", id=number)["data"]["deleteTag"]
    assert gone == {"id": number}
    again = ask("query($id: UUID!) { tag(id: $id) { idTag } }", id=number)
    assert again["errors"][0]["extensions"]["code"] == "not_found"


def test_an_import_tells_which_rows_it_refuses(ask: Ask, people: People) -> None:
    query = """mutation($account: UUID!, $rows: [TagInput!]!) { importTags(accountId: $account, rows: $rows) {
        ... on TagImport { added changed refused { row field code } } ... on Problem { code } } }"""
    done = ask(query, account=str(people.home.id), rows=[{"idTag": "A"}, {"idTag": "B"}])["data"]["importTags"]
    assert done == {"added": 2, "changed": 0, "refused": []}
    done = ask(query, account=str(people.home.id), rows=[{"idTag": "C"}, {"idTag": "c"}])["data"]["importTags"]
    assert done == {"added": 0, "changed": 0, "refused": [{"row": 2, "field": "id_tag", "code": "twice"}]}
    assert len(ask("{ tags { nodes { id } } }")["data"]["tags"]["nodes"]) == 2
