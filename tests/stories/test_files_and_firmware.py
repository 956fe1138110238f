"""A station sends its log and installs firmware, the whole way: doors, socket, HTTP, steps, restart.

What is asked for waits for the station, which is connected only then: this process has no wire to the program's own.
"""

import base64
import io
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from accounts.values import AccountId
from kit import clock, files
from stations.models import Firmware, Station
from stations.queries import FileJobRow, campaign, file_job, received_file
from stations.uploads import take_firmware
from stations.use_cases import Waves, create_campaign, request_file, start_campaign, update_firmware
from stations.values import (
    CampaignId,
    CampaignState,
    FileJobId,
    FileJobKind,
    FileJobState,
    FirmwareId,
    StationId,
)
from tests import make, scene
from tests.charger import PATIENCE_S, Charger, charger, plan
from tests.made import MadeStation
from tests.portal.real_server import RealServer, real_server

CONTENT = b"\x7fBOX version=2.5.0\n" + bytes(300_000)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealServer]:
    with real_server(tmp_path_factory.mktemp("var")) as served:
        yield served


@pytest.fixture
def station(server: RealServer) -> MadeStation:
    return make.station(name="Ost")


@contextmanager
def connected(server: RealServer, station: MadeStation) -> Iterator[Charger]:
    with charger(f"ws://localhost:{server.port}", plan(station.identity, station.password)) as driven:
        yield driven


def ended(station: MadeStation, job_id: object) -> FileJobRow:
    deadline = time.monotonic() + PATIENCE_S
    while (row := file_job(station.owner, FileJobId(job_id))).job.state.open:  # type: ignore[arg-type]
        assert time.monotonic() < deadline, [step.status for step in row.steps]
        time.sleep(0.05)
    return row


def firmware(station: MadeStation, content: bytes = CONTENT, **facts: Any) -> FirmwareId:
    account = AccountId(scene.row(Station, station.id).account_id)
    made: Firmware = take_firmware(station.owner, account, io.BytesIO(content), "box.bin", version="2.5.0", **facts)
    return FirmwareId(made.id)


def steps(row: FileJobRow) -> list[str]:
    return [step.status for step in row.steps]


@pytest.mark.parametrize("kind", [FileJobKind.DIAGNOSTICS, FileJobKind.SECURITY_LOG])
def test_a_file_is_asked_for_and_arrives(server: RealServer, station: MadeStation, kind: FileJobKind) -> None:
    job = request_file(station.owner, StationId(station.id), kind)
    with connected(server, station) as box:
        row = ended(station, job.id)
        name = box.wait_for(lambda: file_job(station.owner, FileJobId(job.id)).job.announced_name)
    assert row.job.state is FileJobState.DONE
    assert steps(row) == ["Uploading", "FileReceived", "Uploaded"]
    found = received_file(station.owner, FileJobId(job.id))
    assert found.name == name
    assert b"BootNotification" in b"".join(files.read(found.key, 0, found.size))


def test_firmware_is_installed_and_the_station_comes_back_with_it(server: RealServer, station: MadeStation) -> None:
    job = update_firmware(station.owner, StationId(station.id), firmware(station))
    with connected(server, station) as box:
        row = ended(station, job.id)
        box.wait_for(lambda: "Installed" in steps(file_job(station.owner, FileJobId(job.id))))
    assert row.job.state is FileJobState.DONE
    told = steps(file_job(station.owner, FileJobId(job.id)))
    assert told == ["Downloading", "Downloaded", "Installing", "Boot", "Installed"]
    assert scene.row(Station, station.id).firmware == "2.5.0"


def test_a_file_that_is_no_firmware_is_not_installed(server: RealServer, station: MadeStation) -> None:
    job = update_firmware(station.owner, StationId(station.id), firmware(station, b"a picture"))
    with connected(server, station):
        row = ended(station, job.id)
    assert (row.job.state, row.job.reason) == (FileJobState.FAILED, "InstallationFailed")
    assert scene.row(Station, station.id).firmware != "2.5.0"


def test_signed_firmware_is_checked_by_the_station_itself(server: RealServer, station: MadeStation) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name, now = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Muster Elektro")]), clock.now()
    made = x509.CertificateBuilder(name, name, key.public_key(), 7, now, now + timedelta(days=9)).sign(key, SHA256())
    proof: dict[str, Any] = {
        "signature": base64.b64encode(key.sign(CONTENT, ec.ECDSA(SHA256()))).decode(),
        "certificate": made.public_bytes(Encoding.PEM).decode(),
    }
    job = update_firmware(station.owner, StationId(station.id), firmware(station, **proof), signed=True)
    with connected(server, station) as box:
        box.wait_for(lambda: "Installed" in steps(file_job(station.owner, FileJobId(job.id))))
    told = steps(file_job(station.owner, FileJobId(job.id)))
    assert told == ["Downloading", "Downloaded", "SignatureVerified", "Installing", "Boot", "Installed"]


def test_a_campaign_runs_by_itself(server: RealServer, station: MadeStation) -> None:
    wanted = firmware(station)
    made = create_campaign(
        station.owner,
        AccountId(scene.row(Station, station.id).account_id),
        name="Herbst",
        firmware_id=wanted,
        station_ids=[StationId(station.id)],
        waves=Waves(pause_minutes=0),
    )
    campaign_id = CampaignId(made.id)
    start_campaign(station.owner, campaign_id)
    with connected(server, station) as box:
        box.wait_for(lambda: campaign(station.owner, campaign_id).campaign.state is CampaignState.DONE, seconds=40)
    assert scene.row(Station, station.id).firmware == "2.5.0"
