"""The 2 cases of the RemoteTrigger profile."""

from datetime import datetime, timedelta
from typing import Any

from tests.conformance.harness import Station, accepted, refused

SAMPLE = {"value": "1234", "measurand": "Energy.Active.Import.Register", "unit": "Wh"}
FAULT = {"connectorId": 1, "status": "Faulted", "errorCode": "GroundFailure"}
# What is triggered, what the station says then, and what it is answered (None: looked at below).
TRIGGERED: list[tuple[str, dict[str, int], dict[str, Any], dict[str, Any] | None]] = [
    ("MeterValues", {"connectorId": 1}, {"connectorId": 1, "meterValue": [{"sampledValue": [SAMPLE]}]}, {}),
    ("Heartbeat", {}, {}, None),
    ("StatusNotification", {"connectorId": 1}, FAULT, {}),
    ("DiagnosticsStatusNotification", {}, {"status": "Idle"}, {}),
    ("FirmwareStatusNotification", {}, {"status": "Idle"}, {}),
    ("BootNotification", {}, {"chargePointVendor": "Octo", "chargePointModel": "Triggered"}, None),
]


def test_tc_054_csms_six_triggered_messages_come_and_each_is_answered(station: Station) -> None:
    for message, connector, content, wanted in TRIGGERED:
        asked = station.command("TRIGGER_MESSAGE", requestedMessage=message, **connector)
        sent = station.asked("TriggerMessage", status="Accepted")
        assert sent == {"requestedMessage": message, **connector}
        for value in content.get("meterValue", []):
            value["timestamp"] = station.stamp()
        answer = station.say(message, **content)
        assert station.outcome(asked) == accepted()
        if wanted is None:
            said = datetime.fromisoformat(answer["currentTime"])
            assert abs(said - station.platform.now()) < timedelta(seconds=30)
            assert answer.get("status", "Accepted") == "Accepted"
        else:
            assert answer == wanted
    shown = station.connector()
    assert (shown["status"], shown["errorCode"]) == ("FAULTED", "GroundFailure")
    assert station.shown()["model"] == "Triggered"


def test_tc_055_csms_a_refused_trigger_is_seen(station: Station) -> None:
    asked = station.command("TRIGGER_MESSAGE", requestedMessage="MeterValues", connectorId=1)
    station.asked("TriggerMessage", status="Rejected")
    assert station.outcome(asked) == refused("Rejected")
