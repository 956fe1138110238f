"""What reaches an account: roles given to people, roles given to accounts, parts of an account, and until when."""

from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest
from sqlalchemy import event, select, update

from accounts import use_cases
from accounts.access import SYSTEM, Actor, ActorKind, allowed, can, visible
from accounts.errors import MoreThanOneHolds
from accounts.models import Account, Grant, OwnRole, OwnRoleRight, StationGroup, StationGroupMember
from accounts.queries import account_tree, actor_of_token, actor_of_user, people
from accounts.rights import ROLE_RIGHTS, Right, Role
from accounts.shares import Share
from accounts.values import AccountId, GrantId, UserId
from kit import clock, db
from kit.errors import Conflict, Forbidden, Invalid, NotFound
from kit.ids import new_id
from stations.models import Connector, Station
from stations.queries import station_list, station_page
from stations.use_cases import update_station
from tests import make
from tests.made import Login
from tests.people import People


def _again(login: Login) -> Actor:
    actor = actor_of_user(SYSTEM, UserId(login.user.id), login.user.session_key)
    assert actor is not None
    return actor


def _mandate(account: Account, holder_id: UUID) -> Grant:
    with db.transaction(writing=False) as unit:
        found = select(Grant).where(Grant.account_id == account.id, Grant.holder_id == holder_id)
        return unit.session.scalars(found).one()


def _group(account: Account, *station_ids: UUID) -> UUID:
    group = StationGroup(id=new_id(), account_id=account.id, name="Nord", created_at=clock.now())
    with db.transaction(writing=True) as unit:
        unit.session.add(group)
        unit.session.flush()
        unit.session.add_all(StationGroupMember(group_id=group.id, station_id=one) for one in station_ids)
    return group.id


def _seen(actor: Actor, model: type = Station, right: Right = Right.VIEW_STATIONS) -> set[UUID]:
    with db.transaction(writing=False) as unit:
        return set(unit.session.scalars(visible(actor, right, select(model.id), model)))  # type: ignore[attr-defined]


def test_a_property_takes_its_master_s_role_away_and_goes_on_alone(everybody: People) -> None:
    local = make.login(account=everybody.home, role=Role.OWNER)
    station = make.station(property=everybody.home, owner=local.actor)
    mandate = _mandate(everybody.home, everybody.master.id)
    use_cases.revoke_grant(local.actor, GrantId(mandate.id))
    assert [node.name for node in account_tree(everybody.alice)] == ["Immobilien Test AG", "Haus am Berg"]
    with pytest.raises(NotFound):
        station_page(everybody.alice, station.id)
    assert station.id not in _seen(everybody.alice)
    assert [row.station.id for row in station_list(local.actor, AccountId(everybody.home.id)).items] == [station.id]
    ended = make.row(Grant, mandate.id)
    assert (ended.revoked_by, ended.revoked_at is not None) == (local.actor.reference, True)


def test_the_master_s_role_stays_while_the_property_has_no_owner_of_its_own(everybody: People) -> None:
    mandate = _mandate(everybody.home, everybody.master.id)
    with pytest.raises(Conflict, match="last_owner"):
        use_cases.revoke_grant(everybody.alice, GrantId(mandate.id))
    assert can_in(everybody.alice, Right.MANAGE_PEOPLE, everybody.home.id)


def can_in(actor: Actor, right: Right, account_id: UUID) -> bool:
    with db.transaction(writing=False):
        return can(actor, right, account_id)


def test_a_master_acts_no_further_than_the_role_it_was_given(everybody: People) -> None:
    mandate = _mandate(everybody.home, everybody.master.id)
    with db.transaction(writing=True) as unit:
        unit.session.execute(update(Grant).where(Grant.id == mandate.id).values(role=Role.VIEWER))
    station = make.station(property=everybody.home, owner=make.login(account=everybody.home).actor)
    rights = {node.name: node.rights for node in account_tree(everybody.alice)}
    assert rights["Haus am See"] == ROLE_RIGHTS[Role.VIEWER]
    assert rights["Haus am Berg"] == ROLE_RIGHTS[Role.OWNER]
    assert station.id in _seen(everybody.alice)
    with pytest.raises(Forbidden) as refused:
        update_station(everybody.alice, station.id, name="Anders")
    assert refused.value.right == "station:manage"
    local = make.login(account=everybody.home, role=Role.OWNER)
    listed = {one.email: one.rights for one in people(local.actor, AccountId(everybody.home.id))}
    assert listed[everybody.alice_login.email] == ROLE_RIGHTS[Role.VIEWER]
    assert listed[local.email] == ROLE_RIGHTS[Role.OWNER]


