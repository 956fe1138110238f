"""Debian's HAProxy with the sample that we ship, in front of the program as operators start it, over real TLS."""

import datetime
import http.client
import json
import re
import ssl
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from cryptography import x509

from accounts.access import SYSTEM
from accounts.models import Account
from kit import clock, db
from ocpp_ws.evidence import NOTHING, Evidence, evidence_in
from stations import proxy_files
from stations.authority import sign_request
from stations.file_addresses import upload_address
from stations.models import Station, StationCertificate, StationCommand
from stations.pem import fingerprint, written
from stations.queries import connections, received_file
from stations.use_cases import (
    AddedStation,
    bring_certificate,
    create_authority,
    request_command,
    request_file,
    revoke_certificate,
    set_quirks,
    set_security_profile,
)
from stations.use_cases.authority import issuer_of, issuing_row
from stations.values import (
    Action,
    CertificateId,
    CertificateState,
    CommandState,
    FileJobId,
    FileJobKind,
    SecurityProfile,
    StationId,
    Transport,
)
from tests import certificates, scene
from tests.ocpp_ws.test_handshake import added, alive
from tests.proxy import ALLOWED, Proxied, in_front_of
from tests.serving import OCPP, UPGRADE, basic, serving, settled
from tests.wire import PATIENCE_S, Client, until


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxied]:
    folder = tmp_path_factory.mktemp("proxy")
    settled(folder / "var")
    create_authority(SYSTEM)
    proxy_files.write(folder / "var" / "certificates")
    with serving(folder / "var", TRUSTED_PROXIES="1") as server, in_front_of(server, folder, folder / "var") as proxy:
        yield proxy
    db.disconnect()


def certified(
    station: AddedStation,
    *,
    days: int = 90,
    age: int = 0,
    state: CertificateState = CertificateState.IN_FORCE,
) -> tuple[x509.Certificate, Any]:
    """A certificate of our own authority for a station, as if it had been asked for so many days ago, and its key."""
    key, then = certificates.ec_key(), clock.now() - datetime.timedelta(days=age)
    with db.transaction(writing=True) as unit:
        authority = issuing_row()
        request = certificates.request(station.station.identity, key=key)
        made = sign_request(issuer_of(authority), request, then, days)
        row = StationCertificate(
            account_id=station.station.account_id,
            station_id=station.station.id,
            state=state,
            authority_id=authority.id,
            certificate=written(made),
            fingerprint=fingerprint(made),
            serial_number=f"{made.serial_number:x}",
            not_before=made.not_valid_before_utc,
            not_after=made.not_valid_after_utc,
            requested_at=then,
        )
        unit.session.add(row)
    return made, key


def of_profile(profile: SecurityProfile) -> AddedStation:
    station = added()
    set_security_profile(SYSTEM, StationId(station.station.id), profile=profile)
    return station


# ------------------------------------------------------------------------------------------- TC_086


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_tc_086_a_charger_connects_by_tls_1_2_and_later_and_checks_the_chain(
    proxied: Proxied, version: ssl.TLSVersion
) -> None:
    station = of_profile(SecurityProfile.PASSWORD_TLS)
    context = proxied.context()
    context.minimum_version = context.maximum_version = version
    with closing(proxied.tls(context)) as sock:
        assert sock.version() == version.name.replace("_", ".")
    status, client = proxied.knock(station.station.identity, basic(station.station.identity, station.password))
    assert status == 101
    assert alive(client)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
def test_tc_086_older_tls_is_refused(proxied: Proxied, version: ssl.TLSVersion) -> None:
    context = proxied.context()
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1"):
        context.minimum_version = context.maximum_version = version
    with pytest.raises(ssl.SSLError, match="ALERT_PROTOCOL_VERSION"):
        proxied.tls(context)


def test_tc_086_only_the_allowed_ciphers_are_agreed_to(proxied: Proxied) -> None:
    offered = ssl.create_default_context()
    offered.set_ciphers("ALL:COMPLEMENTOFALL:@SECLEVEL=0")
    names = {cipher["name"] for cipher in offered.get_ciphers() if cipher["protocol"] != "TLSv1.3"}
    assert names > ALLOWED
    agreed = set()
    for name in names:
        context = proxied.context()
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers(f"{name}:@SECLEVEL=0")
        try:
            with closing(proxied.tls(context)) as sock:
                agreed.add((sock.cipher() or ("",))[0])
        except ssl.SSLError:
            continue
    assert agreed == ALLOWED


