"""The 5 cases of the SmartCharging profile."""

from typing import Any

from tests.conformance.harness import Station, accepted, refused, until

SET = """mutation($station: UUID!, $connector: Int!, $profile: ChargingProfileInput!) {
  setChargingProfile(stationId: $station, connectorNumber: $connector, profile: $profile) {
    __typename ... on ChargingProfile { id profileNumber commandId }
    ... on Problem { code fields { field code } } } }"""
START = """mutation($connector: UUID!, $profile: ChargingProfileInput!) {
  startCharging(connectorId: $connector, profile: $profile) {
    __typename ... on Authorisation { id commandId } ... on Problem { code fields { field code } } } }"""
ASK_SCHEDULE = """mutation($station: UUID!) {
  askCompositeSchedule(stationId: $station, connectorNumber: 1, durationS: 300, unit: AMPERE) {
    __typename ... on Command { id } ... on Problem { code fields { field code } } } }"""
CLEAR = """mutation($station: UUID!, $number: Int, $connector: Int, $purpose: ProfilePurpose, $level: Int) {
  clearChargingProfiles(stationId: $station, profileNumber: $number, connectorNumber: $connector, purpose: $purpose,
    stackLevel: $level) { __typename ... on Command { id } ... on Problem { code fields { field code } } } }"""
PROFILES = """query($station: UUID!) { chargingProfiles(stationId: $station) {
    profileNumber purpose state reason stackLevel transactionId limit unit } }"""
SCHEDULES = """query($station: UUID!) { compositeSchedules(stationId: $station) {
    connectorNumber durationS unit points { startS limit } } }"""
SIX_AMPERES = {"unit": "AMPERE", "periods": [{"startS": 0, "limit": "6"}]}


def limit(station: Station, purpose: str, connector: int, level: int = 0) -> dict[str, Any]:
    """The operator sends a profile, the station takes it; the message."""
    profile = {"purpose": purpose, "stackLevel": level, **SIX_AMPERES}
    made = station.platform.do(SET, station=station.id, connector=connector, profile=profile)
    sent = station.asked("SetChargingProfile", status="Accepted")
    assert sent["connectorId"] == connector
    assert sent["csChargingProfiles"]["chargingProfileId"] == made["profileNumber"]
    assert station.outcome(made["commandId"]) == accepted()
    until(lambda: shown(station, made["profileNumber"])["state"] == "INSTALLED")
    return dict(sent["csChargingProfiles"])


def shown(station: Station, number: int) -> dict[str, Any]:
    """A profile as it is shown."""
    profiles = station.platform.ask(PROFILES, station=station.id)["chargingProfiles"]
    return next(dict(one) for one in profiles if one["profileNumber"] == number)


def test_tc_056_csms_a_limit_for_every_session_is_installed(station: Station) -> None:
    sent = limit(station, "DEFAULT", 1)
    number = sent["chargingProfileId"]
    assert (sent["chargingProfilePurpose"], sent["stackLevel"]) == ("TxDefaultProfile", 0)
    assert sent["chargingSchedule"]["chargingRateUnit"] == "A"
    assert sent["chargingSchedule"]["chargingSchedulePeriod"] == [{"startPeriod": 0, "limit": 6.0}]
    assert shown(station, number) == {
        "profileNumber": number,
        "purpose": "DEFAULT",
        "state": "INSTALLED",
        "reason": "",
        "stackLevel": 0,
        "transactionId": None,
        "limit": "6",
        "unit": "A",
    }


def test_tc_057_csms_a_limit_for_a_running_session_names_its_transaction(station: Station) -> None:
    transaction = station.charging()
    sent = limit(station, "SESSION", 1)
    assert (sent["chargingProfilePurpose"], sent["transactionId"]) == ("TxProfile", transaction)
    assert shown(station, sent["chargingProfileId"])["transactionId"] == transaction
    station.stop(transaction, reason="Local")
    until(lambda: shown(station, sent["chargingProfileId"])["state"] == "ENDED")


def test_tc_059_csms_a_remote_start_carries_a_limit_without_a_transaction(station: Station) -> None:
    connector = station.connector()["id"]
    wish = station.platform.do(START, connector=connector, profile={"purpose": "SESSION", **SIX_AMPERES})
    sent = station.asked("RemoteStartTransaction", status="Accepted")
    profile = sent["chargingProfile"]
    assert profile["chargingProfilePurpose"] == "TxProfile"
    assert "transactionId" not in profile
    assert station.outcome(wish["commandId"]) == accepted()
    station.status("Preparing")
    station.start(sent["idTag"])
    station.status("Charging")
    assert station.session()["authorisationId"] == wish["id"]
    until(lambda: shown(station, profile["chargingProfileId"])["state"] == "INSTALLED")


def test_tc_066_csms_the_composite_schedule_is_read_and_shown(station: Station) -> None:
    for purpose, level in (("DEFAULT", 0), ("DEFAULT", 1)):
        limit(station, purpose, 1, level)
    asked = station.platform.do(ASK_SCHEDULE, station=station.id)["id"]
    periods = [{"startPeriod": 0, "limit": 6.0}, {"startPeriod": 60, "limit": 10.0}]
    answer = {
        "status": "Accepted",
        "connectorId": 1,
        "scheduleStart": station.stamp(),
        "chargingSchedule": {"duration": 300, "chargingRateUnit": "A", "chargingSchedulePeriod": periods},
    }
    sent = station.asked("GetCompositeSchedule", **answer)
    assert sent == {"connectorId": 1, "duration": 300, "chargingRateUnit": "A"}
    assert station.outcome(asked) == accepted(answer)
    (schedule,) = station.platform.ask(SCHEDULES, station=station.id)["compositeSchedules"]
    points = [{"startS": 0, "limit": "6.0"}, {"startS": 60, "limit": "10.0"}]
    assert schedule == {"connectorNumber": 1, "durationS": 300, "unit": "A", "points": points}


def clear(station: Station, status: str, **which: Any) -> dict[str, Any]:
    """The operator clears profiles, the station answers; the message."""
    asked = station.platform.do(CLEAR, station=station.id, **which)["id"]
    sent = station.asked("ClearChargingProfile", status=status)
    assert station.outcome(asked) == (accepted() if status == "Accepted" else refused(status))
    return sent


def test_tc_067_csms_profiles_are_cleared_by_number_and_by_purpose(station: Station) -> None:
    first, second, kept = (
        limit(station, "DEFAULT", connector, level)["chargingProfileId"]
        for connector, level in ((1, 0), (2, 1), (2, 2))
    )
    assert clear(station, "Accepted", number=first) == {"id": first}
    until(lambda: shown(station, first)["state"] == "CLEARED")
    sent = clear(station, "Accepted", connector=2, purpose="DEFAULT", level=1)
    assert sent == {"connectorId": 2, "chargingProfilePurpose": "TxDefaultProfile", "stackLevel": 1}
    until(lambda: shown(station, second)["state"] == "CLEARED")
    assert shown(station, kept)["state"] == "INSTALLED"
    assert clear(station, "Unknown", number=first) == {"id": first}
