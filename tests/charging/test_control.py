"""Starting and stopping from afar, permissions that lapse, sessions that chargers forget."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.access import ANYONE, SYSTEM
from charging.events import SessionStarted
from charging.jobs import JOBS, close_forgotten_sessions, end_lapsed_authorisations
from charging.models import Authorisation, ChargingSession, DoubtfulFact
from charging.reactions import REACTIONS
from charging.use_cases import close_stale_session, fail_authorisation, request_start, request_stop
from charging.values import AuthorisationId, AuthorisationState, Doubt, SessionId, SessionKind, SessionState
from kit import clock, db, worker
from kit.errors import Conflict, Forbidden, NotFound
from kit.events import OutboxRow, record
from stations.jobs import end_overdue_commands
from stations.models import StationCommand
from stations.use_cases import finish_command
from stations.values import Action, CommandId, CommandState, ConnectorStatus
from tests import scene

pytestmark = pytest.mark.usefixtures("database", "program")


@pytest.fixture(autouse=True)
def _work() -> Any:
    worker.bind([REACTIONS], JOBS)
    yield
    worker.bind([], [])


def events(kind: str) -> list[dict[str, Any]]:
    return [row.payload for row in scene.rows(OutboxRow, OutboxRow.kind == kind)]


def after(wait: timedelta) -> Any:
    return clock.moved_to(clock.now() + wait)


def test_a_start_is_a_permission_with_a_tag_and_a_message() -> None:
    people = scene.people()
    station = scene.station(property=people.property)
    connector = scene.connector(station)
    permission = request_start(people.bob, connector.id)
    assert (permission.kind, permission.state) == (SessionKind.OPERATOR, AuthorisationState.WAITING)
    assert permission.expires_at - permission.created_at == timedelta(seconds=90)
    assert len(permission.id_tag) == 20
    int(permission.id_tag, 16)
    (command,) = scene.rows(StationCommand)
    assert (command.action, command.payload) == (
        Action.REMOTE_START,
        {"connectorId": 1, "idTag": permission.id_tag},
    )
    assert (command.id, command.requested_by) == (permission.command_id, people.bob.reference)


def test_only_who_controls_sessions_may_start_and_only_the_program_for_money() -> None:
    people = scene.people()
    connector = scene.connector(scene.station(property=people.property))
    for actor, refusal in ((people.charlie, NotFound), (people.vera, Forbidden), (ANYONE, NotFound)):
        with pytest.raises(refusal):
            request_start(actor, connector.id)
    with pytest.raises(Forbidden):
        request_start(people.alice, connector.id, kind=SessionKind.PAID)
    assert scene.rows(Authorisation) == scene.rows(StationCommand) == []
    assert request_start(SYSTEM, connector.id, kind=SessionKind.PAID).kind is SessionKind.PAID


def test_a_taken_connector_can_not_be_started() -> None:
    station = scene.station()
    connector = scene.connector(station)
    request_start(SYSTEM, connector.id)
    with pytest.raises(Conflict) as refusal:
        request_start(SYSTEM, connector.id)
    assert refusal.value.code == "start_waiting"
    with after(timedelta(seconds=91)):
        request_start(SYSTEM, connector.id)
    busy = scene.connector(scene.station())
    scene.session(connector=busy)
    with pytest.raises(Conflict) as refusal:
        request_start(SYSTEM, busy.id)
    assert refusal.value.code == "occupied"
    assert len(scene.rows(Authorisation)) == 2


def test_the_station_itself_can_not_be_started() -> None:
    station = scene.station()
    with pytest.raises(NotFound):
        request_start(SYSTEM, scene.connector(station, 0).id)


def test_nobody_starts_a_station_that_is_away_but_a_paid_start_waits_a_moment_for_it() -> None:
    people = scene.people()
    connector = scene.connector(scene.station(property=people.property, online=False))
    with pytest.raises(Conflict) as refusal:
        request_start(people.bob, connector.id)
    assert refusal.value.code == "station_offline"
    permission = request_start(SYSTEM, connector.id, kind=SessionKind.PAID)
    with after(timedelta(seconds=11)):
        end_overdue_commands()
        worker.drain()
    failed = scene.row(Authorisation, permission.id)
    assert (failed.state, failed.failure) == (AuthorisationState.FAILED, "offline")
    assert [event["failure"] for event in events("AuthorisationFailed")] == ["offline"]


@pytest.mark.parametrize(
    ("state", "failure"),
    [
        (CommandState.REFUSED, "refused"),
        (CommandState.FAILED, "refused"),
        (CommandState.TIMED_OUT, "no_answer"),
        (CommandState.EXPIRED, "offline"),
        (CommandState.ACCEPTED, None),
    ],
)
def test_a_start_that_the_charger_did_not_take_voids_the_permission(state: CommandState, failure: str | None) -> None:
    permission = request_start(SYSTEM, scene.connector(scene.station()).id, kind=SessionKind.PAID)
    assert permission.command_id is not None
    finish_command(SYSTEM, CommandId(permission.command_id), state)
    worker.drain()
    assert scene.row(Authorisation, permission.id).failure == failure
    assert len(events("AuthorisationFailed")) == (0 if failure is None else 1)


def test_q66_who_does_not_plug_in_loses_the_permission() -> None:
    permission = request_start(SYSTEM, scene.connector(scene.station()).id, kind=SessionKind.PAID)
    with after(timedelta(seconds=89)):
        end_lapsed_authorisations()
    assert scene.row(Authorisation, permission.id).state is AuthorisationState.WAITING
    with after(timedelta(seconds=91)):
        end_lapsed_authorisations()
        end_lapsed_authorisations()
    lapsed = scene.row(Authorisation, permission.id)
    assert (lapsed.state, lapsed.failure) == (AuthorisationState.EXPIRED, "not_plugged_in")
    assert events("AuthorisationFailed") == [
        {
            "authorisation_id": str(permission.id),
            "account_id": str(permission.account_id),
            "failure": "not_plugged_in",
        }
    ]
    assert permission.command_id is not None
    assert scene.row(StationCommand, permission.command_id).state is CommandState.EXPIRED


def test_a_used_permission_can_not_fail_any_more() -> None:
    permission = request_start(SYSTEM, scene.connector(scene.station()).id)
    with db.transaction(writing=True) as unit:
        unit.session.get_one(Authorisation, permission.id).state = AuthorisationState.USED
    assert not fail_authorisation(SYSTEM, AuthorisationId(permission.id), "no_answer")
    assert scene.row(Authorisation, permission.id).state is AuthorisationState.USED
    assert events("AuthorisationFailed") == []
    with pytest.raises(Forbidden):
        fail_authorisation(scene.people().alice, AuthorisationId(permission.id), "no_answer")


def test_a_stop_is_one_message_however_often_it_is_asked_for() -> None:
    people = scene.people()
    session = scene.session(connector=scene.connector(scene.station(property=people.property)))
    first = request_stop(people.bob, SessionId(session.id))
    second = request_stop(SYSTEM, SessionId(session.id))
    assert first.id == second.id
    assert first.payload == {"transactionId": session.transaction_id}
    finish_command(SYSTEM, CommandId(first.id), CommandState.REFUSED)
    assert request_stop(people.bob, SessionId(session.id)).id != first.id
    for actor, refusal in ((people.charlie, NotFound), (people.vera, Forbidden), (ANYONE, NotFound)):
        with pytest.raises(refusal):
            request_stop(actor, SessionId(session.id))
    assert len(scene.rows(StationCommand)) == 2


def test_an_ended_session_can_not_be_stopped() -> None:
    session = scene.session(connector=scene.connector(scene.station()), ended=True)
    with pytest.raises(Conflict) as refusal:
        request_stop(SYSTEM, SessionId(session.id))
    assert refusal.value.code == "session_ended"


def test_a_session_that_starts_on_a_void_permission_is_stopped() -> None:
    connector = scene.connector(scene.station())
    permission = request_start(SYSTEM, connector.id, kind=SessionKind.PAID)
    fail_authorisation(SYSTEM, AuthorisationId(permission.id), "no_answer")
    fresh = scene.session(connector=connector, id_tag=permission.id_tag, kind=SessionKind.UNAUTHORISED)
    with db.transaction(writing=True):
        record(SessionStarted(fresh.id, fresh.account_id, connector.id, None, fresh.started_at))
    worker.drain()
    (stop,) = scene.rows(StationCommand, StationCommand.action == Action.REMOTE_STOP)
    assert stop.payload == {"transactionId": fresh.transaction_id}


def test_a_session_with_a_strange_tag_is_left_alone() -> None:
    connector = scene.connector(scene.station())
    fresh = scene.session(connector=connector, id_tag="04AABBCC", kind=SessionKind.UNAUTHORISED)
    with db.transaction(writing=True):
        record(SessionStarted(fresh.id, fresh.account_id, connector.id, None, fresh.started_at))
    worker.drain()
    assert scene.rows(StationCommand) == []


def test_a_forgotten_session_ends_with_its_last_reading_and_says_that_it_is_estimated() -> None:
    station = scene.station(status=ConnectorStatus.CHARGING)
    session = scene.session(connector=scene.connector(station), energy_wh=7_500)
    assert close_stale_session(SYSTEM, SessionId(session.id))
    assert not close_stale_session(SYSTEM, SessionId(session.id))
    ended = scene.row(ChargingSession, session.id)
    assert (ended.state, ended.estimated, ended.energy_wh) == (SessionState.ENDED, True, 7_500)
    assert (ended.ended_at, ended.meter_stop_wh) == (session.last_at, 8_500)
    (event,) = events("SessionEnded")
    assert (event["session_id"], event["energy_wh"]) == (str(session.id), 7_500)
    (doubt,) = scene.rows(DoubtfulFact)
    assert (doubt.doubt, doubt.session_id) == (Doubt.ESTIMATED, session.id)


def test_a_register_that_ran_backwards_is_no_negative_energy() -> None:
    session = scene.session(connector=scene.connector(scene.station()), meter_start_wh=9_000, last_wh=20)
    close_stale_session(SYSTEM, SessionId(session.id))
    assert scene.row(ChargingSession, session.id).energy_wh == 0


def test_q79_the_job_waits_a_while_after_available_before_it_closes() -> None:
    station = scene.station(status=ConnectorStatus.CHARGING)
    session = scene.session(connector=scene.connector(station))
    with after(timedelta(minutes=1)):
        scene.says(station, ConnectorStatus.AVAILABLE)
        close_forgotten_sessions()
    with after(timedelta(minutes=5, seconds=58)):
        close_forgotten_sessions()
    assert scene.row(ChargingSession, session.id).state is SessionState.ACTIVE
    with after(timedelta(minutes=6, seconds=5)):
        close_forgotten_sessions()
    assert scene.row(ChargingSession, session.id).state is SessionState.ENDED


def test_a_session_that_goes_on_after_all_is_not_closed_later() -> None:
    station = scene.station(status=ConnectorStatus.CHARGING)
    session = scene.session(connector=scene.connector(station))
    scene.says(station, ConnectorStatus.AVAILABLE)
    close_forgotten_sessions()
    scene.says(station, ConnectorStatus.CHARGING)
    close_forgotten_sessions()
    with after(timedelta(minutes=20)):
        scene.says(station, ConnectorStatus.AVAILABLE)
        close_forgotten_sessions()
        assert scene.row(ChargingSession, session.id).state is SessionState.ACTIVE


def test_q53_a_session_that_still_sends_readings_goes_on_whatever_the_status_says() -> None:
    station = scene.station(status=ConnectorStatus.AVAILABLE)
    session = scene.session(connector=scene.connector(station), last_at=clock.now() + timedelta(minutes=10))
    close_forgotten_sessions()
    with after(timedelta(minutes=11)):
        close_forgotten_sessions()
    assert scene.row(ChargingSession, session.id).state is SessionState.ACTIVE


def test_the_older_of_two_open_sessions_at_one_connector_is_closed() -> None:
    station = scene.station(status=ConnectorStatus.CHARGING)
    connector = scene.connector(station)
    old = scene.session(connector=connector)
    new = scene.session(connector=connector, started_at=clock.now() - timedelta(minutes=20))
    close_forgotten_sessions()
    with after(timedelta(minutes=6)):
        close_forgotten_sessions()
    assert scene.row(ChargingSession, old.id).state is SessionState.ENDED
    assert scene.row(ChargingSession, new.id).state is SessionState.ACTIVE
