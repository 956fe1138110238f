"""Masters of masters: branches, accounts that move, and who may still do what then."""

import pytest
from sqlalchemy import select

from accounts import use_cases
from accounts.access import SYSTEM, Actor
from accounts.errors import BelowItself, LastOwner, NotAMaster
from accounts.models import Account, AccountLineage, Grant
from accounts.queries import account_tree, actor_of_user, roles_given
from accounts.rights import ROLE_RIGHTS, Role
from accounts.values import AccountId, GrantId, UserId
from kit import db
from kit.errors import Forbidden, NotFound
from tests import make, scene
from tests.made import Login
from tests.people import People


def _again(login: Login) -> Actor:
    actor = actor_of_user(SYSTEM, UserId(login.user.id), login.user.session_key)
    assert actor is not None
    return actor


def _names(actor: Actor) -> list[tuple[str, int]]:
    return [(node.name, node.depth) for node in account_tree(actor)]


def _above(account: Account) -> set[str]:
    rows = scene.rows(Account)
    with_lineage = {row.ancestor_id for row in _lineage() if row.account_id == account.id}
    return {row.name for row in rows if row.id in with_lineage}


def _lineage() -> list[AccountLineage]:
    with db.transaction(writing=False) as unit:
        return list(unit.session.scalars(select(AccountLineage)))


def _branch(everybody: People, name: str = "Filiale Zug") -> Account:
    return use_cases.create_branch(everybody.alice, everybody.master.id, name=name)


def test_a_branch_has_properties_and_the_head_office_sees_both(everybody: People) -> None:
    branch = _branch(everybody)
    house = use_cases.create_property(everybody.alice, AccountId(branch.id), name="Haus Zug")
    local = make.login(account=branch, role=Role.MANAGER)
    assert _names(everybody.alice) == [
        ("Immobilien Test AG", 0),
        ("Filiale Zug", 1),
        ("Haus Zug", 2),
        ("Haus am Berg", 1),
        ("Haus am See", 1),
    ]
    assert _names(_again(local)) == [("Filiale Zug", 0), ("Haus Zug", 1)]
    assert _above(house) == {"Haus Zug", "Filiale Zug", "Immobilien Test AG"}
    assert {one.who: one.role for one in roles_given(everybody.alice, AccountId(house.id))} == {
        "Filiale Zug": Role.OWNER,
        "Immobilien Test AG": Role.OWNER,
    }


def test_a_property_moves_to_a_branch_and_its_people_come_along(everybody: People) -> None:
    branch, home = _branch(everybody), AccountId(everybody.home.id)
    local = make.login(account=branch, role=Role.MANAGER)
    assert home not in [node.id for node in account_tree(_again(local))]
    use_cases.move_account(everybody.alice, home, parent_id=AccountId(branch.id))
    rights = {node.id: node.rights for node in account_tree(_again(local))}
    assert rights[home] == ROLE_RIGHTS[Role.MANAGER]
    assert _names(everybody.bob) == [("Haus am See", 0)]
    assert _above(everybody.home) == {"Haus am See", "Filiale Zug", "Immobilien Test AG"}


def test_whoever_no_longer_stands_above_loses_what_came_from_it(everybody: People) -> None:
    branch = _branch(everybody)
    house = use_cases.create_property(everybody.alice, AccountId(branch.id), name="Haus Zug")
    boss = make.login(account=branch, role=Role.OWNER)
    use_cases.move_account(boss.actor, AccountId(branch.id), parent_id=None)
    assert "Filiale Zug" not in [name for name, _depth in _names(everybody.alice)]
    assert _names(boss.actor) == [("Filiale Zug", 0), ("Haus Zug", 1)]
    assert _above(house) == {"Haus Zug", "Filiale Zug"}
    ended = [row for row in scene.rows(Grant) if row.holder_id == everybody.master.id and row.revoked_at]
    assert {(row.account_id, row.revoked_by) for row in ended} == {
        (branch.id, boss.actor.reference),
        (house.id, boss.actor.reference),
    }


def test_no_account_is_left_without_an_owner_or_below_itself(everybody: People) -> None:
    branch, home = _branch(everybody), AccountId(everybody.home.id)
    with pytest.raises(LastOwner):
        use_cases.move_account(everybody.alice, home, parent_id=None)
    deeper = use_cases.create_branch(everybody.alice, AccountId(branch.id), name="Büro")
    with pytest.raises(BelowItself):
        use_cases.move_account(everybody.alice, AccountId(branch.id), parent_id=AccountId(deeper.id))
    with pytest.raises(NotAMaster):
        use_cases.move_account(everybody.alice, AccountId(branch.id), parent_id=home)
    with pytest.raises(NotFound):
        use_cases.move_account(everybody.charlie, home, parent_id=None)
    with pytest.raises(Forbidden):
        use_cases.move_account(everybody.bob, home, parent_id=None)
    assert _above(everybody.home) == {"Haus am See", "Immobilien Test AG"}


def test_a_lesser_role_for_the_new_master_goes_no_further_up(everybody: People) -> None:
    branch = _branch(everybody)
    owner = make.login(account=everybody.home, role=Role.OWNER)
    make.login(account=branch, role=Role.OWNER)
    mandate = next(one for one in roles_given(owner.actor, AccountId(everybody.home.id)) if one.holder_id)
    use_cases.revoke_grant(owner.actor, GrantId(mandate.grant_id))
    with pytest.raises(NotFound):  # a master takes nobody in who does not want to be there, and nobody joins unasked
        use_cases.move_account(owner.actor, AccountId(everybody.home.id), parent_id=AccountId(branch.id))
