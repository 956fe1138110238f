"""The 5 cases of the FirmwareManagement profile."""

from datetime import datetime, timedelta

import pytest
import requests

from tests.conformance.files import ELSEWHERE, Job, asks_for_firmware, asks_for_log, firmware
from tests.conformance.harness import Platform, Station, until

CAMPAIGN = """mutation($account: UUID!, $firmware: UUID!, $stations: [UUID!]!) {
  createCampaign(accountId: $account, name: "2.0", firmwareId: $firmware, stationIds: $stations, waves: {}) {
    __typename ... on Campaign { id } ... on Problem { code fields { field code } } } }"""
BEGIN = "mutation($id: UUID!) { startCampaign(id: $id) { __typename ... on Problem { code } } }"
CAMPAIGN_SHOWN = "query($id: UUID!) { campaign(id: $id) { state stations { nodes { state reason jobId } } } }"


def tell(station: Station, *statuses: str, message: str = "FirmwareStatusNotification") -> None:
    """The station tells how far it is."""
    for status in statuses:
        assert station.say(message, status=status) == {}


def test_tc_044_1_csms_firmware_is_fetched_and_installed_step_by_step(platform: Platform, station: Station) -> None:
    job, message_id, sent = asks_for_firmware(station, firmware(platform))
    assert sent["location"] == ELSEWHERE
    assert abs(datetime.fromisoformat(sent["retrieveDate"]) - platform.now()) < timedelta(seconds=30)
    station.answers(message_id)
    tell(station, "Downloading", "Downloaded", "Installing")
    job.is_now("RUNNING")
    station.drop()
    station.connect()
    assert station.boot(firmwareVersion="2.0")["status"] == "Accepted"
    tell(station, "Installed")
    job.is_now("DONE")
    assert job.steps() == ["Downloading", "Downloaded", "Installing", "Boot", "Installed"]
    assert station.shown()["firmware"] == "2.0"


def fails(platform: Platform, station: Station, *statuses: str) -> None:
    """A campaign sends firmware to the station, which comes to no good end: it stops, and says why."""
    made = platform.do(CAMPAIGN, account=platform.account_id, firmware=firmware(platform), stations=[station.id])
    platform.do(BEGIN, id=made["id"])
    platform.forward(timedelta(seconds=6))
    message_id, _ = station.hears("UpdateFirmware")
    station.answers(message_id)
    tell(station, *statuses)
    platform.forward(timedelta(seconds=6))

    def shown() -> dict[str, object]:
        return dict(platform.ask(CAMPAIGN_SHOWN, id=made["id"])["campaign"])

    until(lambda: shown()["state"] == "STOPPED")
    (one,) = platform.ask(CAMPAIGN_SHOWN, id=made["id"])["campaign"]["stations"]["nodes"]
    assert (one["state"], one["reason"]) == ("FAILED", statuses[-1])
    assert Job(station, one["jobId"]).steps() == list(statuses)


def test_tc_044_2_csms_a_download_that_fails_stops_the_campaign(platform: Platform, station: Station) -> None:
    fails(platform, station, "Downloading", "DownloadFailed")


def test_tc_044_3_csms_an_installation_that_fails_stops_the_campaign_and_the_station_is_back(
    platform: Platform, station: Station
) -> None:
    fails(platform, station, "Downloading", "Downloaded", "Installing", "InstallationFailed")
    station.status("Available")
    assert station.connector()["state"] == "AVAILABLE"


@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_tc_045_1_csms_diagnostics_are_sent_and_reachable(station: Station, method: str) -> None:
    job, message_id, sent = asks_for_log(station, "DIAGNOSTICS")
    station.answers(message_id, fileName="diagnostics.log")
    tell(station, "Uploading", message="DiagnosticsStatusNotification")
    address = sent["location"].rstrip("/") + "/diagnostics.log"
    assert requests.request(method, address, data=b"all is well", timeout=10).ok
    tell(station, "Uploaded", message="DiagnosticsStatusNotification")
    job.is_now("DONE")
    assert job.shown()["announcedName"] == "diagnostics.log"
    assert job.steps() == ["Uploading", "FileReceived", "Uploaded"]
    assert job.file() == b"all is well"


def test_tc_045_2_csms_an_upload_that_fails_is_seen(station: Station) -> None:
    job, message_id, _ = asks_for_log(station, "DIAGNOSTICS")
    station.answers(message_id, fileName="diagnostics.log")
    tell(station, "Uploading", "UploadFailed", message="DiagnosticsStatusNotification")
    job.is_now("FAILED", "UploadFailed")
