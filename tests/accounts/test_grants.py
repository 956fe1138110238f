"""Roles: given, taken back, inherited; nobody gives more than they hold."""

import pytest

from accounts import scopes, use_cases
from accounts.access import SYSTEM, Actor
from accounts.errors import LastOwner, MoreThanOneHolds
from accounts.models import Grant, StationGroup
from accounts.queries import account_tree, actor_of_user, people, roles_given
from accounts.rights import ROLE_RIGHTS, Right, Role
from accounts.values import AccountId, GrantId, StationGroupId, UserId
from kit.errors import AppError, Conflict, Forbidden, Invalid, NotFound
from kit.ids import new_id
from stations.admission import owner_of
from tests import make, scene
from tests.accounts.conftest import Letters
from tests.made import Login
from tests.people import People


def _again(login: Login) -> Actor:
    actor = actor_of_user(SYSTEM, UserId(login.user.id), login.user.session_key)
    assert actor is not None
    return actor


def _roles(everybody: People, account_id: AccountId) -> list[tuple[str, Role]]:
    return sorted(
        ((person.email, person.role) for person in people(everybody.alice, account_id) if person.role),
        key=lambda p: (p[0], p[1].value),
    )


def test_a_role_on_the_master_reaches_its_properties_and_nothing_else(everybody: People) -> None:
    carla = make.login(account=everybody.master.account, role=Role.ACCOUNTANT)
    seen = {node.name: node.rights for node in account_tree(carla.actor)}
    assert seen == dict.fromkeys(("Immobilien Test AG", "Haus am See", "Haus am Berg"), ROLE_RIGHTS[Role.ACCOUNTANT])
    assert [node.name for node in account_tree(everybody.bob)] == ["Haus am See"]
    assert [node.name for node in account_tree(everybody.charlie)] == ["Fremde Liegenschaften GmbH"]


def test_an_unknown_person_is_invited_and_chooses_a_password(everybody: People, letters: Letters) -> None:
    home = AccountId(everybody.home.id)
    use_cases.grant_role(everybody.alice, home, email="dora@example.org", role=Role.MANAGER, name="Dora")
    user = use_cases.reset_password(
        SYSTEM, link_token=letters.link("dora@example.org", "reset"), password="a long enough word"
    )
    actor = actor_of_user(SYSTEM, UserId(user.id), user.session_key)
    assert actor is not None
    assert actor.grants == {home: frozenset({Role.MANAGER})}
    assert ("dora@example.org", Role.MANAGER) in _roles(everybody, home)


def test_a_known_person_gets_a_letter_without_a_password_link(everybody: People, letters: Letters) -> None:
    use_cases.grant_role(everybody.alice, everybody.master.id, email=everybody.charlie_login.email, role=Role.VIEWER)
    [letter] = [one for one in letters.to(everybody.charlie_login.email) if "Immobilien Test AG" in one.subject]
    assert "/login" in letter.text
    assert "/reset/" not in letter.text


@pytest.mark.parametrize(("who", "refusal"), [("bob", Forbidden), ("charlie", NotFound)])
def test_others_can_give_and_take_nothing(everybody: People, who: str, refusal: type[AppError]) -> None:
    actor, home = getattr(everybody, who), AccountId(everybody.home.id)
    with pytest.raises(refusal):
        use_cases.grant_role(actor, home, email="eve@example.org", role=Role.VIEWER)
    vera = make.login(account=everybody.home, role=Role.VIEWER)
    before = _roles(everybody, home)
    veras = next(person for person in people(everybody.alice, home) if person.email == vera.email)
    with pytest.raises(refusal):
        use_cases.revoke_grant(actor, GrantId(veras.grant_id))
    with pytest.raises(refusal):
        people(actor, home)
    assert _roles(everybody, home) == before


def test_nobody_gives_more_than_they_hold(everybody: People, monkeypatch: pytest.MonkeyPatch) -> None:
    # today only owners manage people; the rule must hold on the day when another role may, too
    helper = make.login(account=everybody.home, role=Role.TECHNICIAN)
    monkeypatch.setitem(ROLE_RIGHTS, Role.TECHNICIAN, ROLE_RIGHTS[Role.TECHNICIAN] | {Right.MANAGE_PEOPLE})
    home = AccountId(everybody.home.id)
    before = _roles(everybody, home)
    with pytest.raises(MoreThanOneHolds):
        use_cases.grant_role(helper.actor, home, email="eve@example.org", role=Role.OWNER)
    assert _roles(everybody, home) == before
    use_cases.grant_role(helper.actor, home, email="eve@example.org", role=Role.VIEWER)
    assert len(_roles(everybody, home)) == len(before) + 1


