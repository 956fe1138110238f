"""Any of the 26 messages with its raw payload: what the station gets, and how its answer is shown."""

from typing import Any

import pytest

from stations.pem import written
from stations.values import Action
from tests import certificates
from tests.conformance.harness import Platform, Station, accepted, refused, until

AT = "2030-01-01T00:00:00Z"
ROOT = written(certificates.self_signed("A root"))
HASHES = {"hashAlgorithm": "SHA256", "issuerNameHash": "ab12", "issuerKeyHash": "cd34", "serialNumber": "0f"}
SCHEDULE = {"chargingRateUnit": "W", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 3680.5, "numberPhases": 1}]}
PROFILE = {
    "chargingProfileId": 7,
    "stackLevel": 3,
    "chargingProfilePurpose": "TxDefaultProfile",
    "chargingProfileKind": "Recurring",
    "recurrencyKind": "Daily",
    "validFrom": AT,
    "chargingSchedule": SCHEDULE,
}
LIST = [{"idTag": "04AA", "idTagInfo": {"status": "Accepted", "parentIdTag": "HOUSE"}}, {"idTag": "04BB"}]
YES = {"status": "Accepted"}
# What is sent, and what the station answers.
MESSAGES: dict[Action, tuple[dict[str, Any], dict[str, Any]]] = {
    Action.RESET: ({"type": "Soft"}, YES),
    Action.UNLOCK: ({"connectorId": 2}, {"status": "Unlocked"}),
    Action.CHANGE_AVAILABILITY: ({"connectorId": 0, "type": "Operative"}, {"status": "Scheduled"}),
    Action.GET_CONFIGURATION: ({"key": ["A", "B"]}, {"unknownKey": ["A", "B"]}),
    Action.CHANGE_CONFIGURATION: ({"key": "A", "value": "1"}, {"status": "RebootRequired"}),
    Action.TRIGGER_MESSAGE: ({"requestedMessage": "Heartbeat"}, YES),
    Action.CLEAR_CACHE: ({}, YES),
    Action.DATA_TRANSFER: ({"vendorId": "v", "messageId": "m", "data": "d"}, {"status": "Accepted", "data": "x"}),
    Action.GET_LOCAL_LIST_VERSION: ({}, {"listVersion": 4}),
    Action.SEND_LOCAL_LIST: ({"listVersion": 5, "updateType": "Differential", "localAuthorizationList": LIST}, YES),
    Action.GET_DIAGNOSTICS: ({"location": "https://files.example/up", "retries": 2}, {"fileName": "d.zip"}),
    Action.UPDATE_FIRMWARE: ({"location": "https://files.example/2.bin", "retrieveDate": AT}, {}),
    Action.RESERVE_NOW: ({"connectorId": 1, "expiryDate": AT, "idTag": "04AA", "reservationId": 12}, YES),
    Action.CANCEL_RESERVATION: ({"reservationId": 999}, {"status": "Rejected"}),
    Action.SET_CHARGING_PROFILE: ({"connectorId": 1, "csChargingProfiles": PROFILE}, YES),
    Action.CLEAR_CHARGING_PROFILE: ({"id": 7}, {"status": "Unknown"}),
    Action.GET_COMPOSITE_SCHEDULE: ({"connectorId": 0, "duration": 60}, {"status": "Rejected"}),
    Action.EXTENDED_TRIGGER_MESSAGE: ({"requestedMessage": "StatusNotification", "connectorId": 1}, YES),
    Action.CERTIFICATE_SIGNED: ({"certificateChain": ROOT}, {"status": "Rejected"}),
    Action.INSTALL_CERTIFICATE: ({"certificateType": "ManufacturerRootCertificate", "certificate": ROOT}, YES),
    Action.DELETE_CERTIFICATE: ({"certificateHashData": HASHES}, {"status": "NotFound"}),
    Action.GET_INSTALLED_CERTIFICATE_IDS: ({"certificateType": "CentralSystemRootCertificate"}, {"status": "NotFound"}),
    Action.GET_LOG: (
        {"logType": "DiagnosticsLog", "requestId": 3, "log": {"remoteLocation": "https://files.example/up"}},
        {"status": "Accepted", "filename": "l.zip"},
    ),
    Action.SIGNED_UPDATE_FIRMWARE: (
        {
            "requestId": 4,
            "firmware": {
                "location": "https://files.example/2.bin",
                "retrieveDateTime": AT,
                "signingCertificate": ROOT,
                "signature": "c2lnbmVk",
            },
        },
        {"status": "InvalidCertificate"},
    ),
    Action.REMOTE_START: ({"idTag": "04AA", "connectorId": 1}, YES),
    Action.REMOTE_STOP: ({"transactionId": 123}, {"status": "Rejected"}),
}
SAYS_NO = ("Rejected", "Unknown", "NotFound", "InvalidCertificate")


def test_every_message_is_here() -> None:
    assert set(MESSAGES) == set(Action)


@pytest.mark.parametrize("action", list(Action), ids=lambda action: action.value)
def test_a_message_goes_out_as_it_is_and_its_answer_is_shown(station: Station, action: Action) -> None:
    payload, answer = MESSAGES[action]
    asked = station.command(action.name, **payload)
    assert station.asked(action.value, **answer) == payload
    status = answer.get("status")
    assert station.outcome(asked) == (refused(str(status)) if status in SAYS_NO else accepted(answer))


def test_a_remote_start_with_a_tag_of_ones_choice_is_linked_to_its_session(
    platform: Platform, station: Station
) -> None:
    tag = platform.tag()
    asked = station.command("REMOTE_START", idTag=tag, connectorId=2)
    assert station.asked("RemoteStartTransaction", status="Accepted") == {"idTag": tag, "connectorId": 2}
    assert station.outcome(asked) == accepted()
    assert station.authorize(tag) == {"status": "Accepted"}
    transaction = station.start(tag, connector=2)["transactionId"]
    station.status("Charging", connector=2)
    until(lambda: station.session()["kind"] == "OPERATOR")
    stopping = station.command("REMOTE_STOP", transactionId=transaction)
    assert station.asked("RemoteStopTransaction", status="Accepted") == {"transactionId": transaction}
    station.stop(transaction, wh=1000, reason="Remote")
    assert station.outcome(stopping) == accepted()
    assert station.session()["stopReason"] == "Remote"


def test_what_the_standard_forbids_is_refused_and_may_be_sent_unchecked(station: Station) -> None:
    payload = {"type": "Lukewarm", "extra": 1}
    send = """mutation($station: UUID!, $payload: JSON!, $unchecked: Boolean!) {
      sendCommand(stationId: $station, action: RESET, payload: $payload, unchecked: $unchecked) {
        ... on Command { id } ... on Problem { code fields { field code } } } }"""
    wish = {"station": station.id, "payload": payload}
    problem = station.platform.ask(send, **wish, unchecked=False)["sendCommand"]
    fields = [{"field": "type", "code": "unknown"}, {"field": "extra", "code": "no_such_field"}]
    assert problem["code"] == "invalid"
    assert sorted(problem["fields"], key=str) == sorted(fields, key=str)
    asked = station.platform.ask(send, **wish, unchecked=True)["sendCommand"]["id"]
    kind, message_id, action, sent = station.next_call()
    assert (kind, action, sent) == (2, "Reset", payload)
    station.answers(message_id, status="Rejected")
    assert station.outcome(asked) == refused("Rejected")
