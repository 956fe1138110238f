"""A form for every message there is: what is entered is what is sent, and what can't be sent stands at its field."""

from typing import Any

import pytest
from flask import Flask

from accounts.access import SYSTEM
from charging.use_cases import request_start
from charging.values import SessionKind
from portal.answers import failure_words, outcome, reply
from portal.message_forms import skeleton
from stations.catalogue import CATALOGUE
from stations.dictionary import ERRORS
from stations.models import Station, StationCommand
from stations.use_cases import finish_command, mark_command_sent, request_command
from stations.values import Action, CommandId, CommandState, ConnectorId, StationId
from tests import scene
from tests.portal.office import Office, office
from tests.stations.test_catalogue import ROOT_PEM

PROFILE = {
    "chargingProfileId": "7",
    "stackLevel": "0",
    "chargingProfilePurpose": "TxDefaultProfile",
    "chargingProfileKind": "Absolute",
    "validFrom": "2027-01-31T18:00",
    "chargingSchedule.chargingRateUnit": "A",
    "chargingSchedule.chargingSchedulePeriod.0.startPeriod": "0",
    "chargingSchedule.chargingSchedulePeriod.0.limit": "16,5",
    "chargingSchedule.chargingSchedulePeriod.2.startPeriod": "3600",
    "chargingSchedule.chargingSchedulePeriod.2.limit": "6",
    "chargingSchedule.chargingSchedulePeriod.2.numberPhases": "1",
}
SENT_PROFILE = {
    "chargingProfileId": 7,
    "stackLevel": 0,
    "chargingProfilePurpose": "TxDefaultProfile",
    "chargingProfileKind": "Absolute",
    "validFrom": "2027-01-31T17:00:00Z",
    "chargingSchedule": {
        "chargingRateUnit": "A",
        "chargingSchedulePeriod": [
            {"startPeriod": 0, "limit": 16.5},
            {"startPeriod": 3600, "limit": 6, "numberPhases": 1},
        ],
    },
}
RESTART = ("Needs a restart", "yellow")
TAKEN = ("Accepted by the station", "green")
CASES: list[tuple[Action, dict[str, str], dict[str, Any]]] = [
    (Action.DATA_TRANSFER, {"vendorId": "ch.example", "data": "a\nb"}, {"vendorId": "ch.example", "data": "a\nb"}),
    (Action.GET_CONFIGURATION, {"key": "One, Two\nThree"}, {"key": ["One", "Two", "Three"]}),
    (Action.CHANGE_CONFIGURATION, {"key": "K", "value": ""}, {"key": "K", "value": ""}),
    (Action.CLEAR_CACHE, {}, {}),
    (
        Action.SEND_LOCAL_LIST,
        {
            "listVersion": "3",
            "updateType": "Differential",
            "localAuthorizationList.0.idTag": "04AA",
            "localAuthorizationList.1.idTag": "04BB",
            "localAuthorizationList.1.idTagInfo.status": "Accepted",
        },
        {
            "listVersion": 3,
            "localAuthorizationList": [{"idTag": "04AA"}, {"idTag": "04BB", "idTagInfo": {"status": "Accepted"}}],
            "updateType": "Differential",
        },
    ),
    (
        Action.SET_CHARGING_PROFILE,
        {"connectorId": "1", **{f"csChargingProfiles.{name}": value for name, value in PROFILE.items()}},
        {"connectorId": 1, "csChargingProfiles": SENT_PROFILE},
    ),
    (Action.CLEAR_CHARGING_PROFILE, {"id": "", "chargingProfilePurpose": "", "stackLevel": "1"}, {"stackLevel": 1}),
    (
        Action.UPDATE_FIRMWARE,
        {"location": "https://example.org/f.bin", "retrieveDate": "2027-07-01T12:30", "retries": "2"},
        {"location": "https://example.org/f.bin", "retrieveDate": "2027-07-01T10:30:00Z", "retries": 2},
    ),
    (
        Action.INSTALL_CERTIFICATE,
        {"certificateType": "ManufacturerRootCertificate", "certificate": ROOT_PEM.replace("\n", "\r\n")},
        {"certificateType": "ManufacturerRootCertificate", "certificate": ROOT_PEM},
    ),
    (Action.REMOTE_START, {"idTag": "MINE", "connectorId": ""}, {"idTag": "MINE"}),
    (Action.REMOTE_STOP, {"transactionId": "12"}, {"transactionId": 12}),
    (Action.UNLOCK, {"connectorId": "9"}, {"connectorId": 9}),
]


@pytest.fixture
def at_work(app: Flask) -> Office:
    """Alice, Bob and Charlie at their desks."""
    return office(app)


@pytest.fixture
def station(at_work: Office) -> Station:
    """A station of Bob's property, in Zurich."""
    return scene.station(property=at_work.people.home, name="Ost")