def test_rights_take_one_step_and_no_second_one(everybody: People) -> None:
    """A partner of the master is no partner of the property that trusts the master."""
    partner = make.account(name="Partner GmbH")
    with db.transaction(writing=True) as unit:
        at = clock.now()
        unit.session.add(
            Grant(account_id=everybody.master.id, holder_id=partner.id, role=Role.TECHNICIAN, granted_at=at)
        )
    assert [node.name for node in account_tree(_again(partner.login))] == ["Immobilien Test AG", "Partner GmbH"]
    assert not can_in(_again(partner.login), Right.VIEW_STATIONS, everybody.home.id)


@pytest.mark.parametrize("by", ["station", "group"])
def test_a_grant_on_a_part_shows_that_part_and_nothing_beside_it(everybody: People, by: str) -> None:
    mine = make.station(property=everybody.home, owner=everybody.alice, name="Eins")
    other = make.station(property=everybody.home, owner=everybody.alice, name="Zwei")
    scope = {"station_id": mine.id} if by == "station" else {"group_id": _group(everybody.home, mine.id)}
    fred = make.login(account=everybody.next_door, role=Role.VIEWER)
    home = AccountId(everybody.home.id)
    use_cases.grant_role(everybody.alice, home, email=fred.email, role=Role.TECHNICIAN, **scope)
    actor = _again(fred)
    assert _seen(actor) == {mine.id}
    assert _seen(actor, Connector) == {row.id for row in _connectors(mine.id)}
    page = station_list(actor, home)
    assert ([row.station.id for row in page.items], page.total) == ([mine.id], 1)
    assert update_station(actor, mine.id, name="Neu").name == "Neu"
    with pytest.raises(NotFound):
        update_station(actor, other.id, name="Neu")
    with pytest.raises(NotFound):
        _allowed(actor, Right.VIEW_STATIONS, other.connector.id)
    with pytest.raises(Forbidden) as refused:
        people(actor, home)
    assert refused.value.right == "people:manage"
    node = next(node for node in account_tree(actor) if node.id == home)
    assert node.rights == frozenset({Right.VIEW_ACCOUNT})
    assert node.reach == ROLE_RIGHTS[Role.TECHNICIAN]


def _connectors(station_id: UUID) -> list[Connector]:
    with db.transaction(writing=False) as unit:
        return list(unit.session.scalars(select(Connector).where(Connector.station_id == station_id)))


def _allowed(actor: Actor, right: Right, connector_id: UUID) -> Connector:
    with db.transaction(writing=False):
        return allowed(actor, right, Connector, connector_id)


def test_a_group_of_the_master_reaches_stations_of_its_properties(everybody: People) -> None:
    here = make.station(property=everybody.home, owner=everybody.alice)
    there = make.station(property=everybody.next_door, owner=everybody.alice)
    beside = make.station(property=everybody.home, owner=everybody.alice)
    group = _group(everybody.master.account, here.id, there.id)
    nora = make.login(account=make.account(name="Anderswo").account, role=Role.VIEWER)
    use_cases.grant_role(everybody.alice, everybody.master.id, email=nora.email, role=Role.TECHNICIAN, group_id=group)
    assert _seen(_again(nora)) == {here.id, there.id}
    with pytest.raises(NotFound):
        station_page(_again(nora), beside.id)
    assert station_page(_again(nora), there.id).station.id == there.id


def test_a_company_that_was_given_single_stations_sends_its_people(everybody: People) -> None:
    partner = make.account(name="Elektro Partner AG")
    helper = make.login(account=partner.account, role=Role.VIEWER)
    station = make.station(property=everybody.home, owner=everybody.alice)
    make.station(property=everybody.home, owner=everybody.alice)
    with db.transaction(writing=True) as unit:
        unit.session.add(
            Grant(
                account_id=everybody.home.id,
                holder_id=partner.id,
                role=Role.TECHNICIAN,
                station_id=station.id,
                granted_at=clock.now(),
                ends_at=clock.now() + timedelta(days=30),
            )
        )
    assert _seen(_again(partner.login)) == _seen(_again(helper)) == {station.id}
    assert update_station(_again(partner.login), station.id, name="Geprüft").name == "Geprüft"
    with pytest.raises(Forbidden) as refused:
        update_station(_again(helper), station.id, name="Nein")  # looks in the company, so only looks here
    assert refused.value.right == "station:manage"
    key = use_cases.create_api_token(partner.owner, partner.id, name="Leitstand", role=Role.VIEWER)
    program = actor_of_token(SYSTEM, key.secret)
    assert program is not None
    assert _seen(program) == {station.id}


