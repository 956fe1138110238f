"""Support looks at an account: only after consent, only looking, never longer than agreed, and not unnoticed."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from accounts import use_cases
from accounts.access import SYSTEM, Actor
from accounts.models import SupportVisit, User
from accounts.queries import SignedIn, account, account_tree, present_visits, signed_in, visits
from accounts.use_cases import update_account
from accounts.values import AccountId, Browser, SignInMethod, SupportState, SupportVisitId, UserId
from kit import clock, db
from kit.audit import AuditLine
from kit.errors import Conflict, Forbidden, Invalid, NotFound
from tests import make
from tests.accounts.conftest import Letters
from tests.people import People


class Staff:
    """Somebody who runs the platform, in a browser."""

    def __init__(self) -> None:
        login = make.account(name="Plattform AG").login
        self.email = login.email
        self.user = use_cases.make_staff(SYSTEM, email=login.email)
        browser = Browser("device", "Firefox", "192.0.2.1")
        method = SignInMethod.PASSKEY
        self.secret = use_cases.begin_login(SYSTEM, UserId(self.user.id), method=method, browser=browser).secret

    @property
    def here(self) -> SignedIn:
        """As the next request finds them."""
        found = signed_in(SYSTEM, self.secret)
        assert found is not None
        return found

    def ask(self, people: People, *, hours: int = 2) -> SupportVisitId:
        """Ask to see Alice's property."""
        asked = use_cases.ask_for_visit(self.here.actor, AccountId(people.home.id), reason="Kabel klemmt", hours=hours)
        return SupportVisitId(asked.id)

    def enter(self, people: People, *, hours: int = 2) -> SupportVisitId:
        """Ask, be let in, and go there."""
        visit_id = self.ask(people, hours=hours)
        use_cases.agree_to_visit(people.alice, visit_id)
        use_cases.enter_account(self.here.actor, visit_id)
        return visit_id


@pytest.fixture
def sam(everybody: People) -> Staff:
    return Staff()


def names(actor: Actor) -> list[str]:
    return [node.name for node in account_tree(actor)]


def test_nothing_is_seen_before_somebody_there_agrees(everybody: People, sam: Staff, letters: Letters) -> None:
    visit_id = sam.ask(everybody)
    with pytest.raises(NotFound):
        use_cases.enter_account(sam.here.actor, visit_id)
    with pytest.raises(NotFound):
        use_cases.agree_to_visit(sam.here.actor, visit_id)
    assert names(sam.here.actor) == ["Plattform AG"]
    letter = letters.to(everybody.alice_login.email)[0]
    assert "Kabel klemmt" in letter.text
    assert f"/accounts/{everybody.home.id}/support" in letter.text
    assert "Kabel klemmt" not in letters.to(everybody.bob_login.email)[0].text, "a technician decides nothing"
    use_cases.agree_to_visit(everybody.alice, visit_id)
    assert f"/platform/tenants/{everybody.home.id}" in letters.to(sam.email)[0].text


def test_with_consent_the_account_is_seen_as_the_support_role_sees_it(everybody: People, sam: Staff) -> None:
    make.station(property=everybody.home, owner=everybody.alice)
    sam.enter(everybody)
    person = sam.here
    assert names(person.actor) == ["Haus am See"], "that account, and none besides"
    assert not person.staff
    assert {right.value for node in account_tree(person.actor) for right in node.rights} == {
        "account:view",
        "station:view",
        "session:view",
        "message:view",
        "tariff:view",
    }
    assert account(person.actor, AccountId(everybody.home.id)).name == "Haus am See"
    with pytest.raises(NotFound):
        account(person.actor, AccountId(everybody.next_door.id))
    use_cases.leave_account(person.actor)
    assert names(sam.here.actor) == ["Plattform AG"]
    assert sam.here.staff


def test_a_visit_reaches_no_property_that_gave_the_account_a_role(everybody: People, sam: Staff) -> None:
    asked = use_cases.ask_for_visit(sam.here.actor, everybody.master.id, reason="Rollen", hours=1)
    use_cases.agree_to_visit(everybody.alice, SupportVisitId(asked.id))
    use_cases.enter_account(sam.here.actor, SupportVisitId(asked.id))
    assert names(everybody.alice) == ["Immobilien Test AG", "Haus am Berg", "Haus am See"]
    assert names(sam.here.actor) == ["Immobilien Test AG"]
    with pytest.raises(NotFound):
        account(sam.here.actor, AccountId(everybody.home.id))