def place(station: Station, action: Action) -> str:
    """Where its form is."""
    return f"/stations/{station.id}/send/{action.value}"


def test_every_message_has_a_form_that_works_in_a_browser_and_on_a_phone(at_work: Office, station: Station) -> None:
    menu = at_work.bob.get(f"/stations/{station.id}/maintenance")
    for action in Action:
        assert f'href="{place(station, action)}"' in menu.html
        page = at_work.bob.get(place(station, action))
        for field in CATALOGUE[action].fields:
            if not hasattr(field, "fields"):
                assert f'name="{field.name}"' in page.html, (action, field.name)
        assert at_work.bob.get(f"{place(station, action)}?json=1").status == 200
    assert at_work.bob.get(f"/stations/{station.id}/send/SelfDestruct").status == 404
    assert at_work.charlie.get(place(station, Action.RESET)).status == 404


@pytest.mark.parametrize(("action", "fields", "payload"), CASES, ids=[case[0].value for case in CASES])
def test_what_is_entered_is_what_is_sent(
    at_work: Office, station: Station, action: Action, fields: dict[str, str], payload: dict[str, Any]
) -> None:
    sent = at_work.bob.post(place(station, action), **fields, wait="86400", tries="5")
    assert sent.status == 303, sent.text
    (command,) = scene.rows(StationCommand)
    assert (command.action, command.payload) == (action, payload)
    assert (command.expires_at - command.requested_at).total_seconds() == 86_400
    assert command.tries_allowed == (5 if CATALOGUE[action].repeatable or action is Action.REMOTE_START else 1)


def test_problems_stand_at_their_fields_however_deep(at_work: Office, station: Station) -> None:
    fields = {f"csChargingProfiles.{name}": value for name, value in PROFILE.items()}
    fields["csChargingProfiles.chargingSchedule.chargingSchedulePeriod.2.limit"] = "much"
    fields["csChargingProfiles.validFrom"] = "tomorrow"
    page = at_work.bob.post(place(station, Action.SET_CHARGING_PROFILE), connectorId="one", **fields)
    assert page.status == 422
    period = "csChargingProfiles.chargingSchedule.chargingSchedulePeriod"
    for at in ("connectorId", "csChargingProfiles.validFrom", f"{period}.1.limit"):
        assert f'id="{at}-problem"' in page.html, at
    for words in ("A whole number, at least 0.", "At most one digit after the point.", "Please enter a whole number"):
        assert words in page.text
    assert f'name="{period}.1.limit"\n' in page.html.replace('"\n             type', '"\n')
    assert 'value="much"' in page.html
    assert scene.rows(StationCommand) == []


def test_a_wait_beyond_all_time_is_a_problem_and_no_accident(at_work: Office, station: Station) -> None:
    path = f"/stations/{station.id}/send/ClearCache"
    for wait in ("99999999999999", "-1"):
        refused = at_work.bob.post(path, at=path, wait=wait, tries="1")
        assert (refused.status, 'id="wait-problem"' in refused.html) == (422, True)
    assert scene.rows(StationCommand) == []


def test_rows_are_added_without_sending(at_work: Office, station: Station) -> None:
    path = place(station, Action.SEND_LOCAL_LIST)
    page = at_work.bob.post(path, **{"localAuthorizationList.0.idTag": "04AA"}, more="localAuthorizationList")
    assert (page.status, page.html.count('name="localAuthorizationList.')) == (200, 16)
    assert 'value="04AA"' in page.html
    assert scene.rows(StationCommand) == []


def test_json_goes_out_as_it_was_written_when_one_insists(at_work: Office, station: Station) -> None:
    path = f"{place(station, Action.RESET)}?json=1"
    for text, problem in (
        ("{", "not JSON"),
        ("[]", "An object"),
        ('{"type": "Gentle"}', "type : Please choose"),
        ('{"type": "Soft", "colour": 1}', "colour : The message has no such field."),
    ):
        page = at_work.bob.post(path, at=path, payload=text)
        assert (page.status, problem in page.text) == (422, True), page.text
    assert at_work.bob.post(path, at=path, payload='{"type": "Gentle"}', unchecked="1").status == 303
    (command,) = scene.rows(StationCommand)
    assert (command.payload, command.unchecked) == ({"type": "Gentle"}, True)
    assert "unchecked" in at_work.bob.get(f"/commands/{command.id}").text


def test_a_paying_driver_is_asked_about_first(at_work: Office, station: Station) -> None:
    request_start(SYSTEM, ConnectorId(scene.connector(station).id), kind=SessionKind.PAID)
    path = place(station, Action.REMOTE_START)
    page = at_work.bob.post(path, idTag="MINE", connectorId="1")
    assert (page.status, "A driver pays for charging there" in page.text) == (409, True)
    assert at_work.bob.post(path, idTag="MINE", connectorId="1", despite_driver="1").status == 303


