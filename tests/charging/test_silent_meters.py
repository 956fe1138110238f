"""Meters that should speak and do not are asked, at stations that can be asked; and what stations can do is learnt."""

from collections.abc import Iterator
from typing import Any

import pytest

from accounts.access import SYSTEM
from charging.jobs import ask_silent_meters
from kit import worker
from stations.models import StationCommand
from stations.queries import station_settings
from stations.reactions import REACTIONS
from stations.use_cases import (
    finish_command,
    keep_quiet,
    mark_command_sent,
    probe_abilities,
    request_command,
    set_quirks,
)
from stations.values import Action, CommandId, CommandState, StationId
from tests import scene
from tests.talk import Talk, ago, iso

pytestmark = pytest.mark.usefixtures("database", "program")
BOOT = {"chargePointVendor": "Alfen", "chargePointModel": "Eve", "firmwareVersion": "1"}
YES, NO, FAILED = CommandState.ACCEPTED, CommandState.REFUSED, CommandState.FAILED


@pytest.fixture(autouse=True)
def carried(database: str) -> Iterator[None]:
    worker.bind([REACTIONS], [])
    yield
    worker.bind([], [])


@pytest.fixture
def charger() -> Talk:
    """A charger that is set to tell its meter each minute, and charges since long ago without a word of it."""
    made = Talk(scene.station())
    made.call("BootNotification", BOOT)
    ask(made, Action.GET_CONFIGURATION, {}, {"configurationKey": [{"key": "MeterValueSampleInterval", "value": "60"}]})
    made.start(at=iso(ago(minutes=20)))
    return made


def ask(charger: Talk, action: Action, payload: dict[str, Any], said: Any, state: CommandState = YES) -> None:
    """Somebody asks the charger, and it answers; `said` is an error where it failed."""
    made = CommandId(request_command(SYSTEM, StationId(charger.station.id), action, payload).id)
    mark_command_sent(SYSTEM, made)
    told: dict[str, Any] = {"error": said} if state is FAILED else {"answer": said}
    finish_command(SYSTEM, made, state, **told)
    worker.drain()


def asked() -> list[dict[str, Any]]:
    """What the charger is asked for just now."""
    ask_silent_meters()
    rows = scene.rows(StationCommand, StationCommand.action == Action.TRIGGER_MESSAGE)
    return [row.payload for row in rows if not row.state.final]


def test_q92_a_meter_that_should_speak_and_does_not_is_asked(charger: Talk) -> None:
    assert asked() == [{"requestedMessage": "MeterValues", "connectorId": 1}]


def test_q92_one_that_spoke_a_while_ago_is_given_time(charger: Talk) -> None:
    charger.meter("2000", at=iso(ago(minutes=4)))
    assert asked() == []


def test_q92_nobody_is_asked_where_the_operator_wants_none_of_it(charger: Talk) -> None:
    set_quirks(SYSTEM, StationId(charger.station.id), {"ask_silent_meter": False})
    assert asked() == []


def test_q92_none_is_asked_that_wants_quiet(charger: Talk) -> None:
    keep_quiet(SYSTEM, StationId(charger.station.id), quiet=True)
    assert asked() == []


def test_q92_none_is_asked_whose_sampling_is_off(charger: Talk) -> None:
    off = {"configurationKey": [{"key": "meterValueSampleInterval", "value": "0"}]}
    ask(charger, Action.GET_CONFIGURATION, {}, off)
    assert asked() == []


def test_q105_what_a_charger_can_not_do_is_remembered_until_it_has_another_firmware(charger: Talk) -> None:
    wanted = {"requestedMessage": "MeterValues"}
    ask(charger, Action.TRIGGER_MESSAGE, wanted, {"status": "NotImplemented"}, NO)
    assert asked() == []
    ask(charger, Action.GET_LOCAL_LIST_VERSION, {}, "NotSupported: no such thing", FAILED)
    assert learnt(charger) == {
        "GetConfiguration": True,
        "GetLocalListVersion": False,
        "TriggerMessage": True,
        "TriggerMessage MeterValues": False,
    }
    charger.call("BootNotification", BOOT | {"firmwareVersion": "2"})
    assert learnt(charger) == {}
    assert asked() == [{"requestedMessage": "MeterValues", "connectorId": 1}]


def test_q105_the_list_of_features_is_not_believed(charger: Talk) -> None:
    claims = {"configurationKey": [{"key": "SupportedFeatureProfiles", "value": "Core"}]}
    ask(charger, Action.GET_CONFIGURATION, {}, claims)
    probe_abilities(SYSTEM, StationId(charger.station.id))
    for row in scene.rows(StationCommand):
        if not row.state.final:
            mark_command_sent(SYSTEM, CommandId(row.id))
            finish_command(SYSTEM, CommandId(row.id), YES, answer={"status": "Accepted", "listVersion": 0})
    worker.drain()
    assert learnt(charger)["GetCompositeSchedule"]


def test_q105_a_setting_that_is_not_supported_says_nothing_of_the_message(charger: Talk) -> None:
    ask(charger, Action.CHANGE_CONFIGURATION, {"key": "A", "value": "1"}, {"status": "NotSupported"}, NO)
    assert learnt(charger)["ChangeConfiguration"]
    ask(charger, Action.CLEAR_CACHE, {}, "InternalError: oh", FAILED)
    assert "ClearCache" not in learnt(charger)


def learnt(charger: Talk) -> dict[str, bool]:
    """What is known of its abilities."""
    return {row.name: row.able for row in station_settings(SYSTEM, StationId(charger.station.id)).abilities}
