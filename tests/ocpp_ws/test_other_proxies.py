"""Debian's nginx and Caddy with the samples that we ship, as `test_proxy.py` is for HAProxy: what chargers rely on."""

import datetime
import http.client
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from accounts.access import SYSTEM
from accounts.models import Account
from kit import clock, db
from stations import proxy_files
from stations.file_addresses import upload_address
from stations.queries import connections, received_file
from stations.use_cases import create_authority, request_file, set_quirks
from stations.values import FileJobId, FileJobKind, SecurityProfile, StationId, Transport
from tests import certificates, scene
from tests.ocpp_ws.test_handshake import added, alive
from tests.ocpp_ws.test_proxy import certified, of_profile
from tests.proxy import ALLOWED, Proxied, in_front_of
from tests.serving import OCPP, UPGRADE, Serving, basic, serving, settled
from tests.wire import PATIENCE_S, until


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Serving, Path]]:
    var = tmp_path_factory.mktemp("program")
    settled(var)
    create_authority(SYSTEM)
    proxy_files.write(var / "certificates")
    with serving(var, TRUSTED_PROXIES="1") as server:
        yield server, var
    db.disconnect()


@pytest.fixture(scope="module", params=["nginx", "caddy"])
def proxied(
    program: tuple[Serving, Path], request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Proxied]:
    with in_front_of(program[0], tmp_path_factory.mktemp(request.param), program[1], by=request.param) as proxy:
        yield proxy


# ------------------------------------------------------------------------------------------- by TLS


def test_a_charger_comes_in_by_tls_and_what_was_agreed_is_told(proxied: Proxied) -> None:
    station = of_profile(SecurityProfile.PASSWORD_TLS)
    login = basic(station.station.identity, station.password)
    status, client = proxied.knock(station.station.identity, login)
    assert (status, alive(client)) == (101, True)
    until(lambda: len(connections(SYSTEM, StationId(station.station.id))) == 1)
    (seen,) = connections(SYSTEM, StationId(station.station.id))
    assert (seen.transport, seen.tls_version, seen.peer) == (Transport.TLS, "TLSv1.3", "127.0.0.1")
    assert proxied.knock(station.station.identity, basic(station.station.identity, "wrong"))[0] == 401


def test_only_allowed_ciphers_are_agreed_to(proxied: Proxied) -> None:
    context = proxied.context()
    context.set_ciphers("ALL:COMPLEMENTOFALL:@SECLEVEL=0:" + ":".join(f"!{name}" for name in ALLOWED))
    context.maximum_version = context.maximum_version.TLSv1_2
    with pytest.raises(OSError, match="HANDSHAKE_FAILURE"):
        proxied.tls(context)


def test_a_charger_comes_in_with_its_own_certificate_and_with_no_other(proxied: Proxied) -> None:
    station, other = of_profile(SecurityProfile.CERTIFICATE_TLS), of_profile(SecurityProfile.CERTIFICATE_TLS)
    identity, foreign_key = station.station.identity, certificates.ec_key()
    status, client = proxied.knock(identity, mine=certified(station))
    assert (status, alive(client)) == (101, True)
    late = certificates.self_signed(identity, foreign_key, until=clock.now() - datetime.timedelta(days=1))
    outside = {
        "none": None,
        "a foreign authority's": (certificates.self_signed(identity, foreign_key), foreign_key),
        "a foreign and expired one": (late, foreign_key),
        "another station's": certified(other),
        "an expired one of ours": certified(station, days=31, age=60),
    }
    assert {what: proxied.knock(identity, mine=mine)[0] for what, mine in outside.items()} == dict.fromkeys(
        outside, 401
    )


def test_nobody_else_may_say_what_the_proxy_saw(proxied: Proxied) -> None:
    station = of_profile(SecurityProfile.CERTIFICATE_TLS)
    certificate, _ = certified(station)
    der = certificates.base64_der(certificate)
    for name in ("X-SSL-Client-Cert", "x-ssl-client-cert", "X_SSL_Client_Cert"):
        forged = (f"{name}: {der}", "X-SSL-Client-Verify: 0")
        assert proxied.knock(station.station.identity, *forged)[0] == 401, name


def test_pages_are_served_and_figures_are_not(proxied: Proxied) -> None:
    context = proxied.context()
    with closing(http.client.HTTPSConnection("localhost", proxied.port, context=context)) as connection:
        for path, expected in (("/login", 200), ("/metrics", 404)):
            connection.request("GET", path)
            answer = connection.getresponse()
            assert (answer.status, b"<form" in answer.read()) == (expected, expected == 200), path


