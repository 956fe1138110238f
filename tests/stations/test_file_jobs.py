"""Files of stations: asked for, told step by step, received, given up; firmware with and without a signature."""

import base64
import hashlib
import io
from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from accounts.access import SYSTEM, Actor
from kit import clock, db, files, settings, worker
from kit.errors import Conflict, Forbidden, Invalid, NotFound
from kit.files import FileGone
from ocpp_ws import schemas
from ocpp_ws.outbound import state_of
from stations import jobs
from stations.file_addresses import download_address, upload_address
from stations.models import FileJob, Firmware, Station, StationCommand
from stations.queries import file_job, file_jobs, firmwares, firmwares_for, received_file, unasked_steps
from stations.reactions import REACTIONS
from stations.uploads import take_firmware, take_upload
from stations.use_cases import (
    add_firmware,
    boot_station,
    cancel_file_job,
    finish_command,
    mark_command_sent,
    remove_firmware,
    request_file,
    update_firmware,
)
from stations.values import Action, CommandId, CommandState, FileJobId, FileJobKind, FileJobState, FirmwareId, StationId
from tests import scene
from tests.talk import Talk, iso

pytestmark = pytest.mark.usefixtures("database", "program")
SEED = b"firmware 2.5"
LOGS = [FileJobKind.DIAGNOSTICS_LOG, FileJobKind.SECURITY_LOG]


@pytest.fixture(autouse=True)
def _events() -> None:
    worker.bind([REACTIONS], jobs.JOBS)


def command_of(job: FileJob) -> StationCommand:
    found: StationCommand = scene.row(StationCommand, scene.row(FileJob, job.id).command_id)
    return found


def answered(job: FileJob, answer: dict[str, Any]) -> None:
    """The station answers the message of the job."""
    command = command_of(job)
    mark_command_sent(SYSTEM, CommandId(command.id))
    finish_command(SYSTEM, CommandId(command.id), state_of(command.action, answer), answer=answer)
    worker.drain()


def on_the_wire(job: FileJob) -> dict[str, Any]:
    """The payload that goes out, held against the schema of its message."""
    command = command_of(job)
    assert schemas.schema(command.action.value).is_valid(command.payload), command.payload
    return command.payload


def story(job: FileJob) -> tuple[str, str, list[str]]:
    row = file_job(SYSTEM, FileJobId(job.id))
    return row.job.state.value, row.job.reason, [step.status for step in row.steps]


def asked(station: Station, kind: FileJobKind = FileJobKind.DIAGNOSTICS, **more: Any) -> FileJob:
    return request_file(SYSTEM, StationId(station.id), kind, **more)


def sent_file(job: FileJob, content: bytes = b"log") -> None:
    take_upload(upload_address(FileJobId(job.id)).rpartition("/up/")[2], io.BytesIO(content), "")


def made_firmware(station: Station, **facts: Any) -> Firmware:
    given = {"version": "2.5", **facts}
    return take_firmware(SYSTEM, station.account_id, io.BytesIO(SEED), "box.bin", **given)


def updated(station: Station, firmware: Firmware, **more: Any) -> FileJob:
    return update_firmware(SYSTEM, StationId(station.id), FirmwareId(firmware.id), **more)


