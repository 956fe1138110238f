"""Messages that somebody sends by hand, starts and stops among them: whose session it is, and drivers left in peace."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from accounts.access import SYSTEM, Actor
from accounts.queries import names_of
from accounts.values import AccountId
from charging.models import ChargingProfile, ChargingSession, HandStart
from charging.queries import session_page, sessions_of_commands
from charging.reactions import REACTIONS
from charging.use_cases import add_tag, block_tag, request_start, send_by_hand
from charging.values import ProfileState, SessionId, SessionKind, TagId
from kit import clock, worker
from kit.errors import Conflict, Forbidden, Invalid, NotFound
from stations.models import Station, StationCommand
from stations.use_cases import finish_command, mark_command_sent
from stations.values import Action, CommandId, CommandState, ConnectorId, NewConnector, StationId
from tests import scene
from tests.scene import People
from tests.talk import Talk

pytestmark = pytest.mark.usefixtures("database", "program")
PROFILE = {
    "chargingProfileId": 7,
    "stackLevel": 0,
    "chargingProfilePurpose": "TxProfile",
    "chargingProfileKind": "Relative",
    "chargingSchedule": {"chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 10}]},
}


@pytest.fixture(autouse=True)
def reactions(database: str) -> Iterator[None]:
    """What the room does with what happens."""
    worker.bind([REACTIONS], [])
    yield
    worker.bind([], [])


@pytest.fixture
def people(database: str, program: object) -> People:
    """Alice, Bob, Charlie, Vera."""
    return scene.people()


@pytest.fixture
def station(people: People) -> Station:
    """A station with two plugs of Bob's property."""
    return scene.station(property=people.property, connectors=[NewConnector()] * 2)


def start(actor: Actor, station: Station, tag: str = "MINE", connector: Any = 1, **more: Any) -> StationCommand:
    """A remote start by hand."""
    payload = {"idTag": tag, "connectorId": connector, **more}
    return send_by_hand(actor, StationId(station.id), Action.REMOTE_START, payload)


def answered(command: StationCommand, state: CommandState) -> None:
    """The charger answers, and the rooms hear of it."""
    mark_command_sent(SYSTEM, CommandId(command.id))
    status = "Accepted" if state is CommandState.ACCEPTED else "Rejected"
    finish_command(SYSTEM, CommandId(command.id), state, answer={"status": status})
    worker.drain()


def session(station: Station) -> ChargingSession:
    """The newest session."""
    found: ChargingSession = scene.rows(ChargingSession, ChargingSession.station_id == station.id)[-1]
    return found


def test_a_session_with_a_chosen_tag_is_his_who_started_it(people: People, station: Station) -> None:
    command = start(people.bob, station)
    answered(command, CommandState.ACCEPTED)
    talk = Talk(station)
    assert talk.call("Authorize", {"idTag": "mine"})["idTagInfo"]["status"] == "Accepted"
    begun = talk.start(tag="mine")
    assert begun["idTagInfo"]["status"] == "Accepted"
    worker.drain()
    row = session(station)
    assert (row.kind, row.authorisation_id) == (SessionKind.OPERATOR, None)
    assert sessions_of_commands(people.bob, [command.id]) == {command.id: row.id}
    page = session_page(people.vera, SessionId(row.id))
    assert page.started_by == people.bob.reference
    assert set(names_of(people.vera, [people.bob.reference, "system", "user:x"])) <= {people.bob.reference}
    with clock.moved_to(clock.now() + timedelta(hours=1)):
        assert talk.call("Authorize", {"idTag": "mine"})["idTagInfo"]["status"] == "Accepted"
        talk.stop(begun["transactionId"], wh=2000)
        assert talk.call("Authorize", {"idTag": "mine"})["idTagInfo"]["status"] == "Invalid"


def test_the_tag_that_ends_the_session_may_do_no_more(people: People, station: Station) -> None:
    start(people.bob, station)
    talk = Talk(station)
    transaction = talk.start(tag="mine")["transactionId"]
    worker.drain()
    assert talk.stop(transaction, wh=2000, idTag="mine")["idTagInfo"]["status"] == "Invalid"


def test_a_tag_of_the_account_starts_his_session_too(people: People, station: Station) -> None:
    add_tag(people.alice, AccountId(station.account_id), "04AA")
    start(people.bob, station, "04aa", connector=None)
    Talk(station).start(tag="04AA", connector=2)
    worker.drain()
    assert session(station).kind is SessionKind.OPERATOR
    Talk(station).start(tag="04AA", connector=1, wh=5)
    worker.drain()
    assert sorted(one.kind.value for one in scene.rows(ChargingSession)) == ["operator", "tag"]


def test_a_blocked_tag_stays_blocked(people: People, station: Station) -> None:
    tag = add_tag(people.alice, AccountId(station.account_id), "04AA")
    block_tag(people.alice, TagId(tag.id))
    start(people.bob, station, "04AA")
    assert Talk(station).start(tag="04AA")["idTagInfo"]["status"] == "Blocked"


