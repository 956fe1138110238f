"""Files, firmware and campaigns in the browser: asked for, followed, read; what is wrong stands at its field."""

import io

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from accounts.values import AccountId
from stations.file_addresses import upload_address
from stations.models import Campaign, CampaignStation, FileJob, Firmware, Station, StationCommand
from stations.uploads import take_firmware, take_upload
from stations.use_cases import add_firmware, request_file
from stations.values import CampaignState, CampaignStationState, FileJobId, FileJobKind, StationId
from tests import scene
from tests.portal.office import Office, office
from tests.talk import Talk


@pytest.fixture
def at_work(app: Flask) -> Office:
    """Alice, Bob and Charlie at their desks."""
    return office(app)


@pytest.fixture
def station(at_work: Office) -> Station:
    """A station of Bob's property."""
    return scene.station(property=at_work.people.home, name="Ost")


def only(model: type) -> object:
    (row,) = scene.rows(model)
    return row


def sent_by_station(job: FileJob, content: bytes, name: str = "log.txt") -> None:
    address = upload_address(FileJobId(job.id)).rpartition("/up/")[2]
    take_upload(f"{address}/{name}", io.BytesIO(content))


def test_a_log_is_asked_for_followed_and_read(at_work: Office, station: Station) -> None:
    bob, path = at_work.bob, f"/stations/{station.id}/files"
    assert "Nothing was asked for yet" in bob.get(path).text
    sent = bob.post(path, kind="security_log", since="2026-07-01T08:00", until="2026-07-01T09:00")
    assert (sent.status, sent.headers["Location"]) == (303, path)
    (job,) = scene.rows(FileJob)
    payload = scene.row(StationCommand, job.command_id).payload["log"]
    assert (payload["oldestTimestamp"], payload["latestTimestamp"]) == ("2026-07-01T06:00:00Z", "2026-07-01T07:00:00Z")
    Talk(station).call("LogStatusNotification", {"status": "Uploading", "requestId": 1})
    sent_by_station(job, b"<script>alert(1)</script>\nline 2")
    Talk(station).call("LogStatusNotification", {"status": "Uploaded", "requestId": 1})
    page = bob.get(path)
    for words in (
        "Security log",
        "Sending the file",
        "File received here (32 B)",
        "File sent",
        "log.txt, 32 B",
        "Done",
    ):
        assert words in page.text
    assert page.text.index("Sending the file") < page.text.index("File received here") < page.text.index("File sent")
    shown = bob.get(f"/file-jobs/{job.id}/text")
    assert "<script>alert(1)</script> line 2" in shown.text
    assert "&lt;script&gt;alert(1)" in shown.html
    file = bob.get(f"/file-jobs/{job.id}/file")
    assert (file.raw, file.headers["Content-Type"]) == (
        b"<script>alert(1)</script>\nline 2",
        "application/octet-stream",
    )
    assert file.headers["Content-Disposition"] == "attachment; filename*=UTF-8''log.txt"


def test_a_failure_and_a_file_that_is_no_text_are_told(at_work: Office, station: Station) -> None:
    bob, path = at_work.bob, f"/stations/{station.id}/files"
    bob.post(path, kind="diagnostics")
    (job,) = scene.rows(FileJob)
    Talk(station).call("DiagnosticsStatusNotification", {"status": "UploadFailed"})
    text = bob.get(path).text
    assert "The station could not send the file" in text
    assert "Failed" in text
    sent_by_station(job, b"\x1f\x8b\x00")
    assert "This is not a text" in bob.get(f"/file-jobs/{job.id}/text").text


def test_what_nobody_asked_for_is_shown_beside(at_work: Office, station: Station) -> None:
    Talk(station).call("FirmwareStatusNotification", {"status": "Downloading"})
    text = at_work.bob.get(f"/stations/{station.id}/files").text
    assert "Told without being asked Fetching the firmware" in text


@pytest.mark.parametrize(
    ("fields", "at"),
    [
        ({"kind": "diagnostics", "since": "2026-07-01T09:00", "until": "2026-07-01T08:00"}, "until"),
        ({"kind": "diagnostics", "since": "soon"}, "since"),
        ({"kind": "photo"}, "kind"),
        ({"kind": "diagnostics", "file_retries": "-1"}, "file_retries"),
        ({"kind": "diagnostics", "location": "there"}, "location"),
        ({"deed": "update", "firmware": ""}, "firmware"),
        ({"deed": "update", "install": "2027-07-01T09:00"}, "install"),
        ({"deed": "update", "firmware_retry_interval_s": "often"}, "firmware_retry_interval_s"),
    ],
)
def test_what_can_not_be_asked_for_stands_at_its_field(
    at_work: Office, station: Station, fields: dict[str, str], at: str
) -> None:
    take_firmware(at_work.people.alice, at_work.people.master.id, io.BytesIO(b"x"), "a.bin", version="2.5")
    (firmware,) = scene.rows(Firmware)
    page = at_work.alice.post(f"/stations/{station.id}/files", **{"firmware": str(firmware.id), **fields})
    assert page.status == 422
    assert f'id="{at}-problem"' in page.html
    assert scene.rows(FileJob) == []


