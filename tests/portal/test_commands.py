"""Commands in the browser: forms, the way to the answer, the answer in words."""

import re
from typing import Any

import pytest
from flask import Flask

from accounts.access import SYSTEM
from charging.use_cases import close_stale_session
from charging.values import SessionId
from portal.answers import reply, wish
from portal.option_words import TRIGGER_WORDS
from stations.catalogue.control import TRIGGERS
from stations.dictionary import ANSWERS
from stations.models import Station, StationCommand
from stations.use_cases import finish_command, mark_command_sent, request_command
from stations.values import Action, CommandId, CommandState
from tests import scene
from tests.portal.office import Office, office


@pytest.fixture
def at_work(app: Flask) -> Office:
    """Alice, Bob and Charlie at their desks."""
    return office(app)


@pytest.fixture
def station(at_work: Office) -> Station:
    """A station of Bob's property."""
    return scene.station(property=at_work.people.home, name="Ost")


def answered(station: Station, action: Action, payload: dict[str, Any], answer: dict[str, Any]) -> StationCommand:
    """A command that the charger has answered."""
    command = request_command(SYSTEM, station.id, action, payload)
    mark_command_sent(SYSTEM, CommandId(command.id))
    finish_command(SYSTEM, CommandId(command.id), CommandState.ACCEPTED, answer=answer)
    return command


@pytest.mark.parametrize(
    ("action", "fields", "payload"),
    [
        ("Reset", {"Reset.type": "Hard"}, {"type": "Hard"}),
        ("UnlockConnector", {"UnlockConnector.connectorId": "1"}, {"connectorId": 1}),
        (
            "ChangeAvailability",
            {"ChangeAvailability.connectorId": "0", "ChangeAvailability.type": "Inoperative"},
            {"connectorId": 0, "type": "Inoperative"},
        ),
        (
            "TriggerMessage",
            {"TriggerMessage.requestedMessage": "StatusNotification", "TriggerMessage.connectorId": ""},
            {"requestedMessage": "StatusNotification"},
        ),
        ("GetConfiguration", {"GetConfiguration.key": ""}, {}),
        ("GetConfiguration", {"GetConfiguration.key": "A, B"}, {"key": ["A", "B"]}),
        (
            "ChangeConfiguration",
            {"ChangeConfiguration.key": "K", "ChangeConfiguration.value": "1"},
            {"key": "K", "value": "1"},
        ),
        ("ClearCache", {}, {}),
    ],
)
def test_every_form_sends_its_message_and_leads_to_the_command(
    at_work: Office, station: Station, action: str, fields: dict[str, str], payload: dict[str, Any]
) -> None:
    sent = at_work.bob.post(f"/stations/{station.id}/maintenance", action=action, **fields)
    (command,) = scene.rows(StationCommand)
    assert (command.action.value, command.payload) == (action, payload)
    assert (sent.status, sent.headers["Location"]) == (303, f"/commands/{command.id}")
    page = at_work.bob.get(f"/commands/{command.id}")
    assert "Waiting to be sent" in page.text
    assert f'/commands/{command.id}/live"' in page.html


@pytest.mark.parametrize(
    ("action", "fields", "at"),
    [
        ("Reset", {"Reset.type": "gently"}, "Reset.type"),
        (
            "ChangeConfiguration",
            {"ChangeConfiguration.key": "", "ChangeConfiguration.value": "1"},
            "ChangeConfiguration.key",
        ),
        (
            "ChangeConfiguration",
            {"ChangeConfiguration.key": "AuthorizationKey", "ChangeConfiguration.value": "x"},
            "ChangeConfiguration.value",
        ),
        ("GetConfiguration", {"GetConfiguration.key": "k" * 51}, "GetConfiguration.key"),
        ("TriggerMessage", {"TriggerMessage.requestedMessage": "Weather"}, "TriggerMessage.requestedMessage"),
        ("UnlockConnector", {"UnlockConnector.connectorId": "left"}, "UnlockConnector.connectorId"),
    ],
)
def test_what_can_not_be_sent_stands_at_its_field(
    at_work: Office, station: Station, action: str, fields: dict[str, str], at: str
) -> None:
    page = at_work.bob.post(f"/stations/{station.id}/maintenance", action=action, **fields)
    assert page.status == 422
    assert f'id="{at}-problem"' in page.html
    assert scene.rows(StationCommand) == []


def test_start_stop_and_made_up_commands_are_no_forms(at_work: Office, station: Station) -> None:
    for action in ("RemoteStartTransaction", "RemoteStopTransaction", "SelfDestruct", ""):
        assert at_work.alice.post(f"/stations/{station.id}/maintenance", action=action).status == 422
    assert scene.rows(StationCommand) == []


