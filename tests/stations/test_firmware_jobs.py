"""Firmware is fetched, judged, installed and confirmed by the next boot; signed firmware besides."""

import hashlib
import io
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from accounts.access import SYSTEM, Actor
from kit import clock, db, files, settings, worker
from kit.errors import Conflict, Invalid
from kit.files import FileGone
from stations import jobs
from stations.file_addresses import download_address
from stations.models import Firmware
from stations.queries import firmwares, firmwares_for
from stations.reactions import REACTIONS
from stations.uploads import take_firmware
from stations.use_cases import add_firmware, boot_station, remove_firmware, update_firmware
from stations.values import FileJobId, FirmwareId, StationId
from tests import scene
from tests.stations.file_stories import SEED, answered, made_firmware, on_the_wire, signed_by, story, updated
from tests.talk import Talk, iso

pytestmark = pytest.mark.usefixtures("database", "program")


@pytest.fixture(autouse=True)
def _events() -> None:
    worker.bind([REACTIONS], jobs.JOBS)


@pytest.fixture(scope="module")
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


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
