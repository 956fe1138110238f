"""Accounts by GraphQL: a branch, a property below it, other facts, another code, another place."""

from tests.graphql_api.callers import Program
from tests.people import People


def test_a_property_below_a_branch_is_changed_and_moved(alice: Program, charlie: Program, people: People) -> None:
    master = people.master.id
    branch = alice.does("createBranch", "id parentId name", parentId=master, name="Filiale Ost")
    assert (branch["parentId"], branch["name"]) == (str(master), "Filiale Ost")
    made = alice.does(
        "createProperty", "id parentId city", parentId=branch["id"], facts={"name": "Haus", "city": "Chur"}
    )
    assert (made["parentId"], made["city"]) == (branch["id"], "Chur")
    house = made["id"]
    alice.does("updateAccount", id=house, changes={"name": "Haus Ost", "postcode": "7000"})
    shown = alice.asks("account", "name postcode city", id=house)
    assert shown == {"name": "Haus Ost", "postcode": "7000", "city": "Chur"}
    before = alice.asks("accountCode", "code", accountId=house)
    renewed = alice.does("renewAccountCode", "code", accountId=house)
    assert renewed == alice.asks("accountCode", "code", accountId=house) != before
    for field, told in (
        ("account", {"id": house}),
        ("updateAccount", {"id": house, "changes": {"name": "Meins"}}),
        ("createBranch", {"parentId": master, "name": "Meine"}),
        ("createProperty", {"parentId": branch["id"], "facts": {"name": "Meins"}}),
        ("renewAccountCode", {"accountId": house}),
        ("moveAccount", {"id": house}),
    ):
        assert charlie.refused(field, **told) == "not_found"
    alice.does("moveAccount", id=house, parentId=master, role="MANAGER")
    assert alice.asks("account", "parentId name", id=house) == {"parentId": str(master), "name": "Haus Ost"}
