"""Roles wait for consent: of the person, of the company that gets one, of the account that is asked for one."""

from datetime import timedelta

import pytest

from accounts import use_cases
from accounts.access import ANYONE, SYSTEM, Actor
from accounts.errors import MoreThanOneHolds, OtherPerson
from accounts.models import Grant, Invitation
from accounts.queries import (
    account_tree,
    actor_of_user,
    invitations,
    my_roles,
    people,
    role_log,
    roles_given,
    roles_held,
    ways,
)
from accounts.rights import Right, Role
from accounts.use_cases.grants import TermsGiven
from accounts.values import AccountId, GrantId, InvitationId, InvitationKind, InvitationState, UserId
from kit import clock
from kit.errors import Conflict, Forbidden, Invalid, NotFound
from kit.signing import LinkExpired
from tests import make, scene
from tests.accounts.conftest import Letters
from tests.made import Login
from tests.people import People


def _again(login: Login) -> Actor:
    actor = actor_of_user(SYSTEM, UserId(login.user.id), login.user.session_key)
    assert actor is not None
    return actor


def _link(email: str) -> str:
    return make.offer_link(email).rsplit("/", 1)[1]


def test_a_person_without_a_login_accepts_and_works(everybody: People, letters: Letters) -> None:
    home = AccountId(everybody.home.id)
    use_cases.invite(everybody.alice, home, email="Dora@example.org", role=Role.MANAGER, name="Dora")
    assert "dora@example.org" not in [person.email for person in people(everybody.alice, home)]
    token = letters.link("dora@example.org", "invitation")
    user = use_cases.accept_as_new_person(ANYONE, link_token=token, name="Dora D", password="a long enough word")
    actor = actor_of_user(SYSTEM, UserId(user.id), user.session_key)
    assert actor is not None
    assert actor.grants == {home: frozenset({Role.MANAGER})}
    [row] = scene.rows(Invitation)
    assert (row.state, row.answered_by) == (InvitationState.ACCEPTED, actor.reference)
    assert scene.row(Grant, row.grant_id).granted_by == everybody.alice.reference
    with pytest.raises(LinkExpired):
        use_cases.decline_invitation(ANYONE, token)
    told = [
        letter.subject for letter in letters.to(everybody.alice_login.email) if "dora@example.org" in letter.subject
    ]
    assert len(told) == 1, "Alice hears of it"


def test_only_whose_address_it_is_accepts(everybody: People) -> None:
    home = AccountId(everybody.home.id)
    fred = make.login(account=everybody.next_door, role=Role.VIEWER)
    use_cases.invite(everybody.alice, home, email=fred.email, role=Role.SUPPORT)
    with pytest.raises(OtherPerson):
        use_cases.accept_invitation(everybody.charlie, _link(fred.email))
    with pytest.raises(Conflict, match="known_already"):
        use_cases.accept_as_new_person(ANYONE, link_token=_link(fred.email), name="", password="a long enough word")
    use_cases.accept_invitation(fred.actor, _link(fred.email))
    assert [one.role for one in my_roles(_again(fred)) if one.account_id == home] == [Role.SUPPORT]


def test_a_company_gets_a_station_for_a_month_and_both_sides_read_it(everybody: People) -> None:
    partner = make.account(name="Elektro Partner AG")
    station = make.station(property=everybody.home, owner=everybody.alice)
    home, until = AccountId(everybody.home.id), clock.now() + timedelta(days=30)
    terms: TermsGiven = {"role": Role.INSTALLER, "station_id": station.id, "ends_at": until}
    use_cases.invite(everybody.alice, home, email=partner.login.email, kind=InvitationKind.COMPANY, **terms)
    with pytest.raises(Invalid):
        use_cases.accept_invitation(partner.owner, _link(partner.login.email))
    use_cases.accept_invitation(partner.owner, _link(partner.login.email), account_id=partner.id)
    [given] = [one for one in roles_given(everybody.alice, home) if one.station_id]
    assert (given.who, given.role, given.ends_at) == ("Elektro Partner AG", Role.INSTALLER, until)
    assert [one.account for one in roles_held(_again(partner.login), partner.id)] == ["Haus am See"]
    use_cases.revoke_grant(partner.owner, GrantId(given.grant_id))  # the company gives it back
    for reader, account_id in ((everybody.alice, home), (_again(partner.login), partner.id)):
        [line] = [one for one in role_log(reader, account_id) if one.grant_id == given.grant_id]
        assert (line.revoked_by, line.by) == ("Olga Owner", "Olga Owner")
    assert [node.name for node in account_tree(_again(partner.login))] == ["Elektro Partner AG"]


def test_a_master_asks_and_the_property_decides(everybody: People) -> None:
    """Charlie's property trusts nobody until its owner says so."""
    (own,) = everybody.charlie.grants
    use_cases.invite(
        everybody.alice,
        everybody.master.id,
        email=everybody.charlie_login.email,
        kind=InvitationKind.REQUEST,
        role=Role.TECHNICIAN,
    )
    assert own not in [node.id for node in account_tree(everybody.alice)]
    token = _link(everybody.charlie_login.email)
    use_cases.accept_invitation(everybody.charlie, token, account_id=AccountId(own))
    found = ways(everybody.charlie, AccountId(own), right=Right.COMMAND_STATIONS)
    assert [(way.who, way.through.who if way.through else None) for way in found] == [
        ("Olga Owner", None),
        ("Olga Owner", "Immobilien Test AG"),
    ]
    assert own in [node.id for node in account_tree(everybody.alice)]
    with pytest.raises(Forbidden):
        people(everybody.alice, AccountId(own))


def test_what_the_sender_no_longer_holds_is_not_given(everybody: People) -> None:
    home = AccountId(everybody.home.id)
    admin = make.login(account=everybody.home, role=Role.ADMINISTRATOR)
    with pytest.raises(MoreThanOneHolds):
        use_cases.invite(admin.actor, home, email="x@example.org", role=Role.OWNER)
    use_cases.invite(admin.actor, home, email=everybody.charlie_login.email, role=Role.MANAGER)
    with pytest.raises(Conflict, match="invited_already"):
        use_cases.invite(admin.actor, home, email=everybody.charlie_login.email, role=Role.MANAGER)
    [his] = [one for one in people(everybody.alice, home) if one.email == admin.email]
    use_cases.revoke_grant(everybody.alice, GrantId(his.grant_id))
    with pytest.raises(LinkExpired):
        use_cases.accept_invitation(everybody.charlie, _link(everybody.charlie_login.email))


def test_a_withdrawn_or_declined_invitation_opens_nothing(everybody: People, letters: Letters) -> None:
    home = AccountId(everybody.home.id)
    sent = use_cases.invite(everybody.alice, home, email="x@example.org", role=Role.VIEWER)
    assert [one.email for one in invitations(everybody.alice, home)] == ["x@example.org"]
    with pytest.raises(NotFound):
        use_cases.withdraw_invitation(everybody.charlie, InvitationId(sent.id))
    token = _link("x@example.org")
    use_cases.withdraw_invitation(everybody.alice, InvitationId(sent.id))
    with pytest.raises(LinkExpired):
        use_cases.accept_as_new_person(ANYONE, link_token=token, name="X", password="a long enough word")
    use_cases.invite(everybody.alice, home, email="y@example.org", role=Role.VIEWER)
    use_cases.decline_invitation(ANYONE, _link("y@example.org"))
    assert invitations(everybody.alice, home) == []