def test_tc_086_a_charger_that_must_come_by_tls_does_not_come_in_without(proxied: Proxied) -> None:
    station = of_profile(SecurityProfile.PASSWORD_TLS)
    login = basic(station.station.identity, station.password)
    status, _, _ = proxied.plain.knock(f"/ocpp/{station.station.identity}", *UPGRADE, login, OCPP)
    assert status == 401
    assert proxied.knock(station.station.identity, basic(station.station.identity, "wrong"))[0] == 401
    assert proxied.knock(station.station.identity, login)[0] == 101


# ------------------------------------------------------------------------------------------- TC_085, without TLS


@pytest.mark.parametrize("start", ["/ocpp", "/OCPP", "//ocpp/", "/api/Ocpp16", "/API//OCPP16/"])
def test_tc_085_a_charger_that_knows_no_tls_comes_in_by_ws_at_its_own_addresses(proxied: Proxied, start: str) -> None:
    station = added()
    path = f"{start}/{scene.row(Account, station.station.account_id).code}/{station.station.identity}"
    status, headers, client = proxied.plain.knock(path, *UPGRADE, basic("x", station.password), OCPP)
    assert (status, headers["sec-websocket-protocol"], alive(client)) == (101, "ocpp1.6", True)
    assert proxied.plain.knock(path, *UPGRADE, basic("x", "wrong"), OCPP)[0] == 401
    until(lambda: {one.transport for one in connections(SYSTEM, StationId(station.station.id))} == {Transport.PLAIN})


def test_nobody_claims_tls_or_a_certificate_on_the_port_without(proxied: Proxied) -> None:
    password, own = of_profile(SecurityProfile.PASSWORD_TLS), of_profile(SecurityProfile.CERTIFICATE_TLS)
    certificate, _ = certified(own)
    forged = (
        "X-Forwarded-Proto: https",
        "x-forwarded-proto: https",
        "X_Forwarded_Proto: https",
        "X-SSL-Version: TLSv1.3",
        "X_SSL_Version: TLSv1.3",
        f"X-SSL-Client-Cert: {certificates.base64_der(certificate)}",
        "X-SSL-Client-Verify: 0",
    )
    for station in (password, own):
        login = basic(station.station.identity, station.password)
        path = f"/ocpp/{station.station.identity}"
        status, _, client = proxied.plain.knock(path, *UPGRADE, login, OCPP, *forged)
        assert (status, client.sock.recv(100)) == (401, b"this charger has to come by TLS\n")


def test_an_address_is_not_made_up_on_the_port_without_tls(proxied: Proxied) -> None:
    station = added()
    login = basic(station.station.identity, station.password)
    path = f"/ocpp/{station.station.identity}"
    assert proxied.plain.knock(path, *UPGRADE, login, OCPP, "X-Forwarded-For: 203.0.113.7")[0] == 101
    until(lambda: [one.peer for one in connections(SYSTEM, StationId(station.station.id))] == ["127.0.0.1"])


@pytest.mark.parametrize("path", ["/", "/stations", "/ocppx/a", "/api/graphql", "/api/Ocpp161/a", "/a/ocpp/b"])
def test_pages_are_led_to_https_and_their_sockets_refused_on_the_port_without(proxied: Proxied, path: str) -> None:
    status, headers, _ = proxied.plain.knock(path, "Host: localhost")
    assert (status, headers["location"]) == (301, f"https://localhost{path}")
    assert proxied.plain.knock(path, *UPGRADE)[0] == 403


def test_q20_a_charger_without_tls_sends_its_files_through_the_port_without(proxied: Proxied) -> None:
    station = added()
    set_quirks(SYSTEM, StationId(station.station.id), {"plain_files": True})
    job = request_file(SYSTEM, StationId(station.station.id), FileJobKind.DIAGNOSTICS)
    path = urlsplit(upload_address(FileJobId(job.id), plain=True)).path
    connection = http.client.HTTPConnection("127.0.0.1", proxied.plain.port, timeout=PATIENCE_S)
    with closing(connection):
        connection.request("PUT", f"{path}/log.txt", b"what happened")
        assert connection.getresponse().status == 201
    assert received_file(SYSTEM, FileJobId(job.id)).size == len(b"what happened")


def test_an_operator_shuts_the_port_without_tls_by_taking_one_line_away(proxied: Proxied, tmp_path: Path) -> None:
    station = added()
    path, login = f"/ocpp/{station.station.identity}", basic(station.station.identity, station.password)
    line = "http-request set-var(txn.plain)"
    with in_front_of(proxied.server, tmp_path, proxied.folder / "var", without=line) as shut:
        assert shut.plain.knock(path, *UPGRADE, login, OCPP)[0] == 403
        assert shut.plain.knock(path, "Host: localhost")[0] == 301
        assert shut.secure.knock(path, *UPGRADE, login, OCPP)[0] == 101


# ------------------------------------------------------------------------------------------- TC_087


