"""What chargers do to frames and payloads, told as a whole: from the bytes to what stands in the database.

Numbers in the names of tests are those of `docs/quirks.md`.
"""

import json

import pytest

from accounts.access import SYSTEM
from accounts.values import AccountId
from charging.models import ChargingSession, DoubtfulFact, MeterValue
from charging.use_cases import add_tag
from charging.values import Doubt, SessionKind
from ocpp_ws.caller import REPEATED_WITHIN_S
from ocpp_ws.outbound import state_of
from stations.file_steps import state_after
from stations.models import Station
from stations.security_kinds import known_name
from stations.values import Action, CommandState, ConnectorStatus, FileJobState
from tests import scene
from tests.talk import Talk, ago, iso

pytestmark = pytest.mark.usefixtures("database", "program")


@pytest.fixture
def charger(database: str, program: object) -> Talk:
    """A station with one connector of which nothing is known."""
    return Talk(scene.station(status=ConnectorStatus.UNKNOWN))


def test_q23_bytes_that_are_no_utf8_and_control_signs_are_replaced_and_the_rest_is_stored(charger: Talk) -> None:
    boot = b'[2,"1","BootNotification",{"chargePointVendor":"Gen\xe8ve\\u0000","chargePointModel":"A\x07B"}]'
    assert charger.say(boot)[2]["status"] == "Accepted"
    station = scene.row(Station, charger.station.id)
    assert (station.vendor, station.model) == ("Gen\ufffdve", "A\x07B")
    charger.say(boot.replace(b'"1"', b'"2"'))
    (doubt,) = scene.rows(DoubtfulFact, DoubtfulFact.detail.contains("xe8"))
    assert "Gen\\xe8ve\\u0000" in doubt.detail, "as it came, byte by byte"
    assert "A\\x07B" in doubt.detail


def test_q25_a_message_over_several_lines_is_one_message(charger: Talk) -> None:
    text = '[\n  2,\r\n  "7",\n\t"StatusNotification",\n  {\n    "connectorId": 1,\n    "errorCode": "NoError",\n'
    assert charger.say(text + '    "status": "Charging"\n  }\n]\n') == [3, "7", {}]
    assert scene.connector(charger.station).status is ConnectorStatus.CHARGING


@pytest.mark.parametrize("raw", ['[2,"1","Heartbeat",null]', '[2,"1","Heartbeat"]'])
def test_q27_null_instead_of_an_empty_payload_is_an_empty_payload(charger: Talk, raw: str) -> None:
    kind, message_id, payload = charger.say(raw)
    assert (kind, message_id, list(payload)) == (3, "1", ["currentTime"])
    assert charger.say('[2,"2","StartTransaction",null]')[0] == 3
    assert len(scene.rows(ChargingSession)) == 1


@pytest.mark.parametrize(
    ("name", "form"), [("startTransaction", "{}"), ("StartTransaction ", "{}"), ("StartTransaction", "[{}]")]
)
def test_q34_a_start_by_another_spelling_or_in_a_list_is_stored_and_noted_once(
    charger: Talk, name: str, form: str
) -> None:
    for number in (1, 2):
        said = {"connectorId": number, "idTag": "A", "meterStart": 5, "timestamp": iso(ago(minutes=9))}
        payload = form.replace("{}", json.dumps(said))
        assert charger.say(f'[2,"{number}","{name}",{payload}]')[0] == 3
    assert [one.meter_start_wh for one in scene.rows(ChargingSession)] == [5, 5]
    (noted,) = scene.rows(DoubtfulFact, DoubtfulFact.doubt == Doubt.SCHEMA)
    assert noted.action == "StartTransaction"


def test_q34_an_empty_list_is_an_empty_payload_and_two_are_no_message(charger: Talk) -> None:
    assert charger.say('[2,"1","heartbeat",[]]')[2].keys() == {"currentTime"}
    assert charger.say('[2,"2","Heartbeat",[{},{}]]')[:3] == [4, "2", "FormationViolation"]


