"""The 2 cases of the RemoteTrigger profile."""

from typing import Any

import pytest

from tests.conformance.harness import Platform, Station, accepted, refused

TRIGGERED: dict[str, dict[str, int]] = {
    "MeterValues": {"connectorId": 1},
    "Heartbeat": {},
    "StatusNotification": {"connectorId": 1},
    "DiagnosticsStatusNotification": {},
    "FirmwareStatusNotification": {},
    "BootNotification": {},
}


@pytest.mark.parametrize("message", list(TRIGGERED))
def test_tc_054_csms_a_triggered_message_comes_and_is_answered(
    platform: Platform, station: Station, message: str
) -> None:
    now = station.stamp()
    sample = {"value": "1234", "measurand": "Energy.Active.Import.Register", "unit": "Wh"}
    content: dict[str, dict[str, Any]] = {
        "MeterValues": {"connectorId": 1, "meterValue": [{"timestamp": now, "sampledValue": [sample]}]},
        "StatusNotification": {"connectorId": 1, "status": "Available", "errorCode": "NoError"},
        "DiagnosticsStatusNotification": {"status": "Idle"},
        "FirmwareStatusNotification": {"status": "Idle"},
        "BootNotification": {"chargePointVendor": "Octo", "chargePointModel": "Tester"},
    }
    asked = station.command("TRIGGER_MESSAGE", requestedMessage=message, **TRIGGERED[message])
    sent = station.asked("TriggerMessage", status="Accepted")
    assert sent == {"requestedMessage": message, **TRIGGERED[message]}
    answer = station.say(message, **content.get(message, {}))
    assert station.outcome(asked) == accepted()
    if message == "BootNotification":
        assert answer["status"] == "Accepted"
    elif message == "Heartbeat":
        assert answer["currentTime"]
    else:
        assert answer == {}


def test_tc_055_csms_a_refused_trigger_is_seen(station: Station) -> None:
    asked = station.command("TRIGGER_MESSAGE", requestedMessage="MeterValues", connectorId=1)
    station.asked("TriggerMessage", status="Rejected")
    assert station.outcome(asked) == refused("Rejected")