def test_after_a_no_or_too_late_the_tag_starts_nothing(people: People, station: Station) -> None:
    answered(start(people.bob, station, "ONE"), CommandState.REFUSED)
    start(people.bob, station, "TWO")
    talk = Talk(station)
    assert talk.call("Authorize", {"idTag": "ONE"})["idTagInfo"]["status"] == "Invalid"
    assert talk.call("Authorize", {"idTag": "TWO"})["idTagInfo"]["status"] == "Accepted"
    with clock.moved_to(clock.now() + timedelta(minutes=7, seconds=1)):
        assert talk.call("Authorize", {"idTag": "TWO"})["idTagInfo"]["status"] == "Invalid"
    other = scene.station(property=people.property)
    assert Talk(other).call("Authorize", {"idTag": "TWO"})["idTagInfo"]["status"] == "Invalid"


def test_only_who_controls_sessions_starts_and_stops(people: People, station: Station) -> None:
    for actor, refusal in ((people.charlie, NotFound), (people.vera, Forbidden)):
        for action, payload in ((Action.REMOTE_START, {"idTag": "A"}), (Action.REMOTE_STOP, {"transactionId": 1})):
            with pytest.raises(refusal):
                send_by_hand(actor, StationId(station.id), action, payload)
        with pytest.raises(refusal):
            send_by_hand(actor, StationId(station.id), Action.CLEAR_CACHE, {})
    assert scene.rows(StationCommand) == scene.rows(HandStart) == []


def test_a_paying_driver_is_left_in_peace_unless_one_insists(people: People, station: Station) -> None:
    plug = scene.connector(station)
    permission = request_start(SYSTEM, ConnectorId(plug.id), kind=SessionKind.PAID)
    for tag, connector in (("MINE", 1), (permission.id_tag.lower(), 2)):
        with pytest.raises(Conflict, match="driver_there"):
            start(people.bob, station, tag, connector)
    talk = Talk(station)
    transaction = talk.start(tag=permission.id_tag)["transactionId"]
    worker.drain()
    with pytest.raises(Conflict, match="driver_there"):
        start(people.bob, station)
    stop = {"transactionId": transaction}
    with pytest.raises(Conflict, match="driver_there"):
        send_by_hand(people.bob, StationId(station.id), Action.REMOTE_STOP, stop)
    made = send_by_hand(people.bob, StationId(station.id), Action.REMOTE_STOP, stop, despite_driver=True)
    assert (made.payload, made.requested_by) == (stop, people.bob.reference)
    other = send_by_hand(people.bob, StationId(station.id), Action.REMOTE_STOP, {"transactionId": transaction + 1})
    assert other.state is CommandState.PENDING
    start(people.bob, station, "MINE", connector=2)


def test_a_profile_goes_along_and_is_known_when_taken(people: People, station: Station) -> None:
    for change, code in (
        ({"transactionId": 3}, {"chargingProfile.transactionId": "not_at_start"}),
        (
            {"chargingProfilePurpose": "TxDefaultProfile"},
            {"chargingProfile.chargingProfilePurpose": "session_only"},
        ),
        ({"stackLevel": -1}, {"chargingProfile.stackLevel": "out_of_range"}),
    ):
        with pytest.raises(Invalid) as refused:
            start(people.bob, station, chargingProfile={**PROFILE, **change})
        assert refused.value.fields == code
    command = start(people.bob, station, chargingProfile=PROFILE)
    answered(command, CommandState.ACCEPTED)
    (profile,) = scene.rows(ChargingProfile)
    assert (profile.command_id, profile.state, profile.profile_number) == (command.id, ProfileState.INSTALLED, 7)


def test_raw_starts_may_be_nonsense(people: People, station: Station) -> None:
    for payload in ({}, {"idTag": 5}, {"idTag": "A", "connectorId": True}, {"idTag": "B" * 30, "connectorId": 1e9}):
        send_by_hand(people.bob, StationId(station.id), Action.REMOTE_START, payload, unchecked=True)
    send_by_hand(people.bob, StationId(station.id), Action.REMOTE_STOP, {"transactionId": "x"}, unchecked=True)
    for command in scene.rows(StationCommand):
        answered(command, CommandState.REFUSED)
    assert [(row.id_tag, row.connector_number) for row in scene.rows(HandStart)] == [("A", None), ("B" * 30, None)]


def test_one_wish_twice_by_its_key_is_one_start(people: People, station: Station) -> None:
    for _ in range(2):
        payload = {"idTag": "A", "connectorId": 1}
        send_by_hand(people.bob, StationId(station.id), Action.REMOTE_START, payload, request_key="k")
    assert len(scene.rows(StationCommand)) == len(scene.rows(HandStart)) == 1
