"""The 15 cases of the Security profile (the white paper for OCPP 1.6)."""

import ssl
import subprocess
from base64 import b64encode
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import requests
from cryptography import x509

from stations.authority import hash_data
from stations.pem import written
from stations.values import HashAlgorithm
from tests import certificates
from tests.conformance.files import ELSEWHERE, Job, asks_for_firmware, asks_for_log, signed_firmware
from tests.conformance.harness import Platform, Station, accepted, refused, until
from tests.proxy import ALLOWED
from tests.serving import OCPP, UPGRADE, basic

SECURITY = """query($station: UUID!) { stationSecurity(stationId: $station) { profile toldProfile
    own { state name opens certificate } installed { id kind hashAlgorithm serialNumber certificate } } }"""
EVENTS = "query($station: UUID!) { securityEvents(stationId: $station) { nodes { kind techInfo critical } } }"
COMMAND = "__typename ... on Command { id } ... on Problem { code fields { field code } } } }"
RENEW_CERTIFICATE = "mutation($station: UUID!) { requestStationCertificate(stationId: $station) { " + COMMAND
PUSH_PASSWORD = "mutation($station: UUID!) { pushStationPassword(stationId: $station) { " + COMMAND
INSTALL = (
    """mutation($station: UUID!, $kind: RootKind!, $certificate: String!) {
    installRoot(stationId: $station, kind: $kind, certificate: $certificate) { """
    + COMMAND
)
READ = "mutation($station: UUID!, $kind: RootKind!) { readRoots(stationId: $station, kind: $kind) { " + COMMAND
DELETE = "mutation($id: UUID!) { deleteRoot(id: $id) { " + COMMAND
RAISE = (
    """mutation($station: UUID!, $profile: SecurityProfile!) {
    raiseSecurityProfile(stationId: $station, profile: $profile) { """
    + COMMAND
)
ROOTS = "query { proxyFiles { authorities } }"
BRING = """mutation($station: UUID!, $certificate: String!) {
    bringStationCertificate(stationId: $station, certificate: $certificate) {
    __typename ... on Problem { code fields { field code } } } }"""
# the four of OCPP's security white paper; every station has two of them
WHITE_PAPER = [
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "AES128-GCM-SHA256",
    "AES256-GCM-SHA384",
]
KINDS = {"MANUFACTURER_ROOT": "ManufacturerRootCertificate", "CENTRAL_SYSTEM_ROOT": "CentralSystemRootCertificate"}


def security(station: Station) -> dict[str, Any]:
    """How the station proves who it is, as it is shown."""
    return dict(station.platform.ask(SECURITY, station=station.id)["stationSecurity"])


def alive(station: Station) -> bool:
    """Whether the socket is served."""
    return bool(station.say("Heartbeat")["currentTime"])


# ------------------------------------------------------------------------------------------- passwords


def test_tc_073_csms_a_new_password_counts_once_the_station_took_it(station: Station) -> None:
    old = station.password

    def pushed(status: str) -> str:
        asked = station.platform.do(PUSH_PASSWORD, station=station.id)["id"]
        sent = station.asked("ChangeConfiguration", status=status)
        assert sent["key"] == "AuthorizationKey"
        assert len(bytes.fromhex(sent["value"])) == 16
        assert station.outcome(asked) == (accepted() if status == "Accepted" else refused(status))
        return str(sent["value"])

    new = pushed("Rejected")
    assert [station.knock(password=word) for word in (bytes.fromhex(new), old)] == [401, 101]
    new = pushed("Accepted")
    assert station.knock(password=bytes.fromhex(new)) == 101
    assert alive(station)
    assert [station.knock(password=word) for word in (old, bytes.fromhex(new))] == [401, 101]