def test_tc_087_a_charger_comes_in_with_its_own_certificate_and_needs_no_password(proxied: Proxied) -> None:
    station = of_profile(SecurityProfile.CERTIFICATE_TLS)
    status, client = proxied.knock(station.station.identity, mine=certified(station))
    assert status == 101
    assert alive(client)


def test_tc_087_a_certificate_that_was_never_acknowledged_is_in_force_once_the_charger_comes_with_it(
    proxied: Proxied,
) -> None:
    station = of_profile(SecurityProfile.CERTIFICATE_TLS)
    old = certified(station)
    new = certified(station, state=CertificateState.SIGNED)
    assert proxied.knock(station.station.identity, mine=new)[0] == 101
    rows = scene.rows(StationCertificate, StationCertificate.station_id == station.station.id)
    assert {row.fingerprint: row.state for row in rows} == {
        fingerprint(old[0]): CertificateState.REPLACED,
        fingerprint(new[0]): CertificateState.IN_FORCE,
    }
    assert proxied.knock(station.station.identity, mine=old)[0] == 101, "for a few days more"


def test_tc_087_every_other_certificate_and_none_stay_outside(proxied: Proxied) -> None:
    station, other = of_profile(SecurityProfile.CERTIFICATE_TLS), of_profile(SecurityProfile.CERTIFICATE_TLS)
    identity = station.station.identity
    good, key = certified(station)
    foreign_key, late_key = certificates.ec_key(), certificates.rsa_key()
    foreign = certificates.self_signed(identity, foreign_key)
    late = certificates.self_signed(identity, late_key, until=clock.now() - datetime.timedelta(days=1))
    outside = {
        "none": None,
        "a foreign authority's": (foreign, foreign_key),
        "a foreign and expired one": (late, late_key),
        "another station's": certified(other),
        "an expired one of ours": certified(station, days=31, age=60),
    }
    assert {what: proxied.knock(identity, mine=mine)[0] for what, mine in outside.items()} == dict.fromkeys(
        outside, 401
    )
    login = basic(identity, station.password)
    assert proxied.knock(identity, login)[0] == 401, "its password is no substitute"
    assert proxied.knock(identity, mine=(good, key))[0] == 101


def test_tc_087_a_revoked_certificate_stays_outside_and_is_on_the_proxys_list(proxied: Proxied) -> None:
    station = of_profile(SecurityProfile.CERTIFICATE_TLS)
    mine = certified(station)
    assert proxied.knock(station.station.identity, mine=mine)[0] == 101
    (row,) = scene.rows(StationCertificate, StationCertificate.fingerprint == fingerprint(mine[0]))
    revoke_certificate(SYSTEM, CertificateId(row.id))
    assert proxied.knock(station.station.identity, mine=mine)[0] == 401
    proxy_files.write(proxied.folder / "var" / "certificates")
    text = (proxied.folder / "var" / "certificates" / proxy_files.REVOCATIONS).read_text()
    lists = [x509.load_pem_x509_crl(part.encode()) for part in re.findall(r"-----BEGIN.*?-----END[^\n]*\n", text, re.S)]
    assert [entry.serial_number for entry in lists[1]] == [mine[0].serial_number]


def test_a_certificate_of_somebody_else_that_the_operator_entered_comes_in(proxied: Proxied) -> None:
    station = of_profile(SecurityProfile.CERTIFICATE_TLS)
    key = certificates.ec_key()
    own = certificates.self_signed("made by the manufacturer", key)
    bring_certificate(SYSTEM, StationId(station.station.id), certificate=written(own))
    assert proxied.knock(station.station.identity, mine=(own, key))[0] == 101


def test_nobody_else_may_say_what_the_proxy_saw(proxied: Proxied) -> None:
    station = of_profile(SecurityProfile.CERTIFICATE_TLS)
    certificate, _ = certified(station)
    der = certificates.base64_der(certificate)
    for name in ("X-SSL-Client-Cert", "x-ssl-client-cert", "X_SSL_Client_Cert"):
        forged = (f"{name}: {der}", "X-SSL-Client-Verify: 0")
        assert proxied.knock(station.station.identity, *forged)[0] == 401, name