def test_q31_what_vendors_add_is_kept_and_what_we_need_is_read(charger: Talk) -> None:
    transaction = charger.start(wh=1000, at=iso(ago(minutes=9)), vendorExtension={"bay": 7})["transactionId"]
    samples = [
        {"value": "1400", "unit": "Wh", "vendorAccuracy": "B"},
        {"value": "21", "measurand": "Vendor.Fan.Speed", "unit": "Rpm"},
    ]
    charger.meter(*samples, transactionId=transaction, firmware="x")
    (value,) = scene.rows(MeterValue)
    assert (value.energy_wh, value.samples) == (1400, samples)
    details = [doubt.detail for doubt in scene.rows(DoubtfulFact, DoubtfulFact.doubt == Doubt.SCHEMA)]
    assert '"vendorExtension":{"bay":7}' in details[0]


def test_q32_padded_numbers_and_decimals_are_read_and_kept_as_they_came(charger: Talk) -> None:
    transaction = charger.start(wh="0001000", at=iso(ago(minutes=9)))["transactionId"]
    charger.meter({"value": " 1,250.0 ".replace(",", ""), "unit": "Wh"}, transactionId=f" {transaction} ")
    charger.meter({"value": "1,5", "unit": "kWh"}, connector="1")
    charger.stop(f"{transaction}.0", wh=1999.6)
    assert [value.energy_wh for value in scene.rows(MeterValue)] == [1250, 1500]
    assert scene.rows(MeterValue)[1].samples == [{"value": "1,5", "unit": "kWh"}]
    assert scene.rows(ChargingSession)[0].energy_wh == 1000


def test_q33_texts_longer_than_allowed_are_stored_whole(charger: Talk) -> None:
    said = {"chargePointVendor": "V" * 60, "chargePointModel": "M" * 60, "firmwareVersion": "F" * 120}
    answer = charger.call("BootNotification", said | {"chargePointSerialNumber": "S" * 80})
    station = scene.row(Station, charger.station.id)
    assert (station.vendor, station.model, station.firmware) == ("V" * 60, "M" * 60, "F" * 120)
    assert (station.serial, answer["status"]) == ("S" * 80, "Accepted")


def test_q34_words_out_of_the_list_are_stored_as_text_and_mapped_where_they_are_clear(charger: Talk) -> None:
    charger.status("Error", errorCode="Err-17: fan", vendorErrorCode="x" * 90)
    connector = scene.connector(charger.station)
    assert (connector.status, connector.status_text) == (ConnectorStatus.FAULTED, "Error")
    assert (connector.error_code, connector.vendor_error) == ("Err-17: fan", "x" * 90)
    samples = [
        {"value": "41", "unit": "Celcius", "measurand": "Temperature"},
        {"value": "50.01", "unit": "Hz", "measurand": "Frequency"},
        {"value": "7.2", "unit": "KW", "measurand": "Power.Active.Import", "context": "Periodic"},
    ]
    charger.start(at=iso(ago(minutes=2)))
    charger.meter(*samples)
    (value,) = scene.rows(MeterValue)
    assert (value.power_w, value.samples) == (7200, samples)


@pytest.mark.parametrize("said", ["NOERROR", "noError", " NoError", "No_Error", "no error"])
def test_q34_no_fault_is_none_however_it_is_spelt(charger: Talk, said: str) -> None:
    charger.status("AVAILABLE ", errorCode=said)
    connector = scene.connector(charger.station)
    assert (connector.status, connector.error_code) == (ConnectorStatus.AVAILABLE, "")


def test_q34_words_of_the_list_are_known_however_they_are_spelt(charger: Talk) -> None:
    charger.status("suspended_evse", errorCode="ground failure")
    connector = scene.connector(charger.station)
    assert (connector.status, connector.error_code) == (ConnectorStatus.SUSPENDED_EVSE, "GroundFailure")
    charger.start(at=iso(ago(minutes=2)))
    charger.meter(
        {"value": "1.5", "unit": " KWH", "measurand": "energy.active.import.register", "location": "OUTLET"},
        {"value": "3", "unit": "kw ", "measurand": "Power_Active_Import", "phase": "l1"},
        {"value": "4", "unit": "kW", "measurand": "Power.Active.Import", "phase": "L2-n"},
        {"value": "AA", "format": "signedData"},
    )
    (value,) = scene.rows(MeterValue)
    assert (value.energy_wh, value.power_w) == (1500, 7000)