def test_tc_085_csms_only_the_right_password_comes_in(platform: Platform) -> None:
    station, other = (platform.station(securityProfile="PASSWORD") for _ in range(2))
    good = station.password
    wrong = ["", "not the right one", other.password, good[:-1], good + "1", good[::-1]]
    assert [station.knock(password=word) for word in wrong] == [401] * len(wrong)
    strange = ["Authorization: Basic !!!", "Authorization: Basic " + b64encode(good.encode()).decode()]
    for header in [*strange, f"Authorization: Bearer {good}"]:
        status, headers, client = platform.server.knock(station.path, *UPGRADE, header, OCPP)
        client.close()
        assert (status, headers["www-authenticate"].partition(" ")[0]) == (401, "Basic"), header
    unknown = platform.server.knock(f"{station.path}x", *UPGRADE, basic(f"{station.identity}x", good), OCPP)
    assert unknown[0] == 404
    assert not station.shown()["connected"]
    assert station.knock() == 101
    assert station.boot()["status"] == "Accepted"
    assert station.shown()["connected"]
    station.ends()


# ------------------------------------------------------------------------------------------- the station's certificate


def asks_for_certificate(station: Station, serial: str, key: Any = None) -> tuple[str, str, Any]:
    """The platform asks for a new certificate, the station asks for one to be signed: id of our answer, chain, key."""
    asked = station.platform.do(RENEW_CERTIFICATE, station=station.id)["id"]
    trigger = station.asked("ExtendedTriggerMessage", status="Accepted")
    assert trigger == {"requestedMessage": "SignChargePointCertificate"}
    assert station.outcome(asked) == accepted()
    key = key or certificates.ec_key()
    csr = certificates.request_pem(serial, "Strom AG", key)
    assert station.say("SignCertificate", csr=csr) == {"status": "Accepted"}
    message_id, payload = station.hears("CertificateSigned")
    return message_id, payload["certificateChain"], key


@pytest.fixture
def with_serial(booted: Callable[..., Station]) -> Station:
    """A booted station that told its serial number and was told the operator's name."""
    station = booted()
    assert station.boot(chargePointSerialNumber=f"SN-{station.identity}")["status"] == "Accepted"
    asked = station.command("CHANGE_CONFIGURATION", key="CpoName", value="Strom AG")
    station.asked("ChangeConfiguration", status="Accepted")
    assert station.outcome(asked) == accepted()
    return station


@pytest.mark.parametrize("made", [certificates.ec_key, certificates.rsa_key], ids=["EC", "RSA"])
def test_tc_074_csms_a_station_asked_for_a_new_certificate_gets_a_chain_for_its_serial_number(
    platform: Platform, with_serial: Station, tmp_path: Path, made: Callable[[], Any]
) -> None:
    serial = f"SN-{with_serial.identity}"
    message_id, chain, key = asks_for_certificate(with_serial, serial, made())
    leaf, issuing = x509.load_pem_x509_certificates(chain.encode())
    assert leaf.subject == certificates.name(serial, "Strom AG")
    assert leaf.public_key() == key.public_key()
    (tmp_path / "root").write_text((platform.proxy.folder / "certificates" / "station-ca.pem").read_text())
    (tmp_path / "issuing").write_text(written(issuing))
    (tmp_path / "leaf").write_text(written(leaf))
    verify = ["openssl", "verify", "-purpose", "sslclient", "-CAfile", "root", "-untrusted", "issuing", "leaf"]
    assert subprocess.run(verify, cwd=tmp_path, capture_output=True, text=True).stdout == "leaf: OK\n"
    with_serial.answers(message_id, status="Accepted")
    until(lambda: [own["state"] for own in security(with_serial)["own"]] == ["IN_FORCE"])
    assert with_serial.knock(tls=True, mine=(leaf, key)) == 101
    assert alive(with_serial)


def test_tc_077_csms_a_certificate_that_the_station_refuses_opens_nothing(with_serial: Station) -> None:
    message_id, _, _ = asks_for_certificate(with_serial, f"SN-{with_serial.identity}")
    with_serial.answers(message_id, status="Rejected")
    event(with_serial, "InvalidChargePointCertificate")
    until(lambda: [own["state"] for own in security(with_serial)["own"]] == ["REFUSED"])
    assert not security(with_serial)["own"][0]["opens"]


def event(station: Station, kind: str) -> None:
    """The station reports something about its safety, and it is shown."""
    said = {"type": kind, "timestamp": station.stamp(), "techInfo": "chain"}
    assert station.say("SecurityEventNotification", **said) == {}
    events = station.platform.ask(EVENTS, station=station.id)["securityEvents"]["nodes"]
    assert [(one["kind"], one["techInfo"]) for one in events] == [(kind, "chain")]


