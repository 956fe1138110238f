"""Files of stations: asked for, told step by step, received, given up; firmware with and without a signature."""

import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from accounts.access import SYSTEM
from kit import clock, files, settings, worker
from kit.errors import Conflict, Forbidden, Invalid, NotFound
from kit.files import FileGone
from stations import jobs
from stations.file_addresses import upload_address
from stations.models import FileJob
from stations.queries import file_job, file_jobs, received_file, unasked_steps
from stations.reactions import REACTIONS
from stations.use_cases import cancel_file_job, finish_command, mark_command_sent, set_quirks
from stations.values import Action, CommandId, CommandState, FileJobId, FileJobKind, FileJobState, StationId
from tests import scene
from tests.stations.file_stories import (
    answered,
    asked,
    command_of,
    made_firmware,
    on_the_wire,
    sent_file,
    story,
    updated,
)
from tests.talk import Talk, iso

pytestmark = pytest.mark.usefixtures("database", "program")
LOGS = [FileJobKind.DIAGNOSTICS_LOG, FileJobKind.SECURITY_LOG]


@pytest.fixture(autouse=True)
def _events() -> None:
    worker.bind([REACTIONS], jobs.JOBS)


def test_q20_a_station_without_tls_is_given_plain_addresses_for_its_files() -> None:
    before = settings.current()
    settings.use(replace(before, public_url="https://charge.example.com:8443"))
    station = scene.station()
    safe = on_the_wire(asked(station))["location"]
    set_quirks(SYSTEM, StationId(station.id), {"plain_files": True})
    plain = [on_the_wire(asked(station)), on_the_wire(updated(station, made_firmware(station)))]
    settings.use(before)
    assert safe.startswith("https://charge.example.com:8443/files/up/")
    for payload, where in zip(plain, ("up", "down"), strict=True):
        assert payload["location"].startswith(f"http://charge.example.com/files/{where}/")


def test_tc_045_1_diagnostics_are_asked_for_uploaded_and_there() -> None:
    station = scene.station()
    talk, since, until = Talk(station), clock.now() - timedelta(hours=2), clock.now()
    job = asked(station, start_at=since, stop_at=until, retries=3, retry_interval_s=60)
    assert on_the_wire(job) == {
        "location": upload_address(FileJobId(job.id)),
        "startTime": iso(since),
        "stopTime": iso(until),
        "retries": 3,
        "retryInterval": 60,
    }
    answered(job, {"fileName": "diag-1.zip"})
    assert story(job) == ("accepted", "", [])
    talk.call("DiagnosticsStatusNotification", {"status": "Uploading"})
    assert story(job)[0] == "running"
    sent_file(job, b"content")
    talk.call("DiagnosticsStatusNotification", {"status": "Uploaded"})
    assert story(job) == ("done", "", ["Uploading", "FileReceived", "Uploaded"])
    found = received_file(SYSTEM, FileJobId(job.id))
    assert (found.name, found.sha256) == ("diag-1.zip", hashlib.sha256(b"content").hexdigest())
    assert b"".join(files.read(found.key, 0, found.size)) == b"content"


def test_tc_045_2_a_failed_upload_is_seen_and_may_still_come_to_a_good_end() -> None:
    station = scene.station()
    talk, job = Talk(station), asked(station)
    answered(job, {"fileName": "d"})
    for status in ("Uploading", "UploadFailed"):
        talk.call("DiagnosticsStatusNotification", {"status": status})
    assert story(job) == ("failed", "UploadFailed", ["Uploading", "UploadFailed"])
    for status in ("Uploading", "Uploaded", "Idle", "UploadFailed"):
        talk.call("DiagnosticsStatusNotification", {"status": status})
    assert story(job)[:2] == ("done", "")


@pytest.mark.parametrize("kind", LOGS)
def test_tc_079_a_log_is_asked_for_by_number_and_its_steps_carry_it(kind: FileJobKind) -> None:
    station = scene.station()
    talk = Talk(station)
    first, second = asked(station), asked(station, kind)
    assert on_the_wire(second) == {
        "logType": "SecurityLog" if kind is FileJobKind.SECURITY_LOG else "DiagnosticsLog",
        "requestId": 2,
        "log": {"remoteLocation": upload_address(FileJobId(second.id))},
    }
    assert len(upload_address(FileJobId(second.id))) < 100
    answered(second, {"status": "Accepted", "filename": "log.txt"})
    assert scene.row(FileJob, second.id).announced_name == "log.txt"
    for status in ("Uploading", "Uploaded"):
        talk.call("LogStatusNotification", {"status": status, "requestId": 2})
    assert story(second) == ("done", "", ["Uploading", "Uploaded"])
    assert story(first)[2] == []


