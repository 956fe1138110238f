"""The 6 cases of the LocalAuthList profile."""

from datetime import timedelta
from typing import Any

from tests.conformance.harness import Platform, Station, accepted, until

ASK = """mutation($station: UUID!) { askLocalListVersion(stationId: $station) {
    __typename ... on Command { id } ... on Problem { code } } }"""
UPDATE = """mutation($station: UUID!, $full: Boolean!) { updateLocalList(stationId: $station, full: $full) {
    __typename ... on Problem { code } } }"""
KEEP = """mutation($station: UUID!) { keepLocalList(stationId: $station, automatic: true) {
    __typename ... on Problem { code } } }"""
LIST = "query($station: UUID!) { localList(stationId: $station) { version known due sending problem } }"


def shown(station: Station) -> dict[str, Any]:
    """The station's list as it is shown."""
    return dict(station.platform.ask(LIST, station=station.id)["localList"])


def version(station: Station, told: int) -> int:
    """The platform asks for the version, the station tells it; what is shown then."""
    asked = station.platform.do(ASK, station=station.id)["id"]
    assert station.asked("GetLocalListVersion", listVersion=told) == {}
    assert station.outcome(asked) == accepted({"listVersion": told})
    until(lambda: shown(station)["version"] is not None)
    return int(shown(station)["version"])


def update(station: Station, status: str, *, full: bool) -> dict[str, Any]:
    """The platform tells the list, the station answers; the message."""
    station.platform.do(UPDATE, station=station.id, full=full)
    sent = station.asked("SendLocalList", status=status)
    outcome = {"version": sent["listVersion"]} if status == "Accepted" else {"problem": status}
    until(lambda: outcome.items() <= shown(station).items())
    return sent


def test_tc_042_1_csms_minus_one_means_that_the_station_keeps_no_list(station: Station) -> None:
    assert version(station, -1) == -1
    assert shown(station)["known"] is None


def test_tc_042_2_csms_zero_means_that_the_list_is_empty(station: Station) -> None:
    assert version(station, 0) == 0
    assert shown(station)["known"] == 0


def test_tc_043_1_csms_a_station_without_lists_is_not_asked_again_and_again(
    platform: Platform, station: Station
) -> None:
    platform.tag()
    platform.do(KEEP, station=station.id)
    station.asked("SendLocalList", status="NotSupported")
    until(lambda: shown(station)["problem"] == "NotSupported")
    assert (shown(station)["version"], shown(station)["sending"]) == (-1, False)
    platform.tag()
    platform.forward(timedelta(minutes=6))
    station.say("Heartbeat")


def test_tc_043_3_csms_a_list_that_the_station_could_not_take_leaves_the_old_version(
    platform: Platform, station: Station
) -> None:
    platform.tag()
    assert version(station, 7) == 7
    assert update(station, "Failed", full=True)["listVersion"] == 8
    assert shown(station)["version"] == 7
    assert shown(station)["problem"] == "Failed"


def test_tc_043_4_csms_the_full_list_says_of_every_tag_what_it_may(platform: Platform, station: Station) -> None:
    good, bad = platform.tag(), platform.tag(blocked=True)
    assert version(station, 0) == 0
    sent = update(station, "Accepted", full=True)
    assert (sent["updateType"], sent["listVersion"]) == ("Full", 1)
    told = {entry["idTag"]: entry["idTagInfo"]["status"] for entry in sent["localAuthorizationList"]}
    assert (told[good], told[bad]) == ("Accepted", "Blocked")
    assert shown(station) == {"version": 1, "known": len(told), "due": 0, "sending": False, "problem": ""}


def test_tc_043_5_csms_a_difference_says_only_what_changed(platform: Platform, station: Station) -> None:
    platform.tag()
    update(station, "Accepted", full=True)
    added = platform.tag(parentIdTag="HOUSE")
    sent = update(station, "Accepted", full=False)
    assert sent == {
        "listVersion": 2,
        "updateType": "Differential",
        "localAuthorizationList": [{"idTag": added, "idTagInfo": {"status": "Accepted", "parentIdTag": "HOUSE"}}],
    }
    assert (shown(station)["version"], shown(station)["due"]) == (2, 0)
