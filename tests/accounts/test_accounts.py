"""Master accounts, properties, and what stands on receipts."""

from dataclasses import replace
from typing import Any

import pytest

from accounts import tax_numbers, use_cases
from accounts.access import ANYONE
from accounts.errors import NotAMaster
from accounts.models import Account
from accounts.queries import AccountMenu, Choice, account, account_menu, account_node, account_tree, seller
from accounts.values import AccountId, AccountKind
from kit.errors import AppError, Forbidden, Invalid, NotFound
from kit.ids import new_id
from tests import make
from tests.people import People


def test_a_property_takes_over_the_sellers_data_once(everybody: People) -> None:
    made = use_cases.create_property(everybody.alice, everybody.master.id, name="Parkhaus", city="Bern")
    assert (made.kind, made.parent_id) == (AccountKind.PROPERTY, everybody.master.id)
    assert (made.legal_name, made.street, made.city, made.uid) == (
        "Immobilien Test AG",
        "Teststrasse 1",
        "Bern",
        make.UID,
    )
    use_cases.update_account(everybody.alice, everybody.master.id, street="Neue Strasse 2")
    assert account(everybody.alice, AccountId(made.id)).street == "Teststrasse 1"
    names = [(node.name, node.depth) for node in account_tree(everybody.alice)]
    assert names == [("Immobilien Test AG", 0), ("Haus am Berg", 1), ("Haus am See", 1), ("Parkhaus", 1)]


def test_an_account_stands_by_itself_as_in_the_tree(everybody: People) -> None:
    for actor in (everybody.alice, everybody.bob):
        for node in account_tree(actor):
            assert account_node(actor, node.id) == replace(node, depth=0)
    assert account_node(everybody.charlie, everybody.master.id) is None
    assert account_node(everybody.alice, AccountId(new_id())) is None


def test_a_menu_of_accounts_is_the_tree_or_of_too_many_the_first_masters(everybody: People) -> None:
    tree = account_tree(everybody.alice)
    assert account_menu(everybody.alice, 3) == AccountMenu(tree)
    assert account_menu(everybody.alice, 2) == AccountMenu(None, [Choice(tree[0].id, tree[0].name, 0)])
    assert account_menu(ANYONE, 2) == AccountMenu([])


def test_a_property_holds_no_properties(everybody: People) -> None:
    with pytest.raises(NotAMaster):
        use_cases.create_property(everybody.alice, AccountId(everybody.home.id), name="Keller")
    assert len(account_tree(everybody.alice)) == 3


def test_somebody_signed_in_opens_another_master_account(everybody: People) -> None:
    made = use_cases.create_account(everybody.bob, name="Bobs Ladestation")
    assert (made.kind, made.contact_email) == (AccountKind.MASTER, everybody.bob_login.email)
    with pytest.raises(NotFound):
        use_cases.create_account(ANYONE, name="Niemand")


@pytest.mark.parametrize(("who", "refusal"), [("bob", Forbidden), ("charlie", NotFound)])
def test_others_change_nothing(everybody: People, who: str, refusal: type[AppError]) -> None:
    actor, home = getattr(everybody, who), AccountId(everybody.home.id)
    with pytest.raises(refusal):
        use_cases.update_account(actor, home, name="Meins")
    with pytest.raises(NotFound):
        use_cases.create_property(actor, everybody.master.id, name="Meins")
    assert make.row(Account, home).name == "Haus am See"
    assert len(account_tree(everybody.alice)) == 3


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"name": " "}, {"name": "required"}),
        ({"name": "x" * 121}, {"name": "too_long"}),
        ({"uid": "CHE-123.456.789"}, {"uid": "not_a_uid"}),
        ({"uid": "", "vat_registered": True}, {"uid": "required_for_vat"}),
        ({"contact_email": "nobody"}, {"contact_email": "not_an_email"}),
        ({"country": "XX"}, {"country": "unknown"}),
        ({"time_zone": "Mars/Olympus"}, {"time_zone": "unknown"}),
        ({"language": "rm"}, {"language": "unknown"}),
    ],
)
def test_wrong_seller_data_are_refused_at_their_field(
    everybody: People, changes: dict[str, Any], problem: dict[str, str]
) -> None:
    with pytest.raises(Invalid) as refused:
        use_cases.update_account(everybody.alice, everybody.master.id, **changes)
    assert refused.value.fields == problem
    assert make.row(Account, everybody.master.id).name == "Immobilien Test AG"


@pytest.mark.parametrize(
    ("typed", "country", "stored"),
    [
        ("che999999996", "CH", "CHE-999.999.996"),
        (" CHE-999.999.996 MWST ", "CH", "CHE-999.999.996"),
        ("", "CH", ""),
        ("DE136695976", "DE", "DE136695976"),
        ("U13585627", "AT", "ATU13585627"),
    ],
)
def test_a_tax_number_has_one_form(typed: str, country: str, stored: str) -> None:
    assert tax_numbers.clean(typed, country) == stored


def test_drivers_see_the_seller_and_a_uid_only_if_registered(everybody: People) -> None:
    facts = seller(ANYONE, everybody.master.id)
    assert (facts.name, facts.uid, facts.suspended) == ("Immobilien Test AG", make.UID, False)
    assert facts.address_lines == ["Teststrasse 1", "CH-8000 Zürich"]
    use_cases.update_account(everybody.alice, everybody.master.id, vat_registered=False)
    assert seller(ANYONE, everybody.master.id).uid == ""