def test_tries_are_passed_on_and_a_wish_is_taken_back(at_work: Office, station: Station) -> None:
    bob, path = at_work.bob, f"/stations/{station.id}/files"
    bob.post(path, kind="diagnostics", file_retries="3", file_retry_interval_s="60")
    (job,) = scene.rows(FileJob)
    payload = scene.row(StationCommand, job.command_id).payload
    assert (payload["retries"], payload["retryInterval"]) == (3, 60)
    bob.post(f"/file-jobs/{job.id}/cancel", at=path)
    assert "The command was cancelled" in bob.get(path).text
    assert at_work.charlie.get(f"{path}?before={job.id}").status == 404


def test_what_opens_an_address_is_shown_to_nobody(at_work: Office, station: Station) -> None:
    there = "ftp://user:secret@files.example/in"
    alice, path = at_work.alice, f"/stations/{station.id}/files"
    alice.post(path, kind="diagnostics", location=there)
    assert "To be sent elsewhere (ftp://user:***@files.example/in)" in alice.get(path).text
    firmware = add_firmware(at_work.people.alice, AccountId(at_work.people.master.id), version="2.5", url=there)
    page = alice.get(f"/firmware/{firmware.id}")
    assert "ftp://user:***@files.example/in" in page.text
    assert "secret" not in page.html


def test_older_files_follow_on_further_pages(at_work: Office, station: Station) -> None:
    for _ in range(22):
        request_file(at_work.people.alice, StationId(station.id), FileJobKind.DIAGNOSTICS)
    first = at_work.bob.get(f"/stations/{station.id}/files")
    assert first.text.count("Asked for:") == 20
    oldest = scene.rows(FileJob)[2].id
    assert f"before={oldest}" in first.html
    assert at_work.bob.get(f"/stations/{station.id}/files?before={oldest}").text.count("Asked for:") == 2
    assert at_work.bob.get(f"/stations/{station.id}/files?before=x").text.count("Asked for:") == 20


def test_a_stranger_and_a_neighbour_find_nothing(at_work: Office, station: Station) -> None:
    at_work.bob.post(f"/stations/{station.id}/files", kind="diagnostics")
    (job,) = scene.rows(FileJob)
    sent_by_station(job, b"secret")
    for path in (f"/stations/{station.id}/files", f"/file-jobs/{job.id}/file", f"/file-jobs/{job.id}/text"):
        page = at_work.charlie.get(path)
        assert page.status == 404
        assert b"secret" not in page.raw


def uploaded(at_work: Office, content: bytes, **fields: str) -> TestResponse:
    """Alice sends the form with a file, as a browser does."""
    form = at_work.alice.get("/firmware/new").form("")[1]
    data = {**form, "account": str(at_work.people.master.id), **fields, "file": (io.BytesIO(content), "box.bin")}
    return at_work.alice.client.post("/firmware/new", data=data, headers={"Accept-Language": "en"})


def test_firmware_is_added_installed_and_removed(at_work: Office, station: Station) -> None:
    content = bytes(3_000_000)  # more than other forms may send
    assert uploaded(at_work, content, version="2.5", model="Wallbox 11", notes="Fixes").status_code == 303
    (firmware,) = scene.rows(Firmware)
    assert (firmware.file_size, firmware.file_name) == (3_000_000, "box.bin")
    alice, path = at_work.alice, f"/firmware/{firmware.id}"
    assert "2.5 Wallbox 11 · 3.0 MB" in alice.get("/firmware").text
    assert "What is new in it Fixes" in alice.get(path).text
    alice.post(f"/stations/{station.id}/files", deed="update", firmware=str(firmware.id))
    (job,) = scene.rows(FileJob)
    assert job.kind is FileJobKind.FIRMWARE
    alice.post(f"{path}/remove", at=path)
    assert "A station is at it" in alice.get(path).text
    for status in ("Downloading", "InstallationFailed"):
        Talk(station).call("FirmwareStatusNotification", {"status": status})
    assert "The installation failed" in alice.get(f"/stations/{station.id}/files").text
    alice.post(f"{path}/remove", at=path)
    assert "No firmware yet" in alice.get("/firmware").text


