"""Roles by GraphQL: put together, given on a group of stations, changed, taken; offered, accepted and declined."""

from typing import Any
from uuid import UUID

from accounts.links import offer
from accounts.models import Invitation
from tests import make, scene
from tests.graphql_api.callers import Browser, Program
from tests.people import People


def test_an_own_role_counts_on_a_group_until_it_is_taken(alice: Program, charlie: Program, people: People) -> None:
    garage = make.station(property=people.home, owner=people.alice)
    make.station(property=people.home, owner=people.alice, name="Dach")
    home: dict[str, Any] = {"accountId": people.home.id}
    role = alice.does("createOwnRole", "id name rights", **home, name="Hauswart", rights=["station:view"])
    group = alice.does("createStationGroup", "id name stations", **home, name="Keller", stationIds=[garage.id])
    assert (role["rights"], group["stations"]) == (["station:view"], 1)
    hans = make.account(name="Hans Muster").login
    alice.does("grantRole", **home, email=hans.email, ownRoleId=role["id"], groupId=group["id"])
    at_hans = Browser(alice.client.application, hans.email)
    assert at_hans.asks("stations", "nodes { name }")["nodes"] == [{"name": "Garage"}]
    given = alice.asks("rolesGiven", "grantId email ownRole group", **home)
    (grant,) = (one for one in given if one["email"] == hans.email)
    assert (grant["ownRole"], grant["group"]) == ("Hauswart", "Keller")
    foreign: dict[str, dict[str, Any]] = {
        "ownRoles": home,
        "stationGroups": home,
        "createOwnRole": home | {"name": "Meine", "rights": ["station:view"]},
        "createStationGroup": home | {"name": "Meine", "stationIds": []},
        "grantRole": home | {"email": "x@example.org", "role": "VIEWER"},
        "changeOwnRole": {"id": role["id"], "name": "Meine"},
        "removeOwnRole": {"id": role["id"]},
        "changeStationGroup": {"id": group["id"], "name": "Meine"},
        "removeStationGroup": {"id": group["id"]},
        "revokeGrant": {"grantId": grant["grantId"]},
    }
    assert {charlie.refused(field, **told) for field, told in foreign.items()} == {"not_found"}
    alice.does("changeOwnRole", id=role["id"], name="Abwart", rights=["station:view", "session:view"])
    alice.does("changeStationGroup", id=group["id"], name="Leer", stationIds=[])
    assert at_hans.asks("stations", "nodes { name }")["nodes"] == []
    assert alice.asks("ownRoles", "name rights", **home) == [
        {"name": "Abwart", "rights": ["session:view", "station:view"]}
    ]
    assert alice.asks("stationGroups", "name stations", **home) == [{"name": "Leer", "stations": 0}]
    alice.does("revokeGrant", grantId=grant["grantId"])
    alice.does("removeOwnRole", id=role["id"])
    alice.does("removeStationGroup", id=group["id"])
    assert (alice.asks("ownRoles", "id", **home), alice.asks("stationGroups", "id", **home)) == ([], [])


def test_a_role_is_offered_accepted_declined_and_withdrawn(alice: Program, charlie: Program, people: People) -> None:
    home: dict[str, Any] = {"accountId": people.home.id}
    at_charlie = Browser(alice.client.application, people.charlie_login.email)
    offered = home | {"email": people.charlie_login.email}

    def link(kind: str, **role: object) -> tuple[str, str]:
        made = alice.does("invite", "id state", **offered, kind=kind, **role)
        assert made["state"] == "OPEN"
        return made["id"], offer(scene.row(Invitation, UUID(made["id"]))).rpartition("/")[2]

    _, first = link("PERSON", role="VIEWER")
    assert at_charlie.refused("account", id=people.home.id) == "not_found"
    at_charlie.does("acceptInvitation", link=first)
    assert at_charlie.asks("account", "name", id=people.home.id) == {"name": "Haus am See"}
    assert charlie.refused("account", id=people.home.id) == "not_found", "his company's key holds nothing here"
    _, second = link("COMPANY", role="TECHNICIAN")
    (company,) = (one["id"] for one in at_charlie.asks("accounts", "id name") if one["name"].startswith("Fremde"))
    at_charlie.does("acceptInvitation", link=second, accountId=company)
    assert charlie.asks("account", "name", id=people.home.id) == {"name": "Haus am See"}
    _, third = link("PERSON", role="MANAGER")
    at_charlie.does("declineInvitation", link=third)
    number, fourth = link("PERSON", role="MANAGER")
    assert charlie.refused("withdrawInvitation", id=number).startswith("forbidden")
    alice.does("withdrawInvitation", id=number)
    assert at_charlie.refused("acceptInvitation", link=fourth) == "link_expired"
    assert alice.asks("invitations", "id", **home) == [], "none waits any more"