def test_tc_078_csms_a_station_that_doubts_our_certificate_is_heard(station: Station) -> None:
    root = written(certificates.self_signed("Somebody's root"))
    asked = station.platform.do(INSTALL, station=station.id, kind="CENTRAL_SYSTEM_ROOT", certificate=root)["id"]
    station.asked("InstallCertificate", status="Rejected")
    assert station.outcome(asked) == refused("Rejected")
    event(station, "InvalidCentralSystemCertificate")
    assert security(station)["installed"] == []


# ------------------------------------------------------------------------------------------- roots on the station


def listed(root: x509.Certificate, algorithm: HashAlgorithm) -> dict[str, str]:
    """An entry of a station's list."""
    data = hash_data(root, algorithm)
    return {
        "hashAlgorithm": data.algorithm,
        "issuerNameHash": data.issuer_name_hash,
        "issuerKeyHash": data.issuer_key_hash,
        "serialNumber": data.serial_number,
    }


def read(station: Station, kind: str, *entries: dict[str, str]) -> list[dict[str, Any]]:
    """The platform asks for the roots of a kind, the station tells them; what is shown then."""
    asked = station.platform.do(READ, station=station.id, kind=kind)["id"]
    sent = station.asked("GetInstalledCertificateIds", status="Accepted", certificateHashData=list(entries))
    assert sent == {"certificateType": KINDS[kind]}
    assert station.outcome(asked)["state"] == "ACCEPTED"
    serials = {entry["serialNumber"] for entry in entries}
    until(lambda: {root["serialNumber"] for root in security(station)["installed"]} == serials)
    return list(security(station)["installed"])


def installs(station: Station, kind: str) -> None:
    """The platform installs a root, the station takes it and lists it."""
    root = certificates.self_signed(f"{kind} {station.identity}")
    text = written(root)
    asked = station.platform.do(INSTALL, station=station.id, kind=kind, certificate=text)["id"]
    sent = station.asked("InstallCertificate", status="Accepted")
    assert sent == {"certificateType": KINDS[kind], "certificate": text}
    assert station.outcome(asked) == accepted()
    (shown,) = read(station, kind, listed(root, HashAlgorithm.SHA256))
    assert (shown["kind"], shown["hashAlgorithm"], shown["certificate"]) == (kind, "SHA256", text)


def test_tc_075_1_csms_a_manufacturers_root_is_installed_and_listed(station: Station) -> None:
    installs(station, "MANUFACTURER_ROOT")


def test_tc_075_2_csms_a_root_of_ours_is_installed_and_listed(station: Station) -> None:
    installs(station, "CENTRAL_SYSTEM_ROOT")


@pytest.mark.parametrize("algorithm", list(HashAlgorithm))
def test_tc_076_csms_a_root_is_deleted_by_exactly_the_name_that_the_station_gave_it(
    station: Station, algorithm: HashAlgorithm
) -> None:
    kept, dropped = (listed(certificates.self_signed(name), algorithm) for name in ("kept", "dropped"))
    dropped = {name: text.upper() for name, text in dropped.items()}  # some stations write capitals
    shown = read(station, "CENTRAL_SYSTEM_ROOT", kept, dropped)
    root = next(one["id"] for one in shown if one["serialNumber"] == dropped["serialNumber"])
    asked = station.platform.do(DELETE, id=root)["id"]
    assert station.asked("DeleteCertificate", status="Accepted") == {"certificateHashData": dropped}
    assert station.outcome(asked) == accepted()
    until(lambda: [one["serialNumber"] for one in security(station)["installed"]] == [kept["serialNumber"]])


# ------------------------------------------------------------------------------------------- files