def test_the_answer_is_told_in_words(at_work: Office, station: Station) -> None:
    command = answered(station, Action.UNLOCK, {"connectorId": 1}, {"status": "UnlockFailed"})
    page = at_work.bob.get(f"/commands/{command.id}")
    assert "Unlock the plug, connector 1" in page.text
    assert "The plug could not be unlocked" in page.text
    assert "ws-connect" not in page.html
    assert "The plug could not be unlocked" in at_work.bob.get(f"/stations/{station.id}").text


def test_settings_that_were_read_stand_in_a_table(at_work: Office, station: Station) -> None:
    rows = [
        {"key": "NumberOfConnectors", "value": "2", "readonly": True},
        {"key": "HeartbeatInterval", "readonly": False},
        "nonsense",
    ]
    answer = {"configurationKey": rows, "unknownKey": ["Colour"]}
    command = answered(station, Action.GET_CONFIGURATION, {}, answer)
    text = at_work.bob.get(f"/commands/{command.id}").text
    assert "HeartbeatInterval – NumberOfConnectors fixed 2" in text
    assert "The station does not know: Colour" in text


def test_a_charger_may_answer_what_it_likes(at_work: Office, station: Station) -> None:
    strange: list[dict[str, Any]] = [{"status": "Maybe"}, {"configurationKey": None}, {"configurationKey": [{}]}, {}]
    for answer in strange:
        command = answered(station, Action.GET_CONFIGURATION, {}, answer)
        assert at_work.bob.get(f"/commands/{command.id}").status == 200


def test_a_button_on_the_station_sends_and_stays_there(at_work: Office, station: Station) -> None:
    path = f"/stations/{station.id}"
    sent = at_work.bob.post(
        f"{path}/commands", at=path, action="UnlockConnector", **{"UnlockConnector.connectorId": "1"}
    )
    assert sent.headers["Location"] == f"{path}#commands"
    assert "Unlock the plug, connector 1" in at_work.bob.get(path).text
    at_work.bob.post(f"{path}/commands", at=path, action="UnlockConnector", **{"UnlockConnector.connectorId": "0"})
    assert "The command was incomplete." in at_work.bob.get(path).text
    assert len(scene.rows(StationCommand)) == 1


def test_strangers_see_no_command(at_work: Office, station: Station) -> None:
    command = answered(station, Action.CLEAR_CACHE, {}, {"status": "Accepted"})
    assert at_work.charlie.get(f"/commands/{command.id}").status == 404


def test_doubtful_messages_stand_below(at_work: Office, station: Station) -> None:
    close_stale_session(SYSTEM, SessionId(scene.session(connector=scene.connector(station)).id))
    text = at_work.bob.get(f"/stations/{station.id}/maintenance").text
    assert "Doubtful messages" in text
    assert "Estimated The station never reported the end." in text


def test_every_message_and_every_answer_has_words() -> None:
    assert set(TRIGGER_WORDS) == set(TRIGGERS)
    for action in Action:
        command = StationCommand(
            action=action, payload={}, answer={"status": "Accepted"}, state=CommandState.ACCEPTED, error=None
        )
        assert wish(command)
        assert reply(command) == ANSWERS["Accepted"]


def test_all_commands_stand_on_pages_with_times_and_tries(at_work: Office, station: Station) -> None:
    path = f"/stations/{station.id}/commands"
    assert "Nothing was asked of this station yet" in at_work.bob.get(path).text
    for _number in range(51):
        request_command(SYSTEM, station.id, Action.CLEAR_CACHE, {})
    oldest, *_others = scene.rows(StationCommand)
    mark_command_sent(SYSTEM, CommandId(oldest.id))
    finish_command(SYSTEM, CommandId(oldest.id), CommandState.REFUSED, answer={"status": "Rejected"})
    first = at_work.bob.get(path)
    assert f'href="{path}"' in at_work.bob.get(f"/stations/{station.id}").html
    assert first.html.count('class="row-title"') == 50
    assert f"/commands/{oldest.id}" not in first.html
    older = re.search(r'rel="next" href="([^"]+)"', first.html)
    assert older
    last = at_work.bob.get(older.group(1))
    assert last.html.count('class="row-title"') == 1
    for words in ("sent ", "answered ", "Refused"):
        assert words in last.text
    refused = at_work.bob.get(f"{path}?state=refused")
    assert refused.html.count('class="row-title"') == 1
    assert "No command fits" in at_work.bob.get(f"{path}?state=failed").text
    assert at_work.charlie.get(path).status == 404
