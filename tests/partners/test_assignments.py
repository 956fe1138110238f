"""A partner gets access to some stations for a while, puts them into service, and is out by itself."""

from datetime import timedelta

import pytest

from accounts.access import SYSTEM, Actor
from accounts.queries import actor_of_token, actor_of_user
from accounts.use_cases import create_api_token
from accounts.values import AccountId, UserId
from kit import clock, db
from kit.errors import AppError, Conflict, Forbidden, Invalid, NotFound
from partners import documents, jobs, queries, use_cases
from partners.errors import NotTrained
from partners.models import CommissioningReport
from partners.values import AssignmentId, AssignmentState, Check, CheckState, PartnerId, ReportId
from stations import queries as stations
from stations.use_cases import update_station
from stations.values import StationId
from tests import make
from tests.made import MadeStation, Owned
from tests.partners.conftest import letters
from tests.people import People
from tests.talk import Talk, ago, iso

DAYS = timedelta(days=14)


class Scene:
    """Alice's two stations at home and one next door; the company, and its owner as he stands at the door now."""

    def __init__(self, people: People) -> None:
        self.alice, self.home = people.alice, AccountId(people.home.id)
        self.garage, self.yard = (self._station(people, name) for name in ("Garage", "Hof"))
        self.other = make.station(property=people.next_door, owner=people.alice, name="Nebenan")
        self.company: Owned = make.account(name="Muster Elektro AG", language="en")
        self.partner_id = PartnerId(make.partner(account=self.company.account).id)

    def _station(self, people: People, name: str) -> MadeStation:
        return make.station(property=people.home, owner=people.alice, name=name)

    @property
    def installer(self) -> Actor:
        """The company's owner with what he holds at this moment."""
        user = self.company.login.user
        found = actor_of_user(SYSTEM, UserId(user.id), user.session_key)
        assert found is not None
        return found

    def invite(self, *chosen: MadeStation) -> AssignmentId:
        """Alice asks the company for its work on these stations of one property."""
        (made,) = use_cases.invite_partner(
            self.alice,
            self.home,
            self.partner_id,
            station_ids=[StationId(one.id) for one in chosen],
            ends_at=clock.now() + DAYS,
            note="Two wall boxes.",
        )
        return AssignmentId(made.id)

    def sees(self) -> list[str]:
        """The names of the stations on which the company may work."""
        return [one.station.name for one in queries.installations(self.installer, self.company.id)]

    def state(self) -> AssignmentState:
        """How far the newest access is, for the operator."""
        return queries.assignments(self.alice, self.home)[0].state


@pytest.fixture
def here(everybody: People) -> Scene:
    """Stations and a company."""
    return Scene(everybody)


def test_a_partner_works_on_the_chosen_stations_until_the_end(here: Scene) -> None:
    given = here.invite(here.garage, here.yard)
    assert (here.state(), here.sees()) == (AssignmentState.INVITED, [])
    mailed = letters(here.company.login.email)
    assert any("/invitation/" in letter.text for letter in mailed)
    with pytest.raises(NotFound):
        use_cases.accept_assignment(here.alice, given)
    use_cases.accept_assignment(here.installer, given)
    assert (here.state(), here.sees()) == (AssignmentState.ACTIVE, ["Garage", "Hof"])
    with pytest.raises(Conflict, match="answered_already"):
        use_cases.accept_assignment(here.installer, given)
    update_station(here.installer, StationId(here.garage.id), description="fixed to the wall")
    with pytest.raises(NotFound):
        stations.station(here.installer, StationId(here.other.id))
    with pytest.raises(Forbidden):
        queries.assignments(here.installer, here.home)
    with clock.moved_to(clock.now() + DAYS + timedelta(minutes=1)):
        assert (here.state(), here.sees()) == (AssignmentState.ENDED, [])
        with pytest.raises(NotFound):
            stations.station(here.installer, StationId(here.garage.id))
        assert queries.assignments_to_dissolve(SYSTEM) == [given]
        jobs.dissolve_assignments()
        assert queries.assignments_to_dissolve(SYSTEM) == []


def test_a_programs_key_of_the_partner_reaches_as_far_as_its_people(here: Scene) -> None:
    use_cases.accept_assignment(here.installer, here.invite(here.garage))
    secret = create_api_token(here.installer, here.company.id, name="Werkzeug").secret
    program = actor_of_token(SYSTEM, secret)
    assert program is not None
    assert [one.station.name for one in queries.installations(program, here.company.id)] == ["Garage"]
    assert queries.commissioning(program, StationId(here.garage.id)).checks[0].check is Check.ADDRESS
    for foreign in (here.yard, here.other):
        with pytest.raises(NotFound):
            queries.commissioning(program, StationId(foreign.id))
    with pytest.raises(Forbidden):
        use_cases.sign_report(program, StationId(here.garage.id), remarks="by a machine")