def test_tc_079_csms_the_security_log_is_sent_and_reachable(station: Station) -> None:
    job, message_id, sent = asks_for_log(station, "SECURITY_LOG")
    assert (sent["logType"], sent["requestId"]) == ("SecurityLog", job.number)
    station.answers(message_id, status="Accepted", filename="security.log")
    for status in ("Uploading", "Uploaded"):
        assert station.say("LogStatusNotification", status=status, requestId=job.number) == {}
        if status == "Uploading":
            assert requests.put(sent["log"]["remoteLocation"], data=b"seen: nothing", timeout=10).ok
    job.is_now("DONE")
    assert job.steps() == ["Uploading", "FileReceived", "Uploaded"]
    assert job.file() == b"seen: nothing"


def test_tc_080_csms_signed_firmware_is_installed_across_a_reboot(platform: Platform, station: Station) -> None:
    job = update_signed(platform, station)
    tell(station, job, "Downloading", "Downloaded", "SignatureVerified", "Installing", "InstallRebooting")
    station.drop()
    station.connect()
    assert station.boot(firmwareVersion="1.0")["status"] == "Accepted"
    tell(station, job, "Installed")
    job.is_now("DONE")
    assert [step for step in job.steps() if step != "Boot"] == [
        "Downloading",
        "Downloaded",
        "SignatureVerified",
        "Installing",
        "InstallRebooting",
        "Installed",
    ]


def test_tc_081_csms_firmware_whose_signature_does_not_fit_failed(platform: Platform, station: Station) -> None:
    job = update_signed(platform, station)
    tell(station, job, "Downloading", "Downloaded", "InvalidSignature")
    event(station, "InvalidFirmwareSignature")
    job.is_now("FAILED", "InvalidSignature")


def update_signed(platform: Platform, station: Station) -> Job:
    """The operator sends signed firmware, the station takes it."""
    firmware, signature, certificate = signed_firmware(platform)
    job, message_id, sent = asks_for_firmware(station, firmware, signed=True)
    assert sent["requestId"] == job.number
    told = sent["firmware"]
    assert (told["location"], told["signature"], told["signingCertificate"]) == (ELSEWHERE, signature, certificate)
    station.answers(message_id, status="Accepted")
    return job


def tell(station: Station, job: Job, *statuses: str) -> None:
    """The station tells how far it is, each word with the number of the job."""
    for status in statuses:
        assert station.say("SignedFirmwareStatusNotification", status=status, requestId=job.number) == {}


# ------------------------------------------------------------------------------------------- the connection


def test_tc_083_csms_a_raised_security_profile_ends_the_lower_one(platform: Platform) -> None:
    station = platform.station(securityProfile="PASSWORD")
    assert (station.knock(), security(station)["profile"]) == (101, "PASSWORD")
    raised = station.platform.do(RAISE, station=station.id, profile="PASSWORD_TLS")["id"]
    sent = station.asked("ChangeConfiguration", status="Accepted")
    assert sent == {"key": "SecurityProfile", "value": "2"}
    assert station.outcome(raised) == accepted()
    assert station.asked("Reset", status="Accepted") == {"type": "Hard"}
    assert (station.knock(tls=True), station.boot()["status"]) == (101, "Accepted")
    assert (security(station)["profile"], security(station)["toldProfile"]) == ("PASSWORD_TLS", None)
    assert (station.knock(), station.knock(tls=True)) == (401, 101)
    station.ends()


def test_tc_086_csms_a_station_connects_by_tls_and_only_good_ciphers_are_agreed_to(platform: Platform) -> None:
    for cipher in WHITE_PAPER:
        assert agreed_by_tls(platform, ssl.TLSVersion.TLSv1_2, cipher) == ("TLSv1.2", cipher)
    version, cipher = agreed_by_tls(platform, ssl.TLSVersion.TLSv1_3)
    assert (version, cipher in {"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384"}) == ("TLSv1.3", True)
    everything = {one["name"] for one in knowing(ssl.TLSVersion.TLSv1_2, "ALL:COMPLEMENTOFALL").get_ciphers()}
    weak = sorted(everything - ALLOWED)
    assert {"AES256-SHA", "ECDHE-RSA-AES128-SHA"} <= set(weak)
    with pytest.raises(ssl.SSLError, match="HANDSHAKE_FAILURE"):
        agreed_by_tls(platform, ssl.TLSVersion.TLSv1_2, ":".join(weak))
    for old in (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1):
        with pytest.warns(DeprecationWarning, match="TLSv1"), pytest.raises(ssl.SSLError, match="PROTOCOL_VERSION"):
            agreed_by_tls(platform, old, "ALL")
    with pytest.raises(ssl.SSLCertVerificationError):
        platform.proxy.tls(ssl.create_default_context())  # a station that does not know the root
    station = platform.station(securityProfile="PASSWORD_TLS")
    assert station.knock() == 401, "not without TLS"
    assert [station.knock(tls=True, password=word) for word in ("", "not the right one")] == [401, 401]
    assert (station.knock(tls=True), station.boot()["status"]) == (101, "Accepted")
    station.ends()


