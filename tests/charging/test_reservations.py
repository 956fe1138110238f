"""Reservations follow what the station says: asked for, in force, refused, used, cancelled, run out."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.access import SYSTEM
from accounts.values import AccountId
from charging.jobs import JOBS, look_after_reservations
from charging.models import Reservation
from charging.queries import open_reservations, reservations
from charging.reactions import REACTIONS
from charging.use_cases import add_tag, cancel_reservation, reserve_connector
from charging.values import ReservationId, ReservationState
from kit import clock, worker
from kit.errors import Conflict, Forbidden, Invalid, NotFound
from stations.models import Station, StationCommand
from stations.use_cases import finish_command, mark_command_sent, request_command
from stations.values import Action, CommandId, CommandState, NewConnector, StationId
from tests import scene
from tests.talk import Talk

pytestmark = pytest.mark.usefixtures("database", "program")
IN_FORCE, REFUSED, USED = ReservationState.IN_FORCE, ReservationState.REFUSED, ReservationState.USED
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _work() -> Any:
    worker.bind([REACTIONS], JOBS)
    yield
    worker.bind([], [])


@pytest.fixture
def station(database: str, program: object) -> Station:
    """A station with two connectors."""
    return scene.station(connectors=[NewConnector()] * 2)


def reserve(station: Station, **facts: Any) -> Reservation:
    given: dict[str, Any] = {"connector_number": 1, "id_tag": "04aa", "expires_at": clock.now() + HOUR} | facts
    return reserve_connector(SYSTEM, StationId(station.id), **given)


def answer(command_id: object, state: CommandState = CommandState.ACCEPTED, status: str | None = "Accepted") -> None:
    mark_command_sent(SYSTEM, CommandId(command_id))  # type: ignore[arg-type]  # an id
    told = None if status is None else {"status": status}
    finish_command(SYSTEM, CommandId(command_id), state, answer=told)  # type: ignore[arg-type]  # an id
    worker.drain()


def now_is(reservation: Reservation) -> Reservation:
    found: Reservation = scene.row(Reservation, reservation.id)
    return found


def test_a_reservation_is_a_message_with_a_number_of_its_own(station: Station) -> None:
    until = datetime.fromisoformat("2099-01-01T12:00:00.5+01:00")
    first, second = reserve(station, expires_at=until), reserve(station, connector_number=0)
    assert (first.reservation_number, second.reservation_number) == (1, 2)
    assert first.state is ReservationState.REQUESTED
    assert scene.row(StationCommand, first.command_id).payload == {
        "connectorId": 1,
        "expiryDate": "2099-01-01T11:00:00Z",
        "idTag": "04AA",
        "reservationId": 1,
    }
    assert scene.row(StationCommand, second.command_id).payload["connectorId"] == 0
    answer(first.command_id)
    assert now_is(first).state is IN_FORCE
    assert [one.id for one in open_reservations(SYSTEM, StationId(station.id))] == [second.id, first.id]


def test_the_group_of_the_tag_goes_along_unless_another_is_named(station: Station) -> None:
    add_tag(SYSTEM, AccountId(station.account_id), "04AA", parent_id_tag="HAUS")
    groups = [reserve(station, parent_id_tag=named).parent_id_tag for named in (None, "other", "")]
    assert groups == ["HAUS", "OTHER", ""]
    payloads = [row.payload.get("parentIdTag") for row in scene.rows(StationCommand)]
    assert sorted(str(one) for one in payloads) == ["HAUS", "None", "OTHER"]


@pytest.mark.parametrize(
    ("facts", "problem"),
    [
        ({"connector_number": 3}, {"connector_number": "unknown"}),
        ({"connector_number": -1}, {"connector_number": "unknown"}),
        ({"id_tag": " "}, {"id_tag": "required"}),
        ({"id_tag": "x" * 21}, {"id_tag": "too_long"}),
        ({"parent_id_tag": "x" * 21}, {"parent_id_tag": "too_long"}),
        ({"expires_at": datetime(2099, 1, 1)}, {"expires_at": "without_zone"}),  # noqa: DTZ001  # that is the point
        ({"expires_at": datetime.fromisoformat("2020-01-01T00:00:00Z")}, {"expires_at": "in_the_past"}),
    ],
)
def test_what_can_not_be_reserved_is_refused_at_its_field(
    station: Station, facts: dict[str, Any], problem: dict[str, str]
) -> None:
    with pytest.raises(Invalid) as refusal:
        reserve(station, **facts)
    assert refusal.value.fields == problem
    assert scene.rows(Reservation) == scene.rows(StationCommand) == []


@pytest.mark.parametrize(
    ("case", "status"),
    [("tc_048_1", "Faulted"), ("tc_048_2", "Occupied"), ("tc_048_3", "Unavailable"), ("tc_048_4", "Rejected")],
)
def test_a_refusal_is_kept_with_the_word_of_the_station(station: Station, case: str, status: str) -> None:
    reservation = reserve(station)
    answer(reservation.command_id, CommandState.REFUSED, status)
    assert (now_is(reservation).state, now_is(reservation).reason) == (REFUSED, status), case
    assert open_reservations(SYSTEM, StationId(station.id)) == []


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (CommandState.FAILED, "error"),
        (CommandState.TIMED_OUT, "no_answer"),
        (CommandState.EXPIRED, "offline"),
    ],
)
def test_without_a_yes_there_is_no_reservation_but_a_late_yes_counts(
    station: Station, state: CommandState, reason: str
) -> None:
    reservation = reserve(station)
    answer(reservation.command_id, state, None)
    assert (now_is(reservation).state, now_is(reservation).reason) == (REFUSED, reason)
    if state is not CommandState.FAILED:
        answer(reservation.command_id)
        assert (now_is(reservation).state, now_is(reservation).reason) == (IN_FORCE, "")


def test_tc_046_a_session_that_names_the_reservation_uses_it(station: Station) -> None:
    reservation = reserve(station)
    answer(reservation.command_id)
    charger = Talk(station)
    charger.status("Reserved")
    charger.start(tag="04AA", reservationId=reservation.reservation_number)
    worker.drain()
    used = now_is(reservation)
    assert (used.state, used.ended_at is not None) == (USED, True)
    assert used.session_id is not None
    assert scene.rows(Reservation, Reservation.session_id.is_not(None)) != []


def test_tc_047_a_reservation_runs_out_by_the_clock(station: Station) -> None:
    reservation, refused = reserve(station), reserve(station)
    answer(reservation.command_id)
    answer(refused.command_id, CommandState.REFUSED, "Occupied")
    with clock.moved_to(clock.now() + HOUR - timedelta(seconds=2)):
        look_after_reservations()
    assert now_is(reservation).state is IN_FORCE
    with clock.moved_to(clock.now() + HOUR):
        look_after_reservations()
        look_after_reservations()
    assert now_is(reservation).state is ReservationState.EXPIRED
    assert now_is(refused).state is REFUSED


def test_a_start_that_comes_in_after_the_end_still_used_it(station: Station) -> None:
    reservation = reserve(station)
    answer(reservation.command_id)
    with clock.moved_to(clock.now() + HOUR):
        look_after_reservations()
        Talk(station).start(tag="04AA", reservationId=reservation.reservation_number)
        worker.drain()
    assert now_is(reservation).state is USED


def test_tc_049_the_whole_station_is_reserved_and_used_at_one_connector(station: Station) -> None:
    reservation = reserve(station, connector_number=0)
    answer(reservation.command_id)
    Talk(station).start(tag="04AA", connector=2, reservationId=reservation.reservation_number)
    worker.drain()
    assert now_is(reservation).state is USED


def test_tc_051_a_reservation_is_cancelled_when_the_station_agrees(station: Station) -> None:
    reservation = reserve(station)
    answer(reservation.command_id)
    asked = cancel_reservation(SYSTEM, ReservationId(reservation.id))
    assert asked.state is IN_FORCE
    assert cancel_reservation(SYSTEM, ReservationId(reservation.id)).cancel_command_id == asked.cancel_command_id
    (cancelling,) = scene.rows(StationCommand, StationCommand.action == Action.CANCEL_RESERVATION)
    assert cancelling.id == asked.cancel_command_id
    assert cancelling.payload == {"reservationId": reservation.reservation_number}
    answer(asked.cancel_command_id)
    assert now_is(reservation).state is ReservationState.CANCELLED
    with pytest.raises(Conflict) as refusal:
        cancel_reservation(SYSTEM, ReservationId(reservation.id))
    assert refusal.value.code == "reservation_over"


@pytest.mark.parametrize(
    ("state", "reason"),
    [(CommandState.REFUSED, "cancel_refused"), (CommandState.TIMED_OUT, "cancel_unanswered")],
)
def test_tc_052_a_cancelling_that_is_refused_changes_nothing(
    station: Station, state: CommandState, reason: str
) -> None:
    reservation = reserve(station)
    answer(reservation.command_id)
    first = cancel_reservation(SYSTEM, ReservationId(reservation.id)).cancel_command_id
    answer(first, state, "Rejected")
    assert (now_is(reservation).state, now_is(reservation).reason) == (IN_FORCE, reason)
    again = cancel_reservation(SYSTEM, ReservationId(reservation.id))
    assert (again.cancel_command_id != first, again.reason) == (True, "")


def test_what_was_not_sent_yet_is_cancelled_at_once_and_never_sent(station: Station) -> None:
    reservation = reserve(station)
    assert cancel_reservation(SYSTEM, ReservationId(reservation.id)).state is ReservationState.CANCELLED
    worker.drain()
    (command,) = scene.rows(StationCommand)
    assert (command.action, command.state) == (Action.RESERVE_NOW, CommandState.EXPIRED)
    assert now_is(reservation).state is ReservationState.CANCELLED


def test_tc_053_a_tag_of_the_same_group_uses_the_reservation(station: Station) -> None:
    account = AccountId(station.account_id)
    for number in ("04AA", "04BB"):
        add_tag(SYSTEM, account, number, parent_id_tag="HAUS")
    named, unnamed = reserve(station), reserve(station, connector_number=2)
    assert scene.row(StationCommand, named.command_id).payload["parentIdTag"] == "HAUS"
    answer(named.command_id)
    answer(unnamed.command_id)
    charger = Talk(station)
    assert charger.call("Authorize", {"idTag": "04bb"})["idTagInfo"]["parentIdTag"] == "HAUS"
    charger.start(tag="04BB", reservationId=named.reservation_number)
    charger.start(tag="04BB", connector=2)  # this charger does not say what it used
    worker.drain()
    assert (now_is(named).state, now_is(unnamed).state) == (USED, IN_FORCE)
    look_after_reservations()
    assert now_is(unnamed).state is USED
    assert now_is(unnamed).session_id != now_is(named).session_id


def test_a_session_by_somebody_else_or_elsewhere_uses_nothing(station: Station) -> None:
    reservation = reserve(station)
    answer(reservation.command_id)
    charger = Talk(station)
    charger.start(tag="04CC", reservationId=0)
    charger.start(tag="04AA", connector=2)
    worker.drain()
    look_after_reservations()
    assert now_is(reservation).state is IN_FORCE


def test_a_message_that_was_written_by_hand_becomes_a_reservation_too(station: Station) -> None:
    payload = {"connectorId": 1, "expiryDate": "2099-01-01T00:00:00Z", "idTag": "hand", "reservationId": 77}
    for status, state in (("Occupied", CommandState.REFUSED), ("Accepted", CommandState.ACCEPTED)):
        answer(request_command(SYSTEM, StationId(station.id), Action.RESERVE_NOW, payload).id, state, status)
        (made,) = scene.rows(Reservation)
        assert (made.reservation_number, made.id_tag) == (77, "HAND")
        assert (made.state, made.reason) == ((IN_FORCE, "") if status == "Accepted" else (REFUSED, "Occupied"))
    cancelling = request_command(SYSTEM, StationId(station.id), Action.CANCEL_RESERVATION, {"reservationId": 77})
    answer(cancelling.id)
    assert scene.rows(Reservation)[0].state is ReservationState.CANCELLED


def test_only_who_may_send_commands_reserves_and_cancels() -> None:
    people = scene.people()
    station = scene.station(property=people.property)
    reservation = reserve(station)
    for actor, refused in ((people.charlie, NotFound), (people.vera, Forbidden)):
        with pytest.raises(refused):
            reserve_connector(
                actor, StationId(station.id), connector_number=1, id_tag="X", expires_at=clock.now() + HOUR
            )
        with pytest.raises(refused):
            cancel_reservation(actor, ReservationId(reservation.id))
    assert reservations(people.charlie) == []
    assert [row.reservation.id for row in reservations(people.vera)] == [reservation.id]
    assert len(scene.rows(StationCommand)) == 1