def test_a_waiting_command_is_taken_back_and_sent_again_changed(at_work: Office, station: Station) -> None:
    payload = {"key": "MeterValueSampleInterval", "value": "60"}
    made = request_command(at_work.people.bob, StationId(station.id), Action.CHANGE_CONFIGURATION, payload)
    path = f"/commands/{made.id}"
    assert "Cancel the command" in at_work.bob.get(path).text
    assert at_work.bob.post(f"{path}/cancel", at=path).status == 303
    page = at_work.bob.get(path)
    assert "The command was cancelled." in page.text
    assert "Cancelled" in page.text
    at_work.bob.post(f"{path}/cancel", at=path)
    assert "The command is over already." in at_work.bob.get(path).text
    again = at_work.bob.get(f"{place(station, Action.CHANGE_CONFIGURATION)}?like={made.id}")
    assert 'value="MeterValueSampleInterval"' in again.html
    assert at_work.charlie.post(f"{path}/cancel", at="/me").status == 404


def test_a_password_is_shown_nowhere(at_work: Office, station: Station) -> None:
    secret = "0123456789ABCDEF0123"
    payload = {"key": "AuthorizationKey", "value": secret}
    made = request_command(SYSTEM, StationId(station.id), Action.CHANGE_CONFIGURATION, payload)
    for path in (f"/commands/{made.id}", f"{place(station, Action.CHANGE_CONFIGURATION)}?like={made.id}"):
        assert secret not in at_work.bob.get(path).html


def test_tries_and_late_answers_are_told(at_work: Office, station: Station) -> None:
    made = CommandId(request_command(at_work.people.bob, StationId(station.id), Action.CLEAR_CACHE, {}).id)
    mark_command_sent(SYSTEM, made)
    finish_command(SYSTEM, made, CommandState.TIMED_OUT, error="connection lost")
    assert "The connection ended before the answer was there." in at_work.bob.get(f"/commands/{made}").text
    finish_command(SYSTEM, made, CommandState.ACCEPTED, answer={"status": "Accepted"})
    text = at_work.bob.get(f"/commands/{made}").text
    assert "answered late" in text
    assert "try 1 of 3" in text
    assert '"status": "Accepted"' in text


@pytest.mark.parametrize(
    ("action", "state", "answer", "error", "badge", "words"),
    [
        (Action.UNLOCK, "refused", {"status": "NotSupported"}, None, ("Not supported", "secondary"), "can't do this"),
        (Action.UNLOCK, "refused", {"status": "UnlockFailed"}, None, ("Did not work", "orange"), "not be unlocked"),
        (Action.CHANGE_CONFIGURATION, "accepted", {"status": "RebootRequired"}, None, RESTART, ""),
        (Action.CHANGE_AVAILABILITY, "accepted", {"status": "Scheduled"}, None, ("Scheduled", "azure"), "session"),
        (Action.RESET, "refused", {"status": "Rejected"}, None, ("Refused by the station", "orange"), "Refused"),
        (Action.RESET, "failed", None, "NotImplemented: no", ("Not supported", "secondary"), ""),
        (Action.RESET, "failed", None, "InternalError: oops", ("Failed", "red"), ""),
        (Action.GET_LOCAL_LIST_VERSION, "accepted", {"listVersion": -1}, None, TAKEN, "no"),
        (Action.GET_LOCAL_LIST_VERSION, "accepted", {"listVersion": 0}, None, TAKEN, "empty"),
        (Action.CLEAR_CHARGING_PROFILE, "refused", {"status": "Unknown"}, None, ("Answered", "secondary"), "Unknown"),
    ],
)  # fmt: skip
def test_an_answer_is_shown_as_what_it_is(
    app: Flask, action: Action, state: str, answer: Any, error: str | None, badge: tuple[str, str], words: str
) -> None:
    command = StationCommand(action=action, payload={}, answer=answer, state=CommandState(state), error=error)
    with app.test_request_context("/"):
        assert (outcome(command).words, outcome(command).colour) == badge
        assert words in reply(command)


def test_errors_of_stations_are_explained_and_quoted(app: Flask) -> None:
    with app.test_request_context("/"):
        assert failure_words("NotSupported: no") == f"{ERRORS['NotSupported']} (NotSupported: no)"
        assert failure_words('type: "x" is not one of "a"') == 'type: "x" is not one of "a"'


def test_a_skeleton_has_what_is_required() -> None:
    assert skeleton(CATALOGUE[Action.RESET].fields) == {"type": "Soft"}
    profile = skeleton(CATALOGUE[Action.SET_CHARGING_PROFILE].fields)["csChargingProfiles"]
    assert profile["chargingSchedule"]["chargingSchedulePeriod"] == [{"startPeriod": 0, "limit": 0}]
