"""Files and firmware as the operator asks for them and sees them."""

import base64
import hashlib
from typing import Any

import requests
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from stations.pem import written
from tests import certificates
from tests.conformance.harness import Platform, Station, until
from tests.wire import PATIENCE_S

REQUEST_FILE = """mutation($station: UUID!, $kind: FileJobKind!) { requestFile(stationId: $station, kind: $kind) {
    __typename ... on FileJob { id number } ... on Problem { code fields { field code } } } }"""
UPDATE = """mutation($station: UUID!, $firmware: UUID!, $signed: Boolean!) {
  updateFirmware(stationId: $station, firmwareId: $firmware, signed: $signed) {
    __typename ... on FileJob { id number } ... on Problem { code fields { field code } } } }"""
ADD_FIRMWARE = """mutation($account: UUID!, $url: String!, $sha256: String!, $mark: String!, $proof: String!) {
  addFirmware(accountId: $account, version: "2.0", url: $url, sha256: $sha256, signature: $mark, certificate: $proof) {
    __typename ... on Firmware { id } ... on Problem { code fields { field code } } } }"""
JOB = "query($id: UUID!) { fileJob(id: $id) { state reason number announcedName steps { status } } }"
IMAGE = b"a firmware"
ELSEWHERE = "https://firmware.example/2.0.bin"


class Job:
    """A file on its way from a station or to it."""

    def __init__(self, station: Station, job_id: str) -> None:
        self.station = station
        self.id = job_id

    @property
    def number(self) -> int:
        """OCPP's requestId."""
        return int(self.shown()["number"])

    def shown(self) -> dict[str, Any]:
        """As it is shown."""
        return dict(self.station.platform.ask(JOB, id=self.id)["fileJob"])

    def steps(self) -> list[str]:
        """What was told of it, in order."""
        return [step["status"] for step in self.shown()["steps"]]

    def is_now(self, state: str, reason: str = "") -> None:
        """It comes to stand so."""
        until(lambda: (self.shown()["state"], self.shown()["reason"]) == (state, reason))

    def file(self) -> bytes:
        """What the station sent, as a program gets it."""
        platform = self.station.platform
        headers = {"Authorization": f"Bearer {next(platform.tokens)}"}
        answer = requests.get(f"{platform.url}/file-jobs/{self.id}/file", headers=headers, timeout=PATIENCE_S)
        assert answer.status_code == 200, answer.text
        return answer.content


def asks_for_log(station: Station, kind: str) -> tuple[Job, str, dict[str, Any]]:
    """The operator asks for a file: the job, and id and payload of the message that the station got."""
    made = station.platform.do(REQUEST_FILE, station=station.id, kind=kind)
    message_id, sent = station.hears("GetDiagnostics" if kind == "DIAGNOSTICS" else "GetLog")
    return Job(station, made["id"]), message_id, sent


def asks_for_firmware(station: Station, firmware_id: str, *, signed: bool = False) -> tuple[Job, str, dict[str, Any]]:
    """The operator sends firmware: the job, and id and payload of the message that the station got."""
    made = station.platform.do(UPDATE, station=station.id, firmware=firmware_id, signed=signed)
    message_id, sent = station.hears("SignedUpdateFirmware" if signed else "UpdateFirmware")
    return Job(station, made["id"]), message_id, sent


def firmware(platform: Platform, *, mark: str = "", proof: str = "") -> str:
    """A firmware on the account's list; its id."""
    digest = hashlib.sha256(IMAGE).hexdigest()
    facts = {"url": ELSEWHERE, "sha256": digest, "mark": mark, "proof": proof}
    return str(platform.do(ADD_FIRMWARE, account=platform.account_id, **facts)["id"])


def signed_firmware(platform: Platform) -> tuple[str, str, str]:
    """The same with the manufacturer's signature: id, signature and certificate."""
    key = certificates.rsa_key()
    proof = written(certificates.self_signed("Manufacturer", key))
    mark = base64.b64encode(key.sign(IMAGE, padding.PKCS1v15(), hashes.SHA256())).decode()
    return firmware(platform, mark=mark, proof=proof), mark, proof