def test_a_newer_log_takes_the_place_of_one_still_on_its_way() -> None:
    station = scene.station()
    first, second = asked(station, LOGS[0]), asked(station, LOGS[1])
    answered(first, {"status": "Accepted"})
    answered(second, {"status": "AcceptedCanceled"})
    assert (story(first)[0], story(second)[0]) == ("replaced", "accepted")
    with pytest.raises(Conflict):
        sent_file(first)


@pytest.mark.parametrize(
    ("answer", "state", "reason"),
    [({}, "failed", "no_file"), ({"status": "Rejected"}, "refused", "Rejected")],
)
def test_a_station_may_have_nothing_or_not_want_to(answer: dict[str, Any], state: str, reason: str) -> None:
    job = asked(scene.station())
    answered(job, answer)
    assert story(job) == (state, reason, [])


def test_without_an_answer_a_job_fails_and_a_late_answer_takes_it_up_again() -> None:
    job = asked(scene.station())
    command = CommandId(command_of(job).id)
    mark_command_sent(SYSTEM, command)
    finish_command(SYSTEM, command, CommandState.TIMED_OUT)
    worker.drain()
    assert story(job)[:2] == ("failed", "no_answer")
    finish_command(SYSTEM, command, CommandState.ACCEPTED, answer={"fileName": "late.zip"})
    worker.drain()
    assert story(job)[:2] == ("accepted", "")


def test_what_nobody_asked_for_is_written_down_beside_the_jobs() -> None:
    station = scene.station()
    talk = Talk(station)
    talk.call("DiagnosticsStatusNotification", {"status": "Idle"})
    talk.call("LogStatusNotification", {"status": "Uploaded", "requestId": 99})
    talk.call("SignedFirmwareStatusNotification", {"status": "Installed", "requestId": -5})
    talk.call("FirmwareStatusNotification", {})
    told = [(step.message, step.status, step.detail) for step in unasked_steps(SYSTEM, StationId(station.id))]
    assert told[::-1] == [
        ("DiagnosticsStatusNotification", "Idle", ""),
        ("LogStatusNotification", "Uploaded", "99"),
        ("SignedFirmwareStatusNotification", "Installed", "-5"),
        ("FirmwareStatusNotification", "", ""),
    ]
    assert file_jobs(SYSTEM, station_id=StationId(station.id)) == []


@pytest.mark.parametrize("number", [2**31, -(2**31), 10**15, -(10**15)])
def test_a_number_that_no_database_column_holds_is_none(number: int) -> None:
    station = scene.station()
    talk = Talk(station)
    talk.call("LogStatusNotification", {"status": "Idle", "requestId": number})
    log, firmware = asked(station, LOGS[0]), updated(station, made_firmware(station))
    talk.call("LogStatusNotification", {"status": "Uploaded", "requestId": number})
    talk.call("SignedFirmwareStatusNotification", {"status": "Installed", "requestId": number})
    assert (story(log)[::2], story(firmware)[::2]) == (("done", ["Uploaded"]), ("done", ["Installed"]))
    assert [step.detail for step in unasked_steps(SYSTEM, StationId(station.id))] == [str(number)]


def test_files_and_silent_jobs_go_when_their_time_is_over() -> None:
    station = scene.station()
    old, silent = asked(station, LOGS[0]), asked(station, LOGS[1])
    sent_file(old)
    Talk(station).call("LogStatusNotification", {"status": "Uploaded", "requestId": old.number})
    with clock.moved_to(clock.now() + timedelta(days=1, hours=2)):
        jobs.end_silent_files()
        assert story(silent)[:2] == ("failed", "silent")
        assert received_file(SYSTEM, FileJobId(old.id)).size == 3
    key = scene.row(FileJob, old.id).file_key
    with clock.moved_to(clock.now() + timedelta(days=91)):
        jobs.remove_old_files()
        jobs.remove_loose_files()
    assert story(old)[0] == "done"
    with pytest.raises(FileGone):
        files.read(key, 0, 1)
    with pytest.raises(FileGone):
        received_file(SYSTEM, FileJobId(old.id))


def test_a_file_that_is_here_is_done_though_the_station_never_says_so() -> None:
    station = scene.station()
    first, second = asked(station), asked(station)
    answered(first, {"fileName": "1.zip"})
    sent_file(first)
    answered(second, {"fileName": "2.zip"})
    jobs.end_silent_files()
    assert (story(first)[0], story(second)[0]) == ("running", "accepted")
    with clock.moved_to(clock.now() + timedelta(minutes=50)):
        sent_file(first, b"again, and longer")
    with clock.moved_to(clock.now() + timedelta(minutes=70)):
        jobs.end_silent_files()
        assert story(first)[0] == "running"
    with clock.moved_to(clock.now() + timedelta(minutes=120)):
        jobs.end_silent_files()
    assert story(first) == ("done", "unconfirmed", ["FileReceived", "FileReceived"])
    assert story(second)[0] == "accepted"