def test_a_grant_ends_by_the_clock(everybody: People) -> None:
    ina = make.login(account=everybody.next_door, role=Role.VIEWER)
    home = AccountId(everybody.home.id)
    with pytest.raises(Invalid) as refused:
        use_cases.grant_role(everybody.alice, home, email=ina.email, role=Role.INSTALLER)
    assert refused.value.fields == {"ends_at": "required_for_installers"}
    with pytest.raises(Invalid) as refused:
        use_cases.grant_role(everybody.alice, home, email=ina.email, role=Role.VIEWER, ends_at=clock.now())
    assert refused.value.fields == {"ends_at": "in_the_past"}
    until = clock.now() + timedelta(days=3)
    grant = use_cases.grant_role(everybody.alice, home, email=ina.email, role=Role.INSTALLER, ends_at=until)
    assert can_in(_again(ina), Right.MANAGE_STATIONS, home)
    with db.transaction(writing=True) as unit:
        unit.session.execute(update(Grant).where(Grant.id == grant.id).values(ends_at=clock.now()))
    assert not can_in(_again(ina), Right.VIEW_ACCOUNT, home)
    assert ina.email not in [person.email for person in people(everybody.alice, home)]


def test_an_own_role_holds_the_rights_that_were_chosen(everybody: People) -> None:
    home = AccountId(everybody.home.id)
    own = OwnRole(id=new_id(), account_id=home, name="Kasse", created_at=clock.now())
    with db.transaction(writing=True) as unit:
        unit.session.add(own)
        unit.session.flush()
        for right in (Right.VIEW_ACCOUNT, Right.VIEW_INCOME):
            unit.session.add(OwnRoleRight(own_role_id=own.id, right=right))
    karl = make.login(account=everybody.next_door, role=Role.VIEWER)
    use_cases.grant_role(everybody.alice, home, email=karl.email, own_role_id=own.id)
    rights = {node.id: node.rights for node in account_tree(_again(karl))}
    assert rights[home] == {Right.VIEW_ACCOUNT, Right.VIEW_INCOME}
    with pytest.raises(Invalid):
        use_cases.grant_role(
            everybody.alice, AccountId(everybody.next_door.id), email="x@example.org", own_role_id=own.id
        )


def test_a_key_with_chosen_rights_has_only_those(everybody: People) -> None:
    home = AccountId(everybody.home.id)
    chosen = [Right.VIEW_STATIONS, Right.VIEW_ACCOUNT]
    key = use_cases.create_api_token(everybody.alice, home, name="Anzeige", rights=chosen)
    program = actor_of_token(SYSTEM, key.secret)
    assert program is not None
    assert program.grants == {home: frozenset({Share(frozenset(chosen))})}
    assert can_in(program, Right.VIEW_STATIONS, home)
    assert not can_in(program, Right.COMMAND_STATIONS, home)
    admin = make.login(account=everybody.home, role=Role.ADMINISTRATOR)
    with pytest.raises(MoreThanOneHolds):
        use_cases.create_api_token(admin.actor, home, name="Zu viel", rights=[Right.MANAGE_PAYOUT])


def test_the_same_person_with_less(everybody: People) -> None:
    less = everybody.alice.limited([Right.VIEW_STATIONS])
    station = make.station(property=everybody.home, owner=everybody.alice)
    assert less.kind is ActorKind.USER
    assert station.id in _seen(less)
    assert can_in(less, Right.VIEW_STATIONS, everybody.home.id)
    assert not can_in(less, Right.MANAGE_STATIONS, everybody.home.id)


def test_keys_go_with_the_person_who_made_them(everybody: People) -> None:
    home = AccountId(everybody.home.id)
    admin = make.login(account=everybody.home, role=Role.ADMINISTRATOR)
    his = use_cases.create_api_token(admin.actor, home, name="Seiner")
    hers = use_cases.create_api_token(everybody.alice, home, name="Ihrer")
    [grant] = [person for person in people(everybody.alice, home) if person.email == admin.email]
    use_cases.revoke_grant(everybody.alice, GrantId(grant.grant_id))
    assert actor_of_token(SYSTEM, his.secret) is None
    assert actor_of_token(SYSTEM, hers.secret) is not None


def test_asking_about_many_rows_costs_no_statement_for_each(everybody: People) -> None:
    stations = [make.station(property=everybody.home, owner=everybody.alice) for _ in range(3)]
    with db.transaction(writing=False) as unit:
        rows = list(unit.session.scalars(select(Station)))
        assert can(everybody.alice, Right.VIEW_STATIONS, everybody.home.id)
        counted: list[str] = []
        note = partial(_note, counted)
        event.listen(unit.session.connection(), "before_cursor_execute", note)
        for one in stations:
            allowed(everybody.alice, Right.MANAGE_STATIONS, Station, one.id)  # the row itself is known by now
            assert can(everybody.alice, Right.MANAGE_STATIONS, everybody.home.id)
    assert counted == []
    assert {row.id for row in rows} >= {one.id for one in stations}


def _note(counted: list[str], _connection: object, _cursor: object, statement: str, *_: object) -> None:
    counted.append(statement)
