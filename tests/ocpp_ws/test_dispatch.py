"""The other messages of the core profile, and what every message has in common."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.access import SYSTEM
from charging.models import DoubtfulFact
from charging.queries import power_of
from charging.values import Doubt
from kit import clock, db
from ocpp_ws import dispatch, frames, schemas
from ocpp_ws.v16 import handlers
from stations.models import Station
from stations.queries import quirks_in_mind
from stations.values import ConnectorStatus, NewConnector
from tests import scene
from tests.ocpp_ws.test_frames import JSON
from tests.talk import Talk, ago, iso

pytestmark = pytest.mark.usefixtures("database", "program")


def talk(connectors: int = 1) -> Talk:
    return Talk(scene.station(connectors=[NewConnector()] * connectors, status=ConnectorStatus.UNKNOWN))


def test_a_boot_is_accepted_and_what_the_station_is_is_written_down() -> None:
    charger = talk()
    answer = charger.call(
        "BootNotification",
        {
            "chargePointVendor": "Alpitronic",
            "chargePointModel": "HYC50",
            "firmwareVersion": "1.8.2",
            "chargePointSerialNumber": "S" * 100,
        },
    )
    assert (answer["status"], answer["interval"]) == ("Accepted", 300)
    assert answer["currentTime"][:16] == iso(clock.now())[:16]
    station = scene.row(Station, charger.station.id)
    assert (station.vendor, station.model, station.firmware, station.serial) == (
        "Alpitronic",
        "HYC50",
        "1.8.2",
        "S" * 100,
    )
    assert station.boot_at is not None


def test_q39_a_boot_without_vendor_and_model_is_accepted() -> None:
    assert talk().call("BootNotification", {"chargePointVendor": ""})["status"] == "Accepted"


def test_q39_what_a_boot_leaves_out_stays_known_and_so_does_how_the_charger_behaves() -> None:
    charger = talk()
    said = {"chargePointVendor": "Zaptec", "chargePointModel": "Pro", "firmwareVersion": "7.1"}
    charger.call("BootNotification", said | {"chargePointSerialNumber": "S1"})
    for some in ({}, {"chargePointVendor": " ", "chargePointModel": ""}, {"firmwareVersion": "7.2"}):
        charger.call("BootNotification", some)
    station = scene.row(Station, charger.station.id)
    assert (station.vendor, station.model, station.firmware, station.serial) == ("Zaptec", "Pro", "7.2", "S1")
    assert quirks_in_mind(charger.station.id).can_unlock is False


def test_q39_many_boots_at_once_leave_out_different_things() -> None:
    chargers = [talk() for _ in range(4)]
    for said in ({"chargePointVendor": "Zaptec", "firmwareVersion": "7.1"}, {"firmwareVersion": "7.2"}):
        with db.transaction(writing=True):
            for charger in chargers:
                dispatch.answer(
                    charger.caller, json.dumps([2, said["firmwareVersion"], "BootNotification", said]).encode()
                )
    stations = [scene.row(Station, charger.station.id) for charger in chargers]
    assert {(one.vendor, one.firmware) for one in stations} == {("Zaptec", "7.2")}


def test_a_heartbeat_is_answered_with_the_time_and_touches_no_table() -> None:
    charger = talk()
    call = frames.parse(b'[2,"1","Heartbeat",{}]')
    assert isinstance(call, frames.Call)
    answer = dispatch.from_memory(charger.caller, call)  # outside of any transaction
    assert answer is not None
    assert json.loads(answer.frame)[2]["currentTime"].endswith("Z")


@pytest.mark.parametrize("status", [status for status in ConnectorStatus if status is not ConnectorStatus.UNKNOWN])
def test_every_status_of_the_standard_is_stored(status: ConnectorStatus) -> None:
    charger, at = talk(), ago(seconds=30)
    charger.status(status.value, timestamp=iso(at), vendorErrorCode="E1", info="door open")
    connector = scene.connector(charger.station)
    assert (connector.status, connector.status_text, connector.status_at) == (status, "", at)
    assert (connector.error_code, connector.vendor_error) == ("", "E1: door open")


@pytest.mark.parametrize(
    ("said", "taken"),
    [
        ("Occupied", ConnectorStatus.CHARGING),
        ("available", ConnectorStatus.AVAILABLE),
        ("Error", ConnectorStatus.FAULTED),
        ("Sleeping", ConnectorStatus.UNKNOWN),
    ],
)
def test_q49_words_of_other_versions_are_kept_beside_the_nearest_one(said: str, taken: ConnectorStatus) -> None:
    charger = talk()
    charger.status(said)
    connector = scene.connector(charger.station)
    assert (connector.status, connector.status_text) == (taken, said)


def test_q43_connector_0_is_the_station_itself() -> None:
    charger = talk()
    charger.status("Faulted", connector=0, errorCode="GroundFailure")
    assert scene.connector(charger.station, 0).status is ConnectorStatus.FAULTED
    assert scene.connector(charger.station, 0).error_code == "GroundFailure"
    assert scene.connector(charger.station, 1).status is ConnectorStatus.UNKNOWN


def test_what_is_said_last_counts_whatever_the_stations_clock_says() -> None:
    charger = talk()
    charger.status("Charging", timestamp=iso(ago(minutes=1)))
    charger.status("Available", timestamp=iso(ago(days=3)))
    assert scene.connector(charger.station).status is ConnectorStatus.AVAILABLE


def test_a_free_connector_gives_no_power() -> None:
    charger = talk()
    transaction = charger.start()["transactionId"]
    charger.meter({"value": "7400", "measurand": "Power.Active.Import"})
    connector = scene.connector(charger.station).id
    assert power_of(SYSTEM, [connector])[connector][0] == 7400
    charger.status("Available")
    assert power_of(SYSTEM, [connector]) == {}
    charger.status("Charging")
    charger.stop(transaction)
    assert power_of(SYSTEM, [connector]) == {}


@pytest.mark.parametrize(
    ("action", "payload", "answer"),
    [
        ("DataTransfer", {"vendorId": "com.example", "messageId": "x", "data": "y"}, {"status": "UnknownVendorId"}),
        ("DiagnosticsStatusNotification", {"status": "Uploaded"}, {}),
        ("FirmwareStatusNotification", {"status": "Installed"}, {}),
    ],
)
def test_the_rest_of_the_core_is_answered(action: str, payload: dict[str, Any], answer: dict[str, Any]) -> None:
    assert talk().call(action, payload) == answer


def test_an_unknown_action_is_refused_and_the_socket_lives_on() -> None:
    charger = talk()
    assert charger.say('[2,"1","MakeCoffee",{}]')[:3] == [4, "1", "NotImplemented"]
    assert charger.status("Available") == {}


def test_a_violation_is_answered_and_noted_with_the_text_as_it_came() -> None:
    charger = talk()
    charger.status("Available", info="x" * 51, extra={"vendor": 1})
    (doubt,) = scene.rows(DoubtfulFact)
    assert (doubt.doubt, doubt.action, doubt.station_id) == (Doubt.SCHEMA, "StatusNotification", charger.station.id)
    assert '"extra":{"vendor":1}' in doubt.detail


def test_a_violation_is_noted_without_its_secrets() -> None:
    charger, secret = talk(), "TOPSECRETVALUE00"
    charger.call("DataTransfer", {"vendorId": "x", "data": {"key": "AuthorizationKey", "value": secret}})
    charger.status("Available", info=f"password={secret} {'x' * 51}")
    first, second = scene.rows(DoubtfulFact)
    assert (first.facts["where"], first.facts["what"]) == ("data", '*** is not of type "string"')
    assert (second.facts["where"], second.facts["what"]) == ("info", "*** is longer than 50 characters")
    assert '"key":"AuthorizationKey","value":"***"' in first.detail
    assert secret not in second.detail


def test_the_last_call_repeated_word_for_word_gets_the_same_answer_and_is_stored_once() -> None:
    charger = talk()
    text = '[2,"7","StatusNotification",{"connectorId":1,"errorCode":"NoError","status":"Nonsense"}]'
    assert charger.say(text) == charger.say(text) == [3, "7", {}]
    assert len(scene.rows(DoubtfulFact)) == 1


def test_q29_the_same_message_id_with_other_content_is_another_call() -> None:
    charger = talk()
    for status in ("Charging", "Available", "Charging"):
        charger.call("StatusNotification", {"connectorId": 1, "errorCode": "NoError", "status": status}, message_id="1")
    assert scene.connector(charger.station).status is ConnectorStatus.CHARGING


def test_an_old_id_used_again_after_others_is_news() -> None:
    charger = talk()
    for message_id, status in (("1", "Available"), ("2", "Charging"), ("1", "Available")):
        charger.call(
            "StatusNotification", {"connectorId": 1, "errorCode": "NoError", "status": status}, message_id=message_id
        )
    assert scene.connector(charger.station).status is ConnectorStatus.AVAILABLE


def test_every_action_has_its_schema() -> None:
    for action in handlers.HANDLERS:
        assert schemas.schema(action).is_valid({}) is (action == "Heartbeat")
        schemas.schema(f"{action}Response")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    action=st.sampled_from(sorted(handlers.HANDLERS)),
    payload=st.dictionaries(
        st.sampled_from(
            [
                "connectorId",
                "idTag",
                "meterStart",
                "meterStop",
                "timestamp",
                "transactionId",
                "meterValue",
                "status",
                "errorCode",
                "reason",
                "transactionData",
                "sampledValue",
                "value",
                "vendorId",
                "chargePointVendor",
                "chargePointModel",
                "info",
            ]
        ),
        JSON,
        max_size=6,
    ),
)
def test_any_payload_of_any_action_is_answered_as_the_standard_wants(
    action: str, payload: dict[str, Any], database: str
) -> None:
    charger = _shared(database)
    kind, _, *rest = charger.say(json.dumps([2, "fuzz", action, payload]))
    assert kind == 3, rest
    assert schemas.schema(f"{action}Response").is_valid(rest[0]), rest


_fuzzed: dict[str, Talk] = {}


def _shared(database: str) -> Talk:
    """One station per database for all examples."""
    if database not in _fuzzed:
        _fuzzed[database] = talk()
    return _fuzzed[database]