def test_a_file_that_arrives_without_an_answer_proves_that_the_station_was_asked() -> None:
    job = asked(scene.station())
    command = CommandId(command_of(job).id)
    mark_command_sent(SYSTEM, command)
    finish_command(SYSTEM, command, CommandState.TIMED_OUT)
    worker.drain()
    sent_file(job)
    assert story(job)[:2] == ("running", "")


def test_bad_wishes_are_refused_at_their_field() -> None:
    station, now = scene.station(), clock.now()
    with pytest.raises(Invalid) as refused:
        asked(station, start_at=now, stop_at=now)
    assert refused.value.fields == {"stop_at": "before_the_start"}
    with pytest.raises(Invalid) as refused:
        asked(station, retries=-1)
    assert refused.value.fields == {"retries": "out_of_range"}
    with pytest.raises(Invalid) as refused:
        asked(station, FileJobKind.FIRMWARE)
    assert refused.value.fields == {"kind": "unknown"}
    with pytest.raises(Invalid) as refused:
        asked(station, start_at=now.replace(tzinfo=None))
    assert refused.value.fields == {"start_at": "without_zone"}
    firmware = made_firmware(station)
    with pytest.raises(Invalid) as refused:
        updated(station, firmware, retrieve_at=now + timedelta(days=22))
    assert refused.value.fields == {"retrieve_at": "out_of_range"}
    assert scene.rows(FileJob) == []


@pytest.mark.parametrize("kind", [FileJobKind.DIAGNOSTICS, FileJobKind.SECURITY_LOG])
def test_a_station_that_speaks_ftp_only_sends_its_file_elsewhere(kind: FileJobKind) -> None:
    station, there = scene.station(), "ftp://user:secret@files.example/in"
    job = asked(station, kind, location=there)
    wire = on_the_wire(job)
    assert there in (wire.get("location"), wire.get("log", {}).get("remoteLocation"))
    first = file_job(SYSTEM, FileJobId(job.id)).steps[0]
    assert (first.status, first.detail) == ("Elsewhere", "ftp://user:***@files.example/in")
    with pytest.raises(Invalid) as refused:
        asked(station, kind, location="there")
    assert refused.value.fields == {"location": "not_an_address"}
    assert len(scene.rows(FileJob)) == 1


def test_an_instant_that_is_past_means_at_once() -> None:
    station = scene.station()
    job = updated(station, made_firmware(station), retrieve_at=clock.now() - timedelta(days=30))
    assert timedelta(days=6) < job.expires_at - clock.now() < timedelta(days=8)


def test_what_was_not_sent_yet_can_be_taken_back() -> None:
    people = scene.people()
    station = scene.station(property=people.property)
    job = asked(station)
    for stranger, refusal in ((people.charlie, NotFound), (people.vera, Forbidden)):
        with pytest.raises(refusal):
            cancel_file_job(stranger, FileJobId(job.id))
    cancel_file_job(people.bob, FileJobId(job.id))
    worker.drain()
    assert story(job)[:2] == ("failed", "cancelled")
    assert command_of(job).state is CommandState.CANCELLED
    sent = asked(station)
    mark_command_sent(SYSTEM, CommandId(command_of(sent).id))
    with pytest.raises(Conflict) as refused:
        cancel_file_job(people.bob, FileJobId(sent.id))
    assert refused.value.code == "command_sent"
    assert story(sent)[0] == "requested"


def test_files_are_for_those_who_may_command_the_station() -> None:
    people = scene.people()
    station = scene.station(property=people.property)
    job = asked(station)
    sent_file(job)
    assert received_file(people.bob, FileJobId(job.id)).size == 3
    assert file_job(people.vera, FileJobId(job.id)).station_name == "Tiefgarage Ost"
    with pytest.raises(Forbidden):
        received_file(people.vera, FileJobId(job.id))
    with pytest.raises(NotFound):
        file_job(people.charlie, FileJobId(job.id))
    assert file_jobs(people.charlie) == []


def test_numbers_count_per_station() -> None:
    one, two = scene.station(), scene.station()
    assert [asked(one).number, asked(one).number, asked(two).number] == [1, 2, 1]
    assert command_of(asked(one)).action is Action.GET_DIAGNOSTICS
    assert scene.rows(FileJob, FileJob.state != FileJobState.REQUESTED) == []
