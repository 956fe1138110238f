"""Commands to chargers, from the wish to the answer."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.access import ANYONE, SYSTEM
from kit import bus, clock
from kit.audit import AuditLine
from kit.errors import Forbidden, Invalid, NotFound
from kit.events import OutboxRow
from stations.jobs import end_overdue_commands, note_silences
from stations.models import Station, StationCommand
from stations.passwords import hash_password
from stations.queries import command, pending_commands
from stations.use_cases import finish_command, mark_command_sent, request_command, take_over_password
from stations.values import Action, CommandId, CommandState
from tests import scene

pytestmark = pytest.mark.usefixtures("database", "program")

RESET = {"type": "Soft"}


@pytest.fixture
def notes() -> Any:
    heard: list[tuple[str, bytes]] = []
    listener = lambda topic, data: heard.append((topic, data))  # noqa: E731
    bus.current().listen(listener)
    yield heard
    bus.current().unlisten(listener)


def state_of(row: StationCommand) -> CommandState:
    state: CommandState = scene.row(StationCommand, row.id).state
    return state


def finished() -> list[dict[str, Any]]:
    return [row.payload for row in scene.rows(OutboxRow, OutboxRow.kind == "CommandFinished")]


def test_a_command_waits_for_the_gateway_and_tells_it_after_the_commit(notes: list[tuple[str, bytes]]) -> None:
    people = scene.people()
    station = scene.station(property=people.property)
    notes.clear()
    asked = request_command(people.bob, station.id, Action.RESET, RESET)
    assert ("command", station.id.hex.encode()) in notes
    assert (f"station:{station.id}", b"") in notes
    (pending,) = pending_commands(SYSTEM, station.id)
    assert (pending.id, pending.action, pending.payload) == (asked.id, Action.RESET, {"type": "Soft"})
    assert asked.requested_by == people.bob.reference
    assert asked.expires_at - asked.requested_at == timedelta(minutes=2)


def test_only_who_commands_stations_may_ask() -> None:
    people = scene.people()
    station = scene.station(property=people.property)
    for actor, refusal in ((people.charlie, NotFound), (people.vera, Forbidden), (ANYONE, NotFound)):
        with pytest.raises(refusal):
            request_command(actor, station.id, Action.RESET, RESET)
    assert scene.rows(StationCommand) == []


def test_start_and_stop_have_doors_of_their_own() -> None:
    people = scene.people()
    station = scene.station(property=people.property)
    with pytest.raises(Forbidden):
        request_command(people.alice, station.id, Action.REMOTE_START, {"connectorId": 1, "idTag": "AB"})
    assert scene.rows(StationCommand) == []


@pytest.mark.parametrize(
    ("action", "payload", "fields"),
    [
        (Action.RESET, {}, {"type": "required"}),
        (Action.RESET, {"type": "soft"}, {"type": "unknown"}),
        (Action.UNLOCK, {"connectorId": 0}, {"connectorId": "out_of_range"}),
        (Action.UNLOCK, {"connectorId": "1"}, {"connectorId": "not_whole"}),
        (Action.CHANGE_AVAILABILITY, {"connectorId": 0, "type": "Off"}, {"type": "unknown"}),
        (Action.CHANGE_CONFIGURATION, {"key": " ", "value": "1"}, {"key": "required"}),
        (Action.CHANGE_CONFIGURATION, {"key": "k" * 51, "value": "1"}, {"key": "too_long"}),
        (Action.CHANGE_CONFIGURATION, {"key": "AuthorizationKey", "value": "short"}, {"value": "too_short"}),
        (Action.TRIGGER_MESSAGE, {"requestedMessage": "Weather"}, {"requestedMessage": "unknown"}),
        (Action.CLEAR_CACHE, {"all": True}, {"all": "no_such_field"}),
        (Action.DATA_TRANSFER, {}, {"vendorId": "required"}),
    ],
)
def test_a_message_that_can_not_be_sent_is_refused_by_field(
    action: Action, payload: dict[str, Any], fields: dict[str, str]
) -> None:
    station = scene.station()
    with pytest.raises(Invalid) as refusal:
        request_command(SYSTEM, station.id, action, payload)
    assert refusal.value.fields == fields
    assert scene.rows(StationCommand) == []


@pytest.mark.parametrize(
    ("action", "payload"),
    [
        (Action.CHANGE_AVAILABILITY, {"connectorId": 0, "type": "Inoperative"}),
        (Action.GET_CONFIGURATION, {}),
        (Action.GET_CONFIGURATION, {"key": ["MeterValueSampleInterval"]}),
        (Action.CHANGE_CONFIGURATION, {"key": "MeterValueSampleInterval", "value": ""}),
        (Action.TRIGGER_MESSAGE, {"requestedMessage": "StatusNotification", "connectorId": 1}),
        (Action.TRIGGER_MESSAGE, {"requestedMessage": "Heartbeat"}),
        (Action.CLEAR_CACHE, {}),
        (Action.DATA_TRANSFER, {"vendorId": "example", "data": "x"}),
        (Action.REMOTE_STOP, {"transactionId": 7}),
    ],
)
def test_every_message_is_stored_as_it_will_be_sent(action: Action, payload: dict[str, Any]) -> None:
    station = scene.station()
    request_command(SYSTEM, station.id, action, payload)
    assert pending_commands(SYSTEM, station.id)[0].payload == payload


def test_a_command_is_sent_once_and_its_first_answer_stands() -> None:
    station = scene.station()
    asked = request_command(SYSTEM, station.id, Action.RESET, RESET)
    assert mark_command_sent(SYSTEM, CommandId(asked.id))
    assert not mark_command_sent(SYSTEM, CommandId(asked.id))
    assert pending_commands(SYSTEM, station.id) == []
    finish_command(SYSTEM, CommandId(asked.id), CommandState.ACCEPTED, answer={"status": "Accepted"})
    finish_command(SYSTEM, CommandId(asked.id), CommandState.REFUSED, answer={"status": "Rejected"})
    done = scene.row(StationCommand, asked.id)
    assert (done.state, done.answer) == (CommandState.ACCEPTED, {"status": "Accepted"})
    assert done.answered_at is not None
    assert finished() == [
        {
            "command_id": str(asked.id),
            "station_id": str(station.id),
            "action": "Reset",
            "state": "accepted",
            "unchecked": False,
        }
    ]


def test_a_late_answer_replaces_a_missing_one() -> None:
    station = scene.station()
    asked = request_command(SYSTEM, station.id, Action.RESET, RESET)
    mark_command_sent(SYSTEM, CommandId(asked.id))
    finish_command(SYSTEM, CommandId(asked.id), CommandState.TIMED_OUT)
    assert scene.row(StationCommand, asked.id).answered_at is None
    finish_command(SYSTEM, CommandId(asked.id), CommandState.REFUSED, answer={"status": "Rejected"})
    assert state_of(asked) is CommandState.REFUSED
    assert [payload["state"] for payload in finished()] == ["timed_out", "refused"]


def test_what_is_never_sent_or_answered_ends_by_the_clock() -> None:
    station = scene.station()
    unsent = request_command(SYSTEM, station.id, Action.RESET, RESET)
    sent = request_command(SYSTEM, station.id, Action.CLEAR_CACHE, {}, expires_in=timedelta(hours=1))
    mark_command_sent(SYSTEM, CommandId(sent.id))
    end_overdue_commands()
    assert (state_of(unsent), state_of(sent)) == (CommandState.PENDING, CommandState.SENT)
    with clock.moved_to(clock.now() + timedelta(minutes=2, seconds=1)):
        assert pending_commands(SYSTEM, station.id) == []
        end_overdue_commands()
        end_overdue_commands()
    assert (state_of(unsent), state_of(sent)) == (CommandState.EXPIRED, CommandState.TIMED_OUT)
    assert len(finished()) == 2


def test_what_expired_while_the_writer_was_held_up_is_not_sent() -> None:
    station = scene.station()
    asked = request_command(SYSTEM, station.id, Action.RESET, RESET)
    with clock.moved_to(clock.now() + timedelta(minutes=2, seconds=1)):
        assert not mark_command_sent(SYSTEM, CommandId(asked.id))
    assert (state_of(asked), scene.row(StationCommand, asked.id).tries) == (CommandState.EXPIRED, 0)
    assert [payload["state"] for payload in finished()] == ["expired"]


def test_a_new_password_counts_beside_the_old_one_until_the_charger_refuses_it_or_comes_with_it() -> None:
    people = scene.people()
    station = scene.station(property=people.property)
    old, secret = scene.row(Station, station.id).password_hash, "0123456789ABCDEF0123"
    payload = {"key": "AuthorizationKey", "value": secret}

    def hashes() -> tuple[str, str | None]:
        row = scene.row(Station, station.id)
        return row.password_hash, row.next_password_hash

    refused = CommandId(request_command(people.bob, station.id, Action.CHANGE_CONFIGURATION, payload).id)
    assert hashes() == (old, None)
    mark_command_sent(SYSTEM, refused)
    assert hashes() == (old, hash_password(secret.encode()))
    finish_command(SYSTEM, refused, CommandState.TIMED_OUT)
    assert hashes() == (old, hash_password(secret.encode()))
    finish_command(SYSTEM, refused, CommandState.REFUSED, answer={"status": "Rejected"})
    assert hashes() == (old, None)
    taken = CommandId(request_command(people.bob, station.id, Action.CHANGE_CONFIGURATION, payload).id)
    mark_command_sent(SYSTEM, taken)
    finish_command(SYSTEM, taken, CommandState.ACCEPTED, answer={"status": "Accepted"})
    assert hashes() == (old, hash_password(secret.encode()))
    take_over_password(SYSTEM, station.id, hash_password(b"another"))
    assert hashes() == (old, hash_password(secret.encode()))
    take_over_password(SYSTEM, station.id, hash_password(secret.encode()))
    assert hashes() == (hash_password(secret.encode()), None)
    assert secret not in str([line.arguments for line in scene.rows(AuditLine)])


def test_a_password_that_a_charger_tells_is_not_kept() -> None:
    people = scene.people()
    station = scene.station(property=people.property)
    asked = request_command(people.bob, station.id, Action.GET_CONFIGURATION, {"key": []})
    told = [
        {"key": "authorizationKey", "readonly": False, "value": "0123456789ABCDEF0123"},
        {"key": "HeartbeatInterval", "readonly": False, "value": "300"},
    ]
    finish_command(SYSTEM, CommandId(asked.id), CommandState.ACCEPTED, answer={"configurationKey": told})
    kept = scene.row(StationCommand, asked.id).answer["configurationKey"]
    assert [each["value"] for each in kept] == ["***", "300"]


def test_what_a_charger_says_in_texts_is_kept_without_its_secrets() -> None:
    asked = request_command(SYSTEM, scene.station().id, Action.DATA_TRANSFER, {"vendorId": "x"})
    answer = {"status": "Accepted", "data": '{"password":"geheim"}'}
    finish_command(SYSTEM, CommandId(asked.id), CommandState.FAILED, answer=answer, error="GenericError: pwd=geheim")
    kept = scene.row(StationCommand, asked.id)
    assert (kept.answer["data"], kept.error) == ('{"password":"***"}', "GenericError: pwd=***")


def test_a_command_is_seen_by_those_who_see_the_station() -> None:
    people = scene.people()
    station = scene.station(property=people.property)
    asked = request_command(people.bob, station.id, Action.RESET, RESET)
    assert command(people.vera, CommandId(asked.id)).id == asked.id
    with pytest.raises(NotFound):
        command(people.charlie, CommandId(asked.id))
    with pytest.raises(Forbidden):
        pending_commands(people.alice, station.id)


def test_open_pages_hear_when_a_station_falls_silent(notes: list[tuple[str, bytes]]) -> None:
    station, other = scene.station(), scene.station()
    scene.silent(station, timedelta(minutes=15, seconds=20))
    scene.silent(other, timedelta(minutes=40))
    notes.clear()
    note_silences()
    assert notes == [(f"station:{station.id}", b""), (f"account:{station.account_id}", b"")]