def test_the_last_owner_stays(everybody: People) -> None:
    master = everybody.master.id
    [own] = [person for person in people(everybody.alice, master) if person.role is Role.OWNER]
    with pytest.raises(LastOwner):
        use_cases.revoke_grant(everybody.alice, GrantId(own.grant_id))
    second = make.login(account=everybody.master.account, role=Role.OWNER)
    use_cases.revoke_grant(second.actor, GrantId(own.grant_id))
    assert [person.email for person in people(second.actor, master) if person.role is Role.OWNER] == [second.email]
    assert _again(everybody.alice_login).grants == {}


def test_the_owner_of_a_property_may_go_because_the_master_has_one(everybody: People) -> None:
    home = AccountId(everybody.home.id)
    local = make.login(account=everybody.home, role=Role.OWNER)
    [own] = [person for person in people(everybody.alice, home) if person.email == local.email]
    use_cases.revoke_grant(local.actor, GrantId(own.grant_id))
    assert local.email not in [email for email, _ in _roles(everybody, home)]


def test_a_role_is_given_once_and_programs_get_keys_instead(everybody: People) -> None:
    home = AccountId(everybody.home.id)
    with pytest.raises(Conflict) as refused:
        use_cases.grant_role(everybody.alice, home, email=everybody.bob_login.email, role=Role.TECHNICIAN)
    assert refused.value.code == "granted_already"
    with pytest.raises(Invalid):
        use_cases.grant_role(everybody.alice, home, email="eve@example.org", role=Role.API_CLIENT)
    assert make.row(Grant, people(everybody.alice, home)[0].grant_id).account_id == home


def test_the_only_way_to_own_an_account_is_told_as_needed(everybody: People) -> None:
    def needed(account_id: AccountId) -> list[str]:
        return [one.who for one in roles_given(SYSTEM, account_id) if one.needed]

    master, home = everybody.master.id, AccountId(everybody.home.id)
    (olga,) = people(SYSTEM, master)
    assert olga.needed
    assert needed(master) == [olga.name]
    assert needed(home) == ["Immobilien Test AG"], "it is owned by its master only"
    make.login(account=everybody.home)
    assert needed(home) == []
    make.login(account=everybody.master.account)
    assert needed(master) == []


def test_a_role_counts_on_a_station_of_the_account_only(everybody: People) -> None:
    scopes.bind(owner_of)
    home = AccountId(everybody.home.id)
    here = make.station(property=everybody.home, owner=everybody.alice)
    beside = make.station(property=everybody.next_door, owner=everybody.alice)
    for station_id in (beside.id, new_id()):
        with pytest.raises(Invalid) as refused:
            use_cases.invite(SYSTEM, home, email="d@example.org", role=Role.VIEWER, station_id=station_id)
        assert refused.value.fields == {"station_id": "unknown"}
    assert use_cases.invite(SYSTEM, home, email="d@example.org", role=Role.VIEWER, station_id=here.id).station_id


def test_a_group_of_stations_is_renamed_and_its_name_stays_the_only_one(everybody: People) -> None:
    home = AccountId(everybody.home.id)
    north, south = (use_cases.create_station_group(everybody.alice, home, name=name) for name in ("Nord", "Süd"))
    renamed = use_cases.rename_station_group(everybody.alice, StationGroupId(north.id), name=" Hof  Nord ")
    assert renamed.name == "Hof Nord"
    use_cases.rename_station_group(everybody.alice, StationGroupId(south.id), name="Nord")  # free again
    for name, code in (("Nord", "taken"), ("  ", "required"), ("x" * 61, "too_long")):
        with pytest.raises(Invalid) as refused:
            use_cases.rename_station_group(everybody.alice, StationGroupId(north.id), name=name)
        assert refused.value.fields == {"name": code}
    with pytest.raises(NotFound):
        use_cases.rename_station_group(everybody.charlie, StationGroupId(north.id), name="Meine")
    assert {group.name for group in scene.rows(StationGroup)} == {"Hof Nord", "Nord"}