def test_either_side_ends_it_before(here: Scene) -> None:
    use_cases.accept_assignment(here.installer, here.invite(here.garage))
    given = AssignmentId(queries.own_assignments(here.installer, here.company.id)[0].assignment.id)
    for _twice in range(2):
        use_cases.end_assignment(here.alice, given)
    assert (here.state(), here.sees()) == (AssignmentState.ENDED, [])
    again = here.invite(here.garage)
    use_cases.accept_assignment(here.installer, again)
    use_cases.decline_assignment(here.installer, again)
    assert (here.state(), here.sees()) == (AssignmentState.ENDED, [])
    use_cases.decline_assignment(here.installer, here.invite(here.yard))
    assert here.state() is AssignmentState.DECLINED


def test_stations_of_two_properties_are_two_accesses(here: Scene, everybody: People) -> None:
    chosen = [StationId(here.garage.id), StationId(here.other.id)]
    terms = {"station_ids": chosen, "ends_at": clock.now() + DAYS}
    made = use_cases.invite_partner(here.alice, everybody.master.id, here.partner_id, **terms)  # type: ignore[arg-type]
    assert {one.account_id for one in made} == {everybody.home.id, everybody.next_door.id}
    for one in made:
        use_cases.accept_assignment(here.installer, AssignmentId(one.id))
    assert here.sees() == ["Nebenan", "Garage"]


def test_an_invitation_is_judged(here: Scene, everybody: People) -> None:
    def refused(**changed: object) -> AppError:
        terms = {"station_ids": [StationId(here.garage.id)], "ends_at": clock.now() + DAYS} | changed
        with pytest.raises(AppError) as told:
            use_cases.invite_partner(here.alice, here.home, here.partner_id, **terms)  # type: ignore[arg-type]
        return told.value

    assert refused(station_ids=[]).details == {"station_ids": "required"}
    assert refused(station_ids=[StationId(here.other.id)]).details == {"station_ids": "unknown"}
    assert refused(ends_at=clock.now() + timedelta(days=400)).details == {"ends_at": "required_for_installers"}
    with pytest.raises(Forbidden):
        use_cases.invite_partner(everybody.bob, here.home, here.partner_id, station_ids=[], ends_at=clock.now() + DAYS)
    with clock.moved_to(clock.now() + timedelta(days=366)), pytest.raises(NotTrained):
        here.invite(here.garage)
    assert queries.assignments(here.alice, here.home) == []


def charge(made: MadeStation, *, wh: int = 4_000) -> None:
    """The charger comes, starts, says its states and charges for an hour."""
    talk = Talk(made.station)
    talk.call("BootNotification", {"chargePointVendor": "Muster", "chargePointModel": "Wallbox 11"})
    state = {"connectorId": 1, "errorCode": "NoError", "status": "Available", "timestamp": iso(clock.now())}
    talk.call("StatusNotification", state)
    number = talk.start(tag="04AA", wh=1_000, at=iso(ago(hours=1)))
    talk.stop(number, wh=1_000 + wh, at=iso(clock.now()))


def test_a_report_is_signed_for_good(here: Scene) -> None:
    use_cases.accept_assignment(here.installer, here.invite(here.garage))
    station_id = StationId(here.garage.id)
    fresh = queries.commissioning(here.installer, station_id)
    assert {one.state for one in fresh.checks} == {CheckState.OPEN}
    with pytest.raises(Invalid):
        use_cases.sign_report(here.installer, station_id)
    charge(here.garage)
    found = queries.commissioning(here.installer, station_id)
    passed = {one.check for one in found.checks if one.state is CheckState.PASSED}
    assert passed >= {Check.BOOT, Check.STATUS, Check.TEST_CHARGE, Check.METER}
    report = use_cases.sign_report(here.installer, station_id, remarks="Breaker 3.")
    assert report.snapshot["station"]["vendor"] == "Muster"
    update_station(here.alice, station_id, name="Renamed")
    kept = queries.report(here.alice, ReportId(report.id))
    assert (kept.snapshot["station"]["name"], kept.intact) == ("Garage", True)
    content = documents.report_pdf(here.alice, ReportId(report.id), language="de").content
    assert content.startswith(b"%PDF")
    with pytest.raises(Conflict, match="no_partner_here"):
        use_cases.sign_report(here.alice, station_id, remarks="mine")
    with clock.moved_to(clock.now() + DAYS + timedelta(minutes=1)):
        assert queries.report(here.installer, ReportId(report.id)).id == report.id, "his own work"
        assert [one.id for one in queries.own_reports(here.installer, here.company.id)] == [report.id]
    with db.transaction(writing=True) as unit:
        row = unit.session.get_one(CommissioningReport, report.id)
        row.snapshot = {**row.snapshot, "remarks": "none"}
    assert not queries.report(here.alice, ReportId(report.id)).intact


def test_a_stranger_sees_no_report(here: Scene, everybody: People) -> None:
    use_cases.accept_assignment(here.installer, here.invite(here.garage))
    report = use_cases.sign_report(here.installer, StationId(here.garage.id), remarks="no power yet")
    assert not report.passed
    with pytest.raises(NotFound):
        queries.report(everybody.charlie, ReportId(report.id))