def test_headers_are_believed_only_where_there_is_a_proxy_and_only_with_tls() -> None:
    seen = {"HTTP_X_SSL_VERSION": "TLSv1.3", "HTTP_X_SSL_CLIENT_CERT": "abc", "HTTP_X_SSL_CLIENT_VERIFY": "0"}
    by_tls = Evidence(tls=True, certificate="abc", version="TLSv1.3")
    assert evidence_in(seen) == replace(by_tls, verified=True)
    assert evidence_in({"HTTP_X_SSL_CLIENT_CERT": "abc", "HTTP_X_SSL_CLIENT_VERIFY": "0"}) == NOTHING
    assert evidence_in(seen | {"HTTP_X_SSL_CLIENT_VERIFY": "10"}) == by_tls
    assert evidence_in(seen | {"HTTP_X_SSL_CLIENT_VERIFY": "SUCCESS"}).verified
    assert evidence_in({"HTTP_X_FORWARDED_PROTO": "https"}) == Evidence(tls=True, version="TLS")
    told = {"HTTP_X_SSL_VERSION": "TLSv1.2", "HTTP_X_SSL_CIPHER": "ECDHE", "HTTP_X_SSL_SNI": "ocpp.example"}
    assert evidence_in(told) == Evidence(tls=True, version="TLSv1.2", cipher="ECDHE", name="ocpp.example")


# ------------------------------------------------------------------------------------------- TC_083


def command_of(client: Client, action: str, **answer: Any) -> dict[str, Any]:
    """The next call of ours on this socket, answered."""
    kind, message_id, said, payload = client.next_frame()
    assert (kind, said) == (2, action)
    client.send(json.dumps([3, message_id, answer]).encode())
    return dict(payload)


def done(command: StationCommand) -> CommandState:
    deadline = time.monotonic() + PATIENCE_S
    while not (row := scene.row(StationCommand, command.id)).state.final:
        assert time.monotonic() < deadline, row.state
        time.sleep(0.02)
    state: CommandState = row.state
    return state


def wish(station: AddedStation, action: Action, **payload: str) -> StationCommand:
    """A command that waits for the charger: another process has its sockets, so it goes out when it connects."""
    return request_command(SYSTEM, StationId(station.station.id), action, payload)


def test_tc_083_raising_the_security_profile_shuts_out_the_old_one_once_the_charger_came_with_the_new(
    proxied: Proxied,
) -> None:
    station = of_profile(SecurityProfile.PASSWORD)
    identity, login = station.station.identity, basic(station.station.identity, station.password)

    def plainly() -> tuple[int, Client]:
        status, _, client = proxied.plain.knock(f"/ocpp/{identity}", *UPGRADE, login, OCPP)
        return status, client

    raised = wish(station, Action.CHANGE_CONFIGURATION, key="SecurityProfile", value="2")
    reset = wish(station, Action.RESET, type="Hard")
    _, client = plainly()
    told = command_of(client, "ChangeConfiguration", status="Accepted")
    assert told == {"key": "SecurityProfile", "value": "2"}
    assert command_of(client, "Reset", status="Accepted") == {"type": "Hard"}
    assert [done(command) for command in (raised, reset)] == [CommandState.ACCEPTED] * 2
    client.close()
    raised = wish(station, Action.CHANGE_CONFIGURATION, key="SecurityProfile", value="3")
    status, client = proxied.knock(identity, login)
    assert (status, plainly()[0]) == (101, 401)

    mine = certified(station)
    assert command_of(client, "ChangeConfiguration", status="RebootRequired")["value"] == "3"
    assert done(raised) is CommandState.ACCEPTED
    client.close()
    status, client = proxied.knock(identity, mine=mine)
    assert (status, alive(client)) == (101, True)
    assert (proxied.knock(identity, login)[0], plainly()[0]) == (401, 401)
    row: Station = scene.row(Station, station.station.id)
    assert (row.security_profile, row.next_security_profile) == (SecurityProfile.CERTIFICATE_TLS, None)


def test_tc_083_a_charger_that_refuses_the_higher_profile_stays_with_the_old_one(proxied: Proxied) -> None:
    station = of_profile(SecurityProfile.PASSWORD)
    identity, login = station.station.identity, basic(station.station.identity, station.password)
    raised = wish(station, Action.CHANGE_CONFIGURATION, key="SecurityProfile", value="3")
    _, _, client = proxied.plain.knock(f"/ocpp/{identity}", *UPGRADE, login, OCPP)
    command_of(client, "ChangeConfiguration", status="Rejected")
    assert done(raised) is CommandState.REFUSED
    assert proxied.knock(identity, mine=certified(station))[0] == 401
    assert proxied.plain.knock(f"/ocpp/{identity}", *UPGRADE, login, OCPP)[0] == 101
    row: Station = scene.row(Station, station.station.id)
    assert (row.security_profile, row.next_security_profile) == (SecurityProfile.PASSWORD, None)


def test_a_charger_of_profile_0_comes_in_with_nothing(proxied: Proxied) -> None:
    station = of_profile(SecurityProfile.OPEN)
    code = scene.row(Account, station.station.account_id).code
    assert proxied.knock(f"{code}/{station.station.identity}")[0] == 101