# ------------------------------------------------------------------------------------------- without TLS


@pytest.mark.parametrize("start", ["/ocpp", "/OCPP", "//ocpp/", "/api/Ocpp16", "/API//OCPP16/"])
def test_a_charger_that_knows_no_tls_comes_in_at_its_own_addresses(proxied: Proxied, start: str) -> None:
    station = added()
    path = f"{start}/{scene.row(Account, station.station.account_id).code}/{station.station.identity}"
    forwarded = "X-Forwarded-For: 203.0.113.7"
    status, headers, client = proxied.plain.knock(path, *UPGRADE, basic("x", station.password), OCPP, forwarded)
    assert (status, headers["sec-websocket-protocol"], alive(client)) == (101, "ocpp1.6", True)
    until(lambda: len(connections(SYSTEM, StationId(station.station.id))) == 1)
    (seen,) = connections(SYSTEM, StationId(station.station.id))
    assert (seen.transport, seen.peer) == (Transport.PLAIN, "127.0.0.1")
    assert proxied.plain.knock(path, *UPGRADE, basic("x", "wrong"), OCPP)[0] == 401


def test_nobody_claims_tls_or_a_certificate_on_the_port_without(proxied: Proxied) -> None:
    own = of_profile(SecurityProfile.CERTIFICATE_TLS)
    certificate, _ = certified(own)
    forged = (
        "X-Forwarded-Proto: https",
        "X_Forwarded_Proto: https",
        "X-SSL-Version: TLSv1.3",
        "X_SSL_Version: TLSv1.3",
        f"X-SSL-Client-Cert: {certificates.base64_der(certificate)}",
        "X-SSL-Client-Verify: 0",
    )
    for station in (of_profile(SecurityProfile.PASSWORD_TLS), own):
        login = basic(station.station.identity, station.password)
        path = f"/ocpp/{station.station.identity}"
        status, _, client = proxied.plain.knock(path, *UPGRADE, login, OCPP, *forged)
        assert (status, client.sock.recv(100)) == (401, b"this charger has to come by TLS\n")


@pytest.mark.parametrize("path", ["/", "/stations", "/ocppx/a", "/api/graphql", "/api/Ocpp161/a", "/a/ocpp/b"])
def test_pages_are_led_to_https_on_the_port_without(proxied: Proxied, path: str) -> None:
    for headers in (("Host: localhost",), UPGRADE):
        status, answered, _ = proxied.plain.knock(path, *headers)
        assert (status, answered["location"]) == (301, f"https://localhost{path}")


def test_q20_a_charger_without_tls_sends_its_files_through_the_port_without(proxied: Proxied) -> None:
    station = added()
    set_quirks(SYSTEM, StationId(station.station.id), {"plain_files": True})
    job = request_file(SYSTEM, StationId(station.station.id), FileJobKind.DIAGNOSTICS)
    path = urlsplit(upload_address(FileJobId(job.id), plain=True)).path
    with closing(http.client.HTTPConnection("localhost", proxied.plain.port, timeout=PATIENCE_S)) as connection:
        connection.request("PUT", f"{path}/log.txt", b"what happened")
        assert connection.getresponse().status == 201
    assert received_file(SYSTEM, FileJobId(job.id)).size == len(b"what happened")


# ------------------------------------------------------------------------------------------- quirks


@pytest.mark.parametrize("port", ["plain", "secure"])
@pytest.mark.parametrize("connection", [[], ["Connection: keep-alive"], ["Connection: upgrade, keep-alive"]])
def test_q5_a_charger_that_forgets_the_header_connection_comes_in(
    proxied: Proxied, port: str, connection: list[str]
) -> None:
    station = added()
    identity = station.station.identity
    others = [header for header in UPGRADE if not header.startswith("Connection")]
    door = getattr(proxied, port)
    status, _, client = door.knock(f"/ocpp/{identity}", *others, *connection, basic(identity, station.password), OCPP)
    assert (status, alive(client)) == (101, True)


@pytest.mark.parametrize("identity", ["CP 1|a", "Säule#1", "a/b", "50%"])
def test_an_identity_arrives_as_it_was_written(proxied: Proxied, identity: str) -> None:
    station = added(identity=identity)
    quoted = "".join(f"%{byte:02X}" for byte in identity.encode())
    code = scene.row(Account, station.station.account_id).code
    for door in (proxied.plain, proxied.secure):
        path = f"/ocpp/{code}/{quoted}"
        assert door.knock(path, *UPGRADE, basic("x", station.password), OCPP)[0] == 101, quoted