def signed_by(key: Any, *, how: Any = None) -> dict[str, str]:
    """Signature of SEED, and a certificate of its key."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Muster Elektro")])
    now = clock.now()
    certificate = (x509.CertificateBuilder(name, name, key.public_key(), 7, now, now + timedelta(days=9))).sign(
        key, SHA256()
    )
    raw = key.sign(SEED, ec.ECDSA(SHA256())) if how is None else key.sign(SEED, how, SHA256())
    pem = certificate.public_bytes(Encoding.PEM).decode()
    return {"signature": base64.b64encode(raw).decode(), "certificate": pem}


@pytest.fixture(scope="module")
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


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


def test_tc_044_1_firmware_is_fetched_installed_and_confirmed_by_the_boot() -> None:
    station = scene.station()
    talk, job = Talk(station), updated(station, made_firmware(station), retries=2)
    wire = on_the_wire(job)
    assert (wire["location"], wire["retries"]) == (download_address(FileJobId(job.id), "box.bin"), 2)
    answered(job, {})
    for status in ("Downloading", "Downloaded", "Installing"):
        talk.call("FirmwareStatusNotification", {"status": status})
    boot = {"chargePointVendor": "V", "chargePointModel": "M", "firmwareVersion": "2.5"}
    talk.call("BootNotification", boot)
    assert story(job)[0] == "done"
    talk.call("FirmwareStatusNotification", {"status": "Installed"})
    assert story(job) == ("done", "", ["Downloading", "Downloaded", "Installing", "Boot", "Installed"])


def test_a_start_before_the_station_was_asked_confirms_nothing() -> None:
    station = scene.station()
    job = updated(station, made_firmware(station))
    Talk(station).call(
        "BootNotification", {"chargePointVendor": "V", "chargePointModel": "M", "firmwareVersion": "2.5"}
    )
    assert story(job) == ("requested", "", [])


@pytest.mark.parametrize(
    ("last", "before"), [("DownloadFailed", ["Downloading"]), ("InstallationFailed", ["Downloaded", "Installing"])]
)
def test_tc_044_2_and_3_a_failed_download_or_installation_is_seen(last: str, before: list[str]) -> None:
    station = scene.station()
    talk, job = Talk(station), updated(station, made_firmware(station))
    answered(job, {})
    for status in [*before, last]:
        talk.call("FirmwareStatusNotification", {"status": status})
    talk.call("BootNotification", {"chargePointVendor": "V", "chargePointModel": "M", "firmwareVersion": "2.4"})
    assert story(job)[:2] == ("failed", last)


def test_tc_080_signed_firmware_keeps_its_number_across_the_restart() -> None:
    station = scene.station()
    proof = signed_by(ec.generate_private_key(ec.SECP256R1()))
    later = clock.now() + timedelta(hours=3)
    job = updated(station, made_firmware(station, **proof), signed=True, install_at=later)
    wire = on_the_wire(job)
    assert (wire["requestId"], wire["firmware"]["installDateTime"]) == (1, iso(later))
    assert wire["firmware"]["signature"] == proof["signature"]
    assert wire["firmware"]["signingCertificate"] == proof["certificate"]
    answered(job, {"status": "Accepted"})
    chain = ["Downloading", "Downloaded", "SignatureVerified", "Installing", "InstallRebooting"]
    for status in chain:
        Talk(station).call("SignedFirmwareStatusNotification", {"status": status, "requestId": 1})
    Talk(station).call("BootNotification", {"chargePointVendor": "V", "chargePointModel": "M"})
    Talk(station).call("SignedFirmwareStatusNotification", {"status": "Installed", "requestId": 1})
    assert story(job) == ("done", "", [*chain, "Boot", "Installed"])


def test_tc_081_a_station_that_finds_the_signature_wrong_says_so() -> None:
    station = scene.station()
    firmware = made_firmware(station, **signed_by(ec.generate_private_key(ec.SECP256R1())))
    job = updated(station, firmware, signed=True)
    answered(job, {"status": "Accepted"})
    Talk(station).call("SignedFirmwareStatusNotification", {"status": "InvalidSignature", "requestId": 1})
    assert story(job) == ("failed", "InvalidSignature", ["InvalidSignature"])


def test_a_station_refuses_a_certificate_at_once() -> None:
    station = scene.station()
    firmware = made_firmware(station, **signed_by(ec.generate_private_key(ec.SECP256R1())))
    job = updated(station, firmware, signed=True)
    answered(job, {"status": "InvalidCertificate"})
    assert story(job) == ("refused", "InvalidCertificate", [])


@pytest.mark.parametrize("how", [padding.PKCS1v15(), padding.PSS(padding.MGF1(SHA256()), 32)])
def test_rsa_signatures_of_both_kinds_fit(rsa_key: rsa.RSAPrivateKey, how: Any) -> None:
    assert made_firmware(scene.station(), **signed_by(rsa_key, how=how)).signed


def test_signature_certificate_and_file_have_to_belong_together(rsa_key: rsa.RSAPrivateKey) -> None:
    station = scene.station()
    good = signed_by(rsa_key, how=padding.PKCS1v15())
    other = signed_by(ec.generate_private_key(ec.SECP256R1()))
    wrong = [
        ({**good, "signature": other["signature"]}, {"signature": "does_not_fit"}),
        ({**good, "certificate": other["certificate"]}, {"signature": "does_not_fit"}),
        ({**good, "signature": "not base64!"}, {"signature": "does_not_fit"}),
        ({**good, "certificate": "none"}, {"certificate": "not_a_certificate"}),
        ({**good, "certificate": ""}, {"certificate": "required"}),
        ({**good, "signature": ""}, {"signature": "required"}),
        ({"sha256": "0" * 64}, {"sha256": "other_checksum"}),
        ({"sha256": "abc"}, {"sha256": "not_a_checksum"}),
        ({"url": "https://example.org/x"}, {"url": "file_or_address"}),
        ({"version": " "}, {"version": "required"}),
    ]
    for facts, problems in wrong:
        with pytest.raises(Invalid) as refused:
            made_firmware(station, **facts)
        assert refused.value.fields == problems
    assert scene.rows(Firmware) == []
    assert [path for path in settings.current().files_dir.rglob("*") if path.is_file()] == []


def test_firmware_elsewhere_needs_a_checksum_to_be_sent_signed(rsa_key: rsa.RSAPrivateKey) -> None:
    station, good = scene.station(), dict[str, Any](signed_by(rsa_key, how=padding.PKCS1v15()))
    facts: dict[str, Any] = {"version": "2.5", "url": "https://vendor.example/box.bin"}
    with pytest.raises(Invalid) as refused:
        add_firmware(SYSTEM, station.account_id, **facts, **good)
    assert refused.value.fields == {"sha256": "required"}
    for bad in ("box.bin", "javascript:alert(1)", "https://"):
        with pytest.raises(Invalid):
            add_firmware(SYSTEM, station.account_id, version="2.5", url=bad)
    made = add_firmware(SYSTEM, station.account_id, **facts, **good, sha256=hashlib.sha256(SEED).hexdigest().upper())
    assert on_the_wire(updated(station, made, signed=True))["firmware"]["location"] == facts["url"]


def test_a_station_gets_only_firmware_made_for_it() -> None:
    people = scene.people()
    station = scene.station(property=people.property)
    with db.transaction(writing=True):
        boot_station(Actor.station(station.id), vendor="Muster", model="Box 11", firmware="1", serial="")
    fitting = made_firmware(station, vendor="MUSTER", model="box 11")
    other = made_firmware(station, vendor="Muster", model="Box 22")
    above = take_firmware(SYSTEM, people.master.id, io.BytesIO(SEED), "a.bin", version="3")  # type: ignore[arg-type]
    beside = take_firmware(SYSTEM, people.other_property.id, io.BytesIO(SEED), "b.bin", version="3")  # type: ignore[arg-type]
    assert [row.id for row in firmwares_for(people.alice, StationId(station.id))] == [above.id, fitting.id]
    assert [row.id for row in firmwares_for(people.bob, StationId(station.id))] == [fitting.id]
    for wrong, code in ((other, "other_model"), (beside, "other_account")):
        with pytest.raises(Invalid) as refused:
            update_firmware(people.alice, StationId(station.id), FirmwareId(wrong.id))
        assert refused.value.fields == {"firmware_id": code}
    with pytest.raises(Invalid) as refused:
        update_firmware(people.alice, StationId(station.id), FirmwareId(fitting.id), signed=True)
    assert refused.value.fields == {"firmware_id": "not_signed"}


def test_firmware_in_use_stays_and_removed_firmware_is_gone() -> None:
    station = scene.station()
    firmware = made_firmware(station)
    job = updated(station, firmware)
    with pytest.raises(Conflict):
        remove_firmware(SYSTEM, FirmwareId(firmware.id))
    answered(job, {"status": "Rejected"})
    key = firmware.file_key
    remove_firmware(SYSTEM, FirmwareId(firmware.id))
    assert firmwares(SYSTEM) == []
    with pytest.raises(Invalid):
        updated(station, firmware)
    jobs.remove_loose_files()
    assert key is not None
    with pytest.raises(FileGone):
        files.read(key, 0, 1)


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
