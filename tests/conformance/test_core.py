"""The 34 cases of the Core profile; those about settings are in `test_core_settings.py`."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.conformance.harness import Platform, Station, accepted, refused, unknown_tag, until, written

START = """mutation($connector: UUID!) { startCharging(connectorId: $connector) {
    __typename ... on Authorisation { id commandId } ... on Problem { code } } }"""
STOP = """mutation($session: UUID!) { stopCharging(sessionId: $session) {
    __typename ... on StopRequest { commandId } ... on Problem { code } } }"""
AUTHORISATION = "query($id: UUID!) { authorisation(id: $id) { state failure } }"


@pytest.fixture
def new(platform: Platform) -> Iterator[Station]:
    """A station that has not connected yet."""
    station = platform.station()
    yield station
    station.ends()


def remote_start(station: Station, connector: int = 1) -> dict[str, Any]:
    """The operator starts a session: id of the permission and of the command."""
    return station.platform.do(START, connector=station.connector(connector)["id"])


def remote_stop(station: Station) -> str:
    """The operator ends the session; the id of the command."""
    return str(station.platform.do(STOP, session=station.session()["id"])["commandId"])


def permission(station: Station, started: dict[str, Any]) -> tuple[str, str | None]:
    """What became of a start that was asked for."""
    found = station.platform.ask(AUTHORISATION, id=started["id"])["authorisation"]
    return found["state"], found["failure"]


def ended(station: Station, reason: str | None) -> None:
    """The one session is over for this reason, and its connector is free."""
    session = station.session()
    assert (session["state"], session["stopReason"]) == ("ENDED", reason)
    assert session["energyWh"] == 50
    assert station.connector()["state"] == "AVAILABLE"


# ------------------------------------------------------------------------------------------- boot


def test_tc_001_csms_a_cold_boot_is_accepted_and_every_connector_is_shown(platform: Platform, new: Station) -> None:
    new.connect()
    answer = new.boot(firmwareVersion="1.2.3", chargePointSerialNumber="SN-1")
    assert answer["status"] == "Accepted"
    assert answer["interval"] > 0
    beat = new.say("Heartbeat")
    for said in (answer["currentTime"], beat["currentTime"]):
        assert abs(datetime.fromisoformat(said) - platform.now()) < timedelta(seconds=30)
    shown = new.shown()
    connectors = shown.pop("connectors")
    assert shown == {"connected": True, "vendor": "Octo", "model": "Tester", "firmware": "1.2.3", "serial": "SN-1"}
    assert [(one["number"], one["status"], one["state"]) for one in connectors] == [
        (1, "AVAILABLE", "AVAILABLE"),
        (2, "AVAILABLE", "AVAILABLE"),
    ]


# ------------------------------------------------------------------------------------------- sessions


def test_tc_003_csms_a_session_begins_with_the_cable(platform: Platform, station: Station) -> None:
    tag = platform.tag()
    station.status("Preparing")
    assert station.connector()["status"] == "PREPARING"
    assert station.authorize(tag) == {"status": "Accepted"}
    started = station.start(tag)
    assert started["idTagInfo"] == {"status": "Accepted"}
    station.status("Charging")
    session = station.session()
    assert (session["transactionId"], session["kind"], session["state"]) == (started["transactionId"], "TAG", "ACTIVE")
    assert session["idTag"] == tag
    assert (station.connector()["status"], station.connector()["state"]) == ("CHARGING", "OCCUPIED")


def test_tc_004_1_csms_a_session_begins_with_the_card(platform: Platform, station: Station) -> None:
    tag = platform.tag()
    assert station.authorize(tag) == {"status": "Accepted"}
    station.status("Preparing")
    started = station.start(tag)
    station.status("Charging")
    session = station.session()
    assert (session["transactionId"], session["kind"], session["state"]) == (started["transactionId"], "TAG", "ACTIVE")


def test_tc_004_2_csms_a_card_and_then_no_cable_is_no_session(platform: Platform, station: Station) -> None:
    assert station.authorize(platform.tag()) == {"status": "Accepted"}
    station.status("Preparing")
    station.status("Available")
    assert station.sessions() == []
    assert station.connector()["state"] == "AVAILABLE"


def test_tc_005_1_csms_a_cable_pulled_at_the_car_ends_the_session(station: Station) -> None:
    transaction = station.charging()
    station.status("SuspendedEV")
    assert station.stop(transaction, reason="EVDisconnected").get("idTagInfo", {}).get("status") in (None, "Accepted")
    station.status("Finishing")
    station.status("Available")
    ended(station, "EVDisconnected")


def test_tc_007_csms_a_session_begins_by_a_tag_that_the_station_remembers(platform: Platform, station: Station) -> None:
    station.status("Preparing")
    started = station.start(platform.tag())
    assert started["idTagInfo"] == {"status": "Accepted"}
    station.status("Charging")
    assert station.session()["kind"] == "TAG"


# ------------------------------------------------------------------------------------------- from afar


def test_tc_010_csms_a_remote_start_with_the_cable_in_is_linked_to_its_session(station: Station) -> None:
    station.status("Preparing")
    wish = remote_start(station)
    sent = station.asked("RemoteStartTransaction", status="Accepted")
    assert sent["connectorId"] == 1
    assert station.authorize(sent["idTag"]) == {"status": "Accepted"}
    assert station.start(sent["idTag"])["idTagInfo"] == {"status": "Accepted"}
    station.status("Charging")
    assert station.outcome(wish["commandId"]) == accepted()
    assert permission(station, wish) == ("USED", None)
    session = station.session()
    assert (session["kind"], session["state"], session["authorisationId"]) == ("OPERATOR", "ACTIVE", wish["id"])


def test_tc_011_1_csms_a_remote_start_before_the_cable_waits_for_it(station: Station) -> None:
    wish = remote_start(station, connector=2)
    sent = station.asked("RemoteStartTransaction", status="Accepted")
    assert sent["connectorId"] == 2
    station.status("Preparing", connector=2)
    assert permission(station, wish) == ("WAITING", None)
    station.start(sent["idTag"], connector=2)
    station.status("Charging", connector=2)
    assert permission(station, wish) == ("USED", None)
    assert station.session()["connectorNumber"] == 2


def test_tc_011_2_csms_a_remote_start_without_a_cable_times_out(platform: Platform, station: Station) -> None:
    wish = remote_start(station)
    station.asked("RemoteStartTransaction", status="Accepted")
    station.status("Preparing")
    platform.forward(timedelta(seconds=95))
    station.status("Available")
    until(lambda: permission(station, wish) == ("EXPIRED", "not_plugged_in"))
    assert station.sessions() == []


def test_tc_012_csms_a_remote_stop_ends_the_session(station: Station) -> None:
    transaction = station.charging()
    stopping = remote_stop(station)
    assert station.asked("RemoteStopTransaction", status="Accepted") == {"transactionId": transaction}
    station.stop(transaction, reason="Remote")
    station.status("Finishing")
    station.status("Available")
    assert station.outcome(stopping) == accepted()
    ended(station, "Remote")


def reset(station: Station, kind: str) -> None:
    """The operator restarts the station, which drops its socket and comes back; nothing hangs on the old socket."""
    asked = station.command("RESET", type=kind)
    assert station.asked("Reset", status="Accepted") == {"type": kind}
    assert station.outcome(asked) == accepted()
    unanswered = station.command("TRIGGER_MESSAGE", requestedMessage="Heartbeat")
    lost, _ = station.hears("TriggerMessage")
    behind = station.command("CLEAR_CACHE")
    station.drop()
    until(lambda: not station.shown()["connected"])
    asleep = station.command("GET_LOCAL_LIST_VERSION")
    station.connect()
    assert station.boot(firmwareVersion=f"after {kind}")["status"] == "Accepted"
    shown = station.shown()
    assert (shown["connected"], shown["firmware"]) == (True, f"after {kind}")
    again, _ = station.hears("TriggerMessage")
    assert again == lost
    station.answers(again, status="Accepted")
    assert station.asked("ClearCache", status="Accepted") == {}
    assert station.asked("GetLocalListVersion", listVersion=0) == {}
    assert [station.outcome(one)["state"] for one in (unanswered, behind, asleep)] == ["ACCEPTED"] * 3
    assert station.authorize(station.platform.tag()) == {"status": "Accepted"}


def test_tc_013_csms_after_a_hard_reset_the_station_is_back(station: Station) -> None:
    reset(station, "Hard")


def test_tc_014_csms_after_a_soft_reset_the_station_is_back(station: Station) -> None:
    reset(station, "Soft")


def test_tc_026_csms_a_refused_remote_start_is_seen(station: Station) -> None:
    wish = remote_start(station)
    station.asked("RemoteStartTransaction", status="Rejected")
    assert station.outcome(wish["commandId"]) == refused("Rejected")
    until(lambda: permission(station, wish) == ("FAILED", "refused"))


def test_tc_028_csms_a_refused_remote_stop_is_seen_and_the_session_goes_on(station: Station) -> None:
    station.charging()
    stopping = remote_stop(station)
    station.asked("RemoteStopTransaction", status="Rejected")
    assert station.outcome(stopping) == refused("Rejected")
    assert station.session()["state"] == "ACTIVE"


# ------------------------------------------------------------------------------------------- unlocking


def unlock(station: Station, status: str, connector: int = 1) -> dict[str, Any]:
    """The operator unlocks, the station answers; what is shown of it."""
    asked = station.command("UNLOCK", connectorId=connector)
    assert station.asked("UnlockConnector", status=status) == {"connectorId": connector}
    return station.outcome(asked)


def test_tc_017_1_csms_an_unlocked_connector_is_shown(station: Station) -> None:
    assert unlock(station, "Unlocked") == accepted({"status": "Unlocked"})


def test_tc_017_2_csms_a_fixed_cable_is_not_supported_which_is_no_error(station: Station) -> None:
    assert unlock(station, "NotSupported") == refused("NotSupported")


def test_tc_018_1_csms_unlocking_while_charging_ends_the_session(station: Station) -> None:
    transaction = station.charging()
    assert unlock(station, "Unlocked") == accepted({"status": "Unlocked"})
    station.stop(transaction, reason="UnlockCommand")
    station.status("Finishing")
    station.status("Available")
    ended(station, "UnlockCommand")


def test_tc_030_csms_an_unlocking_that_fails_is_seen(station: Station) -> None:
    assert unlock(station, "UnlockFailed") == refused("UnlockFailed")


def test_tc_031_csms_an_unknown_connector_goes_to_the_station_and_its_answer_is_shown(station: Station) -> None:
    assert unlock(station, "NotSupported", connector=9) == refused("NotSupported")


# ------------------------------------------------------------------------------------------- tags and faults


def test_tc_023_1_csms_an_unknown_tag_is_invalid(station: Station) -> None:
    assert station.authorize(unknown_tag()) == {"status": "Invalid"}


def test_tc_023_2_csms_an_expired_tag_is_expired(platform: Platform, station: Station) -> None:
    yesterday = platform.now() - timedelta(days=1)
    tag = platform.tag(expiresAt=yesterday.isoformat())
    answer = station.authorize(tag)
    assert answer["status"] == "Expired"


def test_tc_023_3_csms_a_blocked_tag_is_blocked(platform: Platform, station: Station) -> None:
    assert station.authorize(platform.tag(blocked=True)) == {"status": "Blocked"}


def test_tc_024_csms_a_lock_that_fails_is_seen(platform: Platform, station: Station) -> None:
    assert station.authorize(platform.tag()) == {"status": "Accepted"}
    station.status("Preparing")
    station.status("Faulted", error="ConnectorLockFailure")
    shown = station.connector()
    assert (shown["status"], shown["state"], shown["errorCode"]) == ("FAULTED", "FAULTED", "ConnectorLockFailure")
    assert station.sessions() == []


# ------------------------------------------------------------------------------------------- offline


def test_tc_032_1_csms_a_session_is_closed_by_the_station_that_lost_power(platform: Platform, station: Station) -> None:
    transaction = station.charging()
    station.drop()
    lost = platform.now()
    station.connect()
    assert station.boot()["status"] == "Accepted"
    station.stop(transaction, at=lost, reason="PowerLoss")
    ended(station, "PowerLoss")
    assert (station.session()["transactionId"], station.session()["endedAt"]) == (transaction, written(lost))


def test_tc_037_1_csms_a_session_that_began_offline_keeps_its_own_time(platform: Platform, station: Station) -> None:
    tag, then = platform.tag(), platform.now() - timedelta(minutes=20)
    station.drop()
    station.connect()
    started = station.start(tag, at=then)
    assert started["idTagInfo"] == {"status": "Accepted"}
    station.status("Charging")
    session = station.session()
    assert (session["transactionId"], session["startedAt"]) == (started["transactionId"], written(then))
    assert (session["kind"], session["state"], session["offline"]) == ("TAG", "ACTIVE", True)


def test_tc_037_3_csms_a_bad_tag_that_began_offline_gets_a_number_and_its_stop_is_taken(
    platform: Platform, station: Station
) -> None:
    then = platform.now() - timedelta(minutes=20)
    station.drop()
    station.connect()
    started = station.start(unknown_tag(), at=then)
    assert started["transactionId"] > 0
    assert started["idTagInfo"] == {"status": "Invalid"}
    station.stop(started["transactionId"], reason="DeAuthorized")
    ended(station, "DeAuthorized")
    assert (station.session()["kind"], station.session()["startedAt"]) == ("UNAUTHORISED", written(then))


def test_tc_039_csms_a_session_that_was_offline_as_a_whole_keeps_its_times_and_energy(
    platform: Platform, station: Station
) -> None:
    began, over = platform.now() - timedelta(hours=2), platform.now() - timedelta(hours=1)
    tag = platform.tag()
    station.drop()
    station.connect()
    started = station.start(tag, at=began)
    station.stop(started["transactionId"], at=over, reason="Local")
    ended(station, "Local")
    session = station.session()
    assert (session["startedAt"], session["endedAt"]) == (written(began), written(over))
    assert (session["meterStartWh"], session["meterStopWh"], session["energyWh"]) == (1000, 1050, 50)
    assert (session["kind"], session["offline"]) == ("TAG", True)


# ------------------------------------------------------------------------------------------- vendors


def test_tc_064_csms_a_vendors_private_message_is_answered(station: Station) -> None:
    answer = station.say("DataTransfer", vendorId="com.example.unknown", messageId="Hello", data="x")
    assert answer["status"] in ("Rejected", "UnknownVendorId", "UnknownMessageId")