def test_nothing_can_be_changed_during_a_visit(everybody: People, sam: Staff) -> None:
    sam.enter(everybody)
    visitor = sam.here.actor
    with pytest.raises(Forbidden):
        update_account(visitor, AccountId(everybody.home.id), name="Anders")
    with pytest.raises(NotFound):
        use_cases.suspend_account(visitor, AccountId(everybody.home.id))


def test_either_side_ends_it_at_any_moment(everybody: People, sam: Staff) -> None:
    visit_id = sam.enter(everybody)
    with pytest.raises(Forbidden):
        use_cases.end_visit(everybody.bob, visit_id)
    use_cases.end_visit(everybody.alice, visit_id)
    assert names(sam.here.actor) == ["Plattform AG"]
    with pytest.raises(NotFound):
        use_cases.enter_account(sam.here.actor, visit_id)
    own = sam.enter(everybody)
    use_cases.leave_account(sam.here.actor)
    use_cases.end_visit(sam.here.actor, own)
    assert make.row(SupportVisit, own).state is SupportState.OVER


def test_it_ends_by_itself(everybody: People, sam: Staff) -> None:
    sam.enter(everybody, hours=1)
    start = clock.now()
    with clock.moved_to(start + timedelta(minutes=59)):
        assert names(sam.here.actor) == ["Haus am See"]
    with clock.moved_to(start + timedelta(minutes=61)):
        assert names(sam.here.actor) == ["Plattform AG"]
        assert present_visits(everybody.alice, AccountId(everybody.home.id)) == []


def test_a_question_lapses_and_is_answered_once(everybody: People, sam: Staff) -> None:
    visit_id = sam.ask(everybody)
    with pytest.raises(Conflict):
        sam.ask(everybody)
    use_cases.decline_visit(everybody.alice, visit_id)
    with pytest.raises(Conflict):
        use_cases.agree_to_visit(everybody.alice, visit_id)
    second = sam.ask(everybody)
    home = AccountId(everybody.home.id)
    assert [one.id for one in present_visits(everybody.alice, home)] == [second]
    with clock.moved_to(clock.now() + timedelta(days=7)):
        with pytest.raises(Conflict):
            use_cases.agree_to_visit(everybody.alice, second)
        assert present_visits(everybody.alice, home) == []
        assert [one.state for one in visits(everybody.alice, home)] == [SupportState.OVER, SupportState.DECLINED]


@pytest.mark.parametrize(
    ("given", "field"),
    [({"hours": 0}, "hours"), ({"hours": 25}, "hours"), ({"reason": " "}, "reason"), ({"reason": "x" * 501}, "reason")],
)
def test_a_reason_and_at_most_a_day(everybody: People, sam: Staff, given: dict[str, object], field: str) -> None:
    told = {"reason": "Kabel", "hours": 1} | given
    with pytest.raises(Invalid) as refused:
        use_cases.ask_for_visit(sam.here.actor, AccountId(everybody.home.id), **told)  # type: ignore[arg-type]
    assert set(refused.value.fields) == {field}


def test_every_step_and_page_stands_in_the_log_of_the_account(everybody: People, sam: Staff) -> None:
    sam.enter(everybody)
    use_cases.note_look(sam.here.actor, page="GET /stations")
    use_cases.leave_account(sam.here.actor)
    with db.transaction(writing=False) as unit:
        lines = unit.session.scalars(select(AuditLine).where(AuditLine.account_id == everybody.home.id))
        told = [(line.door.rpartition(".")[2], line.actor, line.arguments) for line in lines]
    visiting = [one for one in told if one[1] == f"user:{sam.user.id}"]
    assert [one[0] for one in visiting] == ["ask_for_visit", "enter_account", "note_look", "leave_account"]
    assert visiting[2][2] == {"page": "GET /stations"}
    with pytest.raises(NotFound):
        use_cases.note_look(sam.here.actor, page="GET /stations")


def test_only_who_asked_comes_and_only_as_staff(everybody: People, sam: Staff) -> None:
    visit_id = sam.ask(everybody)
    use_cases.agree_to_visit(everybody.alice, visit_id)
    with pytest.raises(NotFound):
        use_cases.enter_account(Staff().here.actor, visit_id)
    use_cases.enter_account(sam.here.actor, visit_id)
    with db.transaction(writing=True) as unit:
        unit.session.get_one(User, sam.user.id).staff = False
    assert names(sam.here.actor) == ["Plattform AG"]
