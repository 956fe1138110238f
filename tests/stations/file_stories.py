"""What stations are asked to send and to fetch, told step by step."""

import base64
import io
from datetime import timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from accounts.access import SYSTEM
from kit import clock, worker
from ocpp_ws import schemas
from ocpp_ws.outbound import state_of
from stations.file_addresses import upload_address
from stations.models import FileJob, Firmware, Station, StationCommand
from stations.queries import file_job
from stations.uploads import take_firmware, take_upload
from stations.use_cases import finish_command, mark_command_sent, request_file, update_firmware
from stations.values import CommandId, FileJobId, FileJobKind, FirmwareId, StationId
from tests import scene

SEED = b"firmware 2.5"


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