def test_q34_answers_and_steps_are_known_however_they_are_spelt() -> None:
    assert state_of(Action.RESET, {"status": "ACCEPTED "}) is CommandState.ACCEPTED
    assert state_of(Action.CHANGE_CONFIGURATION, {"status": "reboot_required"}) is CommandState.ACCEPTED
    assert state_of(Action.RESET, {"status": "Rejected"}) is CommandState.REFUSED
    assert state_after(FileJobState.RUNNING, "Upload Failed") is FileJobState.FAILED
    assert known_name("TAMPER_DETECTION_ACTIVATED") == "TamperDetectionActivated"


def test_q29_the_same_id_for_each_message_is_no_repetition_unless_the_content_is_the_same(charger: Talk) -> None:
    start = {"connectorId": 1, "idTag": "A", "meterStart": 1000, "timestamp": iso(ago(minutes=9))}
    transaction = charger.call("StartTransaction", start, message_id="1")["transactionId"]
    value = {"timestamp": iso(ago(minutes=5)), "sampledValue": [{"value": "1300"}]}
    reading = {"connectorId": 1, "transactionId": transaction, "meterValue": [value]}
    assert charger.call("MeterValues", reading, message_id="1") == {}
    assert charger.call("MeterValues", reading, message_id="1") == {}  # the stored answer, and no second row
    stop = {"transactionId": transaction, "meterStop": 1500, "timestamp": iso(ago(minutes=1))}
    assert charger.call("StopTransaction", stop, message_id="1") == {}
    (session,) = scene.rows(ChargingSession)
    assert (session.energy_wh, len(scene.rows(MeterValue))) == (500, 1)


def test_q29_an_answer_is_said_again_for_a_minute_and_then_the_question_is_a_new_one(charger: Talk) -> None:
    asked = {"idTag": "04AABBCC"}
    assert charger.call("Authorize", asked, message_id="1")["idTagInfo"]["status"] == "Invalid"
    add_tag(SYSTEM, AccountId(charger.station.account_id), "04AABBCC")
    assert charger.call("Authorize", asked, message_id="1")["idTagInfo"]["status"] == "Invalid"
    charger.caller.last_at_s -= REPEATED_WITHIN_S
    assert charger.call("Authorize", asked, message_id="1")["idTagInfo"]["status"] == "Accepted"


def test_q30_a_retry_with_a_new_message_id_is_known_by_what_it_says(charger: Talk) -> None:
    begun, over = iso(ago(minutes=9)), iso(ago(minutes=1))
    start = {"connectorId": 1, "idTag": "A", "meterStart": 1000, "timestamp": begun}
    first = charger.call("StartTransaction", start, message_id="a")
    assert charger.call("StartTransaction", start, message_id="b") == first
    stop = {"transactionId": first["transactionId"], "meterStop": 1500, "timestamp": over}
    for message_id in ("c", "d"):
        assert charger.call("StopTransaction", stop, message_id=message_id) == {}
    unknown = stop | {"transactionId": 99_999, "meterStop": 7000}
    for message_id in ("e", "f"):
        assert charger.call("StopTransaction", unknown, message_id=message_id) == {}
    kinds = [session.kind for session in scene.rows(ChargingSession)]
    assert kinds == [SessionKind.UNAUTHORISED, SessionKind.ORPHAN]


def test_q24_what_can_not_be_read_is_answered_by_its_id_and_the_next_message_is_taken(charger: Talk) -> None:
    assert charger.say('[2,"5","StatusNotification",{"connectorId":1,"status":"Char')[:3] == [
        4,
        "5",
        "FormationViolation",
    ]
    assert charger.say(json.dumps({"no": "frame"})) is None
    assert charger.status("Charging") == {}
