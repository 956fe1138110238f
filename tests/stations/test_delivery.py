"""How a command is delivered: how often, how long it waits, who takes it back; and stations that want quiet."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.access import SYSTEM
from accounts.models import Account
from accounts.rights import Role
from accounts.values import AccountId
from charging.jobs import ask_silent_meters
from charging.models import LocalList
from charging.reactions import REACTIONS
from charging.use_cases import add_tag, keep_local_list, refresh_local_list, request_start, update_local_list
from charging.values import AuthorisationState, SessionKind
from kit import clock, db, worker
from kit.errors import Conflict, Forbidden, Invalid, NotFound
from kit.events import OutboxRow
from stations.models import Station, StationCommand
from stations.queries import pending_commands, wants_quiet
from stations.use_cases import (
    ask_how_it_is,
    cancel_command,
    finish_command,
    keep_quiet,
    lose_command,
    mark_command_sent,
    recover_commands,
    request_command,
    send_due_password,
    set_quirks,
    withhold_command,
)
from stations.values import Action, CommandId, CommandState, ConnectorId, StationId
from tests import scene
from tests.talk import Talk, ago, iso

pytestmark = pytest.mark.usefixtures("database", "program")


def sent(station: Station, action: Action, payload: dict[str, Any] | None = None, **how: Any) -> CommandId:
    """A command that was sent once."""
    made = CommandId(request_command(SYSTEM, StationId(station.id), action, payload or {}, **how).id)
    assert mark_command_sent(SYSTEM, made)
    return made


def row(command_id: CommandId) -> StationCommand:
    """The command as it stands."""
    found: StationCommand = scene.row(StationCommand, command_id)
    return found


@pytest.mark.parametrize(
    ("action", "payload", "tries"),
    [
        (Action.CLEAR_CACHE, {}, 3),
        (Action.CHANGE_CONFIGURATION, {"key": "HeartbeatInterval", "value": "60"}, 3),
        (Action.RESET, {"type": "Hard"}, 1),
        (Action.DATA_TRANSFER, {"vendorId": "x"}, 1),
    ],
)
def test_only_what_does_no_harm_twice_is_sent_again(action: Action, payload: dict[str, Any], tries: int) -> None:
    station = scene.station()
    assert request_command(SYSTEM, StationId(station.id), action, payload).tries_allowed == tries


def test_a_lost_command_waits_again_until_its_time_is_up() -> None:
    station = scene.station()
    made = sent(station, Action.CLEAR_CACHE)
    lose_command(SYSTEM, made)
    assert (row(made).state, row(made).tries) == (CommandState.PENDING, 1)
    assert [pending.id for pending in pending_commands(SYSTEM, StationId(station.id))] == [made]
    mark_command_sent(SYSTEM, made)
    with clock.moved_to(clock.now() + timedelta(minutes=3)):
        lose_command(SYSTEM, made)
    assert (row(made).state, row(made).tries, row(made).error) == (CommandState.TIMED_OUT, 2, "connection lost")


def test_what_never_left_counts_as_no_try() -> None:
    made = sent(scene.station(), Action.RESET, {"type": "Soft"})
    lose_command(SYSTEM, made, sent=False)
    assert (row(made).state, row(made).tries) == (CommandState.PENDING, 0)


def test_what_never_left_and_nobody_waits_for_any_more_has_expired() -> None:
    made = sent(scene.station(), Action.RESET, {"type": "Soft"})
    with clock.moved_to(clock.now() + timedelta(hours=2)):
        lose_command(SYSTEM, made, sent=False)
    assert row(made).state is CommandState.EXPIRED


def test_an_answer_is_not_lost_by_a_lost_connection() -> None:
    made = sent(scene.station(), Action.CLEAR_CACHE)
    finish_command(SYSTEM, made, CommandState.ACCEPTED, answer={"status": "Accepted"})
    lose_command(SYSTEM, made)
    assert row(made).state is CommandState.ACCEPTED


def test_a_late_answer_is_marked_as_late() -> None:
    made = sent(scene.station(), Action.RESET, {"type": "Soft"})
    finish_command(SYSTEM, made, CommandState.TIMED_OUT)
    finish_command(SYSTEM, made, CommandState.ACCEPTED, answer={"status": "Accepted"})
    assert (row(made).state, row(made).late) == (CommandState.ACCEPTED, True)


def test_a_new_gateway_takes_up_what_the_old_one_had_sent() -> None:
    station = scene.station()
    again, once = sent(station, Action.CLEAR_CACHE), sent(station, Action.RESET, {"type": "Soft"})
    assert recover_commands(SYSTEM) == 2
    assert [row(each).state for each in (again, once)] == [CommandState.PENDING, CommandState.TIMED_OUT]
    assert recover_commands(SYSTEM) == 0


def test_who_may_ask_may_take_it_back_before_it_is_sent() -> None:
    people = scene.people()
    station = scene.station(property=people.property)
    made = CommandId(request_command(people.bob, StationId(station.id), Action.CLEAR_CACHE, {}).id)
    for actor, refusal in ((people.charlie, NotFound), (people.vera, Forbidden)):
        with pytest.raises(refusal):
            cancel_command(actor, made)
    assert cancel_command(people.bob, made).state is CommandState.CANCELLED
    assert pending_commands(SYSTEM, StationId(station.id)) == []
    assert not mark_command_sent(SYSTEM, made)
    with pytest.raises(Conflict, match="command_over"):
        cancel_command(people.bob, made)
    with pytest.raises(Conflict, match="command_sent"):
        cancel_command(people.bob, sent(station, Action.CLEAR_CACHE))
    (told,) = scene.rows(OutboxRow, OutboxRow.kind == "CommandFinished")
    assert (told.payload["command_id"], told.payload["state"]) == (str(made), "cancelled")


@pytest.mark.parametrize(
    ("how", "fields"),
    [
        ({"expires_in": timedelta()}, {"expires_in": "out_of_range"}),
        ({"expires_in": timedelta(days=30, seconds=1)}, {"expires_in": "out_of_range"}),
        ({"tries": 0}, {"tries": "out_of_range"}),
        ({"tries": 11}, {"tries": "out_of_range"}),
    ],
)
def test_waiting_and_tries_have_limits(how: dict[str, Any], fields: dict[str, str]) -> None:
    with pytest.raises(Invalid) as refused:
        request_command(SYSTEM, StationId(scene.station().id), Action.CLEAR_CACHE, {}, **how)
    assert refused.value.fields == fields


def test_unchecked_means_unchecked_except_for_a_password() -> None:
    station = StationId(scene.station().id)
    made = request_command(SYSTEM, station, Action.RESET, {"type": "Gentle", "x": [1]}, unchecked=True)
    assert (made.payload, made.unchecked) == ({"type": "Gentle", "x": [1]}, True)
    with pytest.raises(Invalid) as refused:
        payload = {"key": "AuthorizationKey", "value": "short"}
        request_command(SYSTEM, station, Action.CHANGE_CONFIGURATION, payload, unchecked=True)
    assert refused.value.fields == {"value": "too_short"}
    with pytest.raises(Invalid) as refused:
        request_command(SYSTEM, station, Action.DATA_TRANSFER, {"data": "x" * 100_000}, unchecked=True)
    assert refused.value.fields == {"payload": "too_long"}


def test_what_is_withheld_says_why_and_was_never_sent() -> None:
    made = CommandId(request_command(SYSTEM, StationId(scene.station().id), Action.CLEAR_CACHE, {}).id)
    withhold_command(SYSTEM, made, "payload: x")
    withhold_command(SYSTEM, made, "payload: y")
    found = row(made)
    assert (found.state, found.error, found.tries, found.answered_at) == (CommandState.FAILED, "payload: x", 0, None)
    assert len(scene.rows(OutboxRow, OutboxRow.kind == "CommandFinished")) == 1


def test_a_start_told_twice_is_not_given_up_by_a_no_to_the_second_telling() -> None:
    worker.bind([REACTIONS], [])
    station = scene.station()
    permissions = []
    for tries in (1, 2):
        plug = ConnectorId(scene.connector(station).id)
        permission = request_start(SYSTEM, plug, kind=SessionKind.PAID)
        assert permission.command_id is not None
        made = CommandId(permission.command_id)
        for _ in range(tries - 1):
            mark_command_sent(SYSTEM, made)
            lose_command(SYSTEM, made)
        mark_command_sent(SYSTEM, made)
        finish_command(SYSTEM, made, CommandState.REFUSED, answer={"status": "Rejected"})
        worker.drain()
        permissions.append(scene.row(type(permission), permission.id).state)
    assert permissions == [AuthorisationState.FAILED, AuthorisationState.WAITING]
    worker.bind([], [])


def test_a_quiet_station_hears_nothing_that_nobody_asked_for() -> None:
    worker.bind([REACTIONS], [])
    people = scene.people()
    station = scene.station(property=people.property)
    for actor, refusal in ((people.charlie, NotFound), (people.vera, Forbidden)):
        with pytest.raises(refusal):
            keep_quiet(actor, StationId(station.id), quiet=True)
    keep_local_list(people.alice, StationId(station.id), automatic=True)
    assert scene.row(LocalList, station.id).wanted
    (first,) = scene.rows(StationCommand)
    finish_command(SYSTEM, CommandId(first.id), CommandState.ACCEPTED, answer={"status": "Accepted"})
    worker.drain()
    keep_quiet(people.alice, StationId(station.id), quiet=True)
    assert wants_quiet(SYSTEM, StationId(station.id))
    add_tag(people.alice, AccountId(station.account_id), "04AA")
    worker.drain()
    assert len(scene.rows(StationCommand)) == 1
    keep_quiet(people.alice, StationId(station.id), quiet=False)
    add_tag(people.alice, AccountId(station.account_id), "04BB")
    worker.drain()
    assert [one.action for one in scene.rows(StationCommand)] == [Action.SEND_LOCAL_LIST] * 2
    worker.bind([], [])


class TestQuiet:
    """Each thing that the platform sends by itself is not sent to a station that wants quiet."""

    @pytest.fixture
    def station(self, database: str, program: object) -> Station:
        quiet = scene.station()
        keep_quiet(SYSTEM, StationId(quiet.id), quiet=True)
        return quiet

    def test_its_meter_is_not_asked(self, station: Station) -> None:
        set_quirks(SYSTEM, StationId(station.id), {"poll_meter_s": 60})
        Talk(station).start(at=iso(ago(minutes=5)))
        ask_silent_meters()
        assert scene.rows(StationCommand) == []
        keep_quiet(SYSTEM, StationId(station.id), quiet=False)
        ask_silent_meters()
        assert [command.action for command in scene.rows(StationCommand)] == [Action.TRIGGER_MESSAGE]

    def test_it_is_not_asked_how_it_is(self, station: Station) -> None:
        ask_how_it_is(SYSTEM, StationId(station.id))
        assert scene.rows(StationCommand) == []

    def test_no_first_password_is_pushed(self, station: Station) -> None:
        with db.transaction(writing=True) as unit:
            unit.session.get_one(Station, station.id).password_due = True
        send_due_password(SYSTEM, StationId(station.id))
        assert scene.rows(StationCommand) == []
        assert not scene.row(Station, station.id).password_due

    def test_a_list_that_was_begun_by_itself_is_not_gone_on_with(self, station: Station) -> None:
        keep_local_list(SYSTEM, StationId(station.id), automatic=True)
        refresh_local_list(SYSTEM, StationId(station.id))
        assert scene.rows(StationCommand) == []
        update_local_list(scene.somebody(Role.OWNER, scene.row(Account, station.account_id)), StationId(station.id))
        assert [command.action for command in scene.rows(StationCommand)] == [Action.SEND_LOCAL_LIST]