def knowing(version: ssl.TLSVersion, ciphers: str = "ALL:COMPLEMENTOFALL", root: Path | None = None) -> ssl.SSLContext:
    """A station that knows one version of TLS and these ciphers, however old."""
    context = ssl.create_default_context(cafile=None if root is None else str(root))
    if version is not ssl.TLSVersion.TLSv1_3:
        context.set_ciphers(f"{ciphers}:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = version
    return context


def agreed_by_tls(platform: Platform, version: ssl.TLSVersion, ciphers: str = "ALL") -> tuple[str | None, str]:
    """What version and cipher the platform agrees to with such a station, which checks its certificate."""
    with closing(platform.proxy.tls(knowing(version, ciphers, platform.proxy.root))) as sock:
        return sock.version(), (sock.cipher() or ("",))[0]


def test_tc_087_csms_a_stations_certificate_is_checked_and_opens_only_its_own_door(
    platform: Platform, with_serial: Station
) -> None:
    serial = f"SN-{with_serial.identity}"
    message_id, chain, key = asks_for_certificate(with_serial, serial)
    with_serial.answers(message_id, status="Accepted")
    until(lambda: [own["state"] for own in security(with_serial)["own"]] == ["IN_FORCE"])
    mine = (x509.load_pem_x509_certificates(chain.encode())[0], key)
    raised = platform.do(RAISE, station=with_serial.id, profile="CERTIFICATE_TLS")["id"]
    assert with_serial.asked("ChangeConfiguration", status="Accepted") == {"key": "SecurityProfile", "value": "3"}
    assert with_serial.outcome(raised) == accepted()
    with_serial.asked("Reset", status="Accepted")
    assert (with_serial.knock(tls=True, password="", mine=mine), alive(with_serial)) == (101, True)
    assert security(with_serial)["profile"] == "CERTIFICATE_TLS"
    foreign_key = certificates.ec_key()
    foreign = (certificates.self_signed(serial, foreign_key), foreign_key)
    other = platform.station(securityProfile="CERTIFICATE_TLS")
    assert other.knock(tls=True, password="", mine=mine) == 401, "somebody else's"
    assert with_serial.knock(tls=True, password="", mine=foreign) == 401, "of a strange authority"
    assert with_serial.knock(tls=True) == 401, "a password is no certificate"
    assert with_serial.knock() == 401
    assert with_serial.knock(tls=True, password="", mine=mine) == 101


def test_tc_087_csms_a_certificate_chosen_by_the_operator_comes_in(platform: Platform) -> None:
    station = platform.station(securityProfile="CERTIFICATE_TLS")
    key = certificates.rsa_key()
    own = certificates.self_signed("made by the manufacturer", key)
    assert station.knock(tls=True, mine=(own, key)) == 401
    platform.do(BRING, station=station.id, certificate=written(own))
    assert (station.knock(tls=True, mine=(own, key)), station.boot()["status"]) == (101, "Accepted")
    station.ends()


def test_tc_088_csms_the_subprotocol_is_ocpp_1_6_or_nothing(platform: Platform) -> None:
    station = platform.station()
    login = basic(station.identity, station.password)

    def agreed(offer: str) -> tuple[int, str | None]:
        offered = f"Sec-WebSocket-Protocol: {offer}"
        status, headers, client = platform.server.knock(station.path, *UPGRADE, login, offered)
        client.close()
        return status, headers.get("sec-websocket-protocol")

    assert agreed("ocpp0.1") == (400, None)
    assert agreed("ocpp0.1, ocpp1.6") == (101, "ocpp1.6")