def test_firmware_that_can_not_be_taken_leaves_nothing(at_work: Office) -> None:
    answer = uploaded(at_work, b"x", version="2.5", signature="AAAA", certificate="nonsense")
    assert answer.status_code == 422
    assert 'id="certificate-problem"' in answer.get_data(as_text=True)
    assert scene.rows(Firmware) == []


def test_a_campaign_takes_all_that_its_firmware_is_for(at_work: Office, station: Station) -> None:
    scene.station(property=at_work.people.next_door, name="West")
    other = scene.station(property=at_work.people.home, name="Fremd")
    boot = {"chargePointVendor": "Muster", "chargePointModel": "Wallbox 11"}
    Talk(other).call("BootNotification", {**boot, "chargePointModel": "Säule 22"})
    Talk(station).call("BootNotification", boot)
    uploaded(at_work, b"firmware", version="2.5", model="Wallbox 11")
    (firmware,) = scene.rows(Firmware)
    text = at_work.alice.get(f"/campaigns/new?firmware={firmware.id}").text
    assert "Ost Haus am See · Muster · Wallbox 11" in text
    assert "Fremd" not in text
    fields = {"first_wave": "1", "wave_size": "5", "pause_minutes": "0", "failures_allowed": "0", "all": "1"}
    at_work.alice.post("/campaigns/new", name="Alle", firmware=str(firmware.id), **fields)
    chosen = {scene.row(Station, row.station_id).name for row in scene.rows(CampaignStation)}
    assert chosen == {"Ost", "West"}


def test_large_bodies_are_for_people_who_have_signed_in(app: Flask, at_work: Office) -> None:
    file = {"file": (io.BytesIO(bytes(3_000_000)), "box.bin")}
    assert app.test_client().post("/firmware/new", data=file).status_code in (302, 400, 413)
    assert scene.rows(Firmware) == []


def test_a_campaign_is_planned_started_paused_and_ended(at_work: Office, station: Station) -> None:
    other = scene.station(property=at_work.people.home, name="West")
    uploaded(at_work, b"firmware", version="2.5")
    (firmware,) = scene.rows(Firmware)
    alice = at_work.alice
    page = alice.get(f"/campaigns/new?firmware={firmware.id}")
    assert "Ost" in page.text
    assert "West" in page.text
    fields = {"first_wave": "1", "wave_size": "5", "pause_minutes": "0", "failures_allowed": "0"}
    refused = alice.post("/campaigns/new", name="Herbst", firmware=str(firmware.id), **fields, window_from="22:00")
    assert refused.status == 422
    assert 'id="window_until-problem"' in refused.html
    window = {"window_from": "22:00", "window_until": "05:30"}
    ids = [str(station.id), str(other.id)]
    alice.post("/campaigns/new", name="Herbst", firmware=str(firmware.id), station=ids, **fields, **window)
    (campaign,) = scene.rows(Campaign)
    path = f"/campaigns/{campaign.id}"
    text = alice.get(path).text
    for words in ("Planned", "Waiting: 2", "Time of day 22:00–05:30", "Wave 1 Ost", "Wave 2 West"):
        assert words in text
    for deed, state in (("start", "running"), ("pause", "paused"), ("start", "running")):
        alice.post(f"{path}/{deed}", at=path)
        assert scene.row(Campaign, campaign.id).state is CampaignState(state)
    first, _second = scene.rows(CampaignStation)
    alice.post(f"{path}/stations/{first.id}/skip", at=path)
    assert scene.row(CampaignStation, first.id).state is CampaignStationState.SKIPPED
    alone = alice.get(f"{path}?state=skipped").text
    assert "Ost" in alone
    assert "West" not in alone
    alice.post(f"{path}/stations/{first.id}/retry", at=path)
    assert scene.row(CampaignStation, first.id).state is CampaignStationState.WAITING
    assert alice.post(f"{path}/stations/{first.id}/dance", at=path).status == 404
    alice.post(f"{path}/cancel", at=path)
    assert "Left out: 2" in alice.get(path).text
    assert "Herbst Firmware 2.5 · 2 stations Cancelled" in alice.get("/campaigns").text
    assert at_work.charlie.get(path).status == 404
    assert alice.post("/language", at="/me", language="en", next=path).status == 303
