"""A proxy of Debian with the sample that we ship, before the program. Only names, paths and ports are exchanged."""

import datetime
import ipaddress
import re
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from kit import clock
from stations.pem import fingerprint, written
from tests import certificates
from tests.databases import free_port
from tests.serving import OCPP, UPGRADE, Knocking, Serving, wait_for
from tests.wire import PATIENCE_S, Client

SAMPLES = Path(__file__).parents[1] / "deploy" / "proxy"
ALLOWED = {
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES256-GCM-SHA384",
    "AES128-GCM-SHA256",
    "AES256-GCM-SHA384",
}


@dataclass
class Proxied:
    """The program behind its proxy."""

    server: Serving
    plain: Knocking  # the port without TLS
    port: int
    root: Path  # of the proxy's own certificate
    folder: Path

    def context(self, mine: tuple[x509.Certificate, Any] | None = None) -> ssl.SSLContext:
        """A charger's TLS: it checks the proxy's certificate and may have one of its own."""
        context = ssl.create_default_context(cafile=str(self.root))
        if mine is not None:
            certificate, key = mine
            file = self.folder / f"{fingerprint(certificate)}.pem"
            file.write_text(written(certificate) + certificates.key_pem(key))
            context.load_cert_chain(file)
        return context

    def tls(self, context: ssl.SSLContext) -> ssl.SSLSocket:
        """A connection to the proxy."""
        plain = socket.create_connection(("127.0.0.1", self.port), PATIENCE_S)
        return context.wrap_socket(plain, server_hostname="localhost")

    @property
    def secure(self) -> Knocking:
        """The port with TLS, to someone without a certificate."""
        return ByTls(self.port, self)

    def knock(self, identity: str, *headers: str, mine: Any = None) -> tuple[int, Client]:
        """Ask for an upgrade through the proxy: the status, and the open connection."""
        status, _, client = ByTls(self.port, self, mine).knock(f"/ocpp/{identity}", *UPGRADE, OCPP, *headers)
        return status, client


@dataclass
class ByTls(Knocking):
    """A charger, perhaps with a certificate of its own, before the proxy's port for TLS."""

    proxy: Proxied
    mine: Any = None

    def connected(self) -> socket.socket:
        """A connection by TLS."""
        return self.proxy.tls(self.proxy.context(self.mine))


@dataclass(frozen=True)
class Ports:
    """Where a proxy of a test listens, and where the program does."""

    plain: int
    tls: int
    program: int


@contextmanager
def in_front_of(
    server: Serving, folder: Path, var_dir: Path, *, by: str = "haproxy", without: str | None = None
) -> Iterator[Proxied]:
    """A proxy before a running program (TRUSTED_PROXIES=1), whose files for it are in `var_dir`.

    `by`: haproxy, nginx or caddy. `without`: the beginning of the one line of the sample that an operator took away.
    """
    root = _server_certificates(folder)
    ports = Ports(free_port(), free_port(), server.port)
    command = {"haproxy": _haproxy, "nginx": _nginx, "caddy": _caddy}[by](folder, var_dir, ports, without)
    with (folder / "proxy.log").open("wb") as log:
        process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", "--", *command], stdout=log, stderr=log)
    try:
        wait_for(ports.tls, process)
        yield Proxied(server, Knocking(ports.plain), ports.tls, root, folder)
    finally:
        process.terminate()
        process.wait(10)


def _haproxy(folder: Path, var_dir: Path, ports: Ports, without: str | None) -> list[str]:
    changes = {
        r"maxconn \d+": "maxconn 200",  # ulimit of the test
        r"bind :80\b": f"bind 127.0.0.1:{ports.plain}",
        r"bind :443\b": f"bind 127.0.0.1:{ports.tls}",
        "/etc/haproxy/certs/": f"{folder}/certs/",
        "/var/lib/charging/": f"{var_dir}/",
        r"127\.0\.0\.1:800[01]": f"127.0.0.1:{ports.program}",
        "check maxconn 200": "check",
    }
    (folder / "haproxy.cfg").write_text(_sample("haproxy.cfg", changes, without))
    return ["/usr/sbin/haproxy", "-db", "-f", str(folder / "haproxy.cfg")]


def _nginx(folder: Path, var_dir: Path, ports: Ports, without: str | None) -> list[str]:
    changes = {
        r"listen 80\b": f"listen 127.0.0.1:{ports.plain}",
        r"listen 443\b": f"listen 127.0.0.1:{ports.tls}",
        r"charge\.example\.com;": "localhost;",
        r"/etc/letsencrypt/live/charge\.example\.com/\w+\.pem": f"{folder}/certs/ecdsa.pem",
        "/var/lib/charging/": f"{var_dir}/",
        r"127\.0\.0\.1:800[01]": f"127.0.0.1:{ports.program}",
    }
    kept = [f"{what}_temp_path {folder}/{what};" for what in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")]
    http = "\n".join([*kept, "access_log off;", _sample("nginx.conf", changes, without)])
    main = f"daemon off; pid {folder}/nginx.pid; error_log stderr; events {{}}\nhttp {{ {http} }}\n"
    (folder / "nginx.conf").write_text(main)
    return ["/usr/sbin/nginx", "-e", "stderr", "-p", str(folder), "-c", str(folder / "nginx.conf")]


def _caddy(folder: Path, _var_dir: Path, ports: Ports, without: str | None) -> list[str]:
    certificate = f"{folder}/certs/ecdsa.pem"
    changes = {
        r"charge\.example\.com": "localhost",
        r"\ttls \{": f"\ttls {certificate} {certificate} {{",
        r"127\.0\.0\.1:800[01]": f"127.0.0.1:{ports.program}",
    }
    ours = f"{{\n\tadmin off\n\thttp_port {ports.plain}\n\thttps_port {ports.tls}\n\tskip_install_trust\n}}\n"
    (folder / "Caddyfile").write_text(ours + _sample("Caddyfile", changes, without))
    places = [f"{name}={folder}" for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME")]
    return ["env", *places, "/usr/bin/caddy", "run", "--config", str(folder / "Caddyfile")]


def _sample(name: str, changes: dict[str, str], without: str | None) -> str:
    if without is not None:
        changes = {**changes, rf"(?m)^ *{re.escape(without)}.*\n": ""}
    text = (SAMPLES / name).read_text()
    for old, new in changes.items():
        text, count = re.subn(old, new, text)
        assert count, old
    return text


def _server_certificates(folder: Path) -> Path:
    """A root, and below it a certificate of each kind of key for the proxy, as an operator's authority makes them."""
    (folder / "certs").mkdir()
    key, now = certificates.ec_key(), clock.now()
    root = certificates.self_signed("Somebody's root", key)
    (folder / "root.pem").write_text(written(root))
    alternatives = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    for kind, own in (("ecdsa", certificates.ec_key()), ("rsa", certificates.rsa_key())):
        made = (
            x509.CertificateBuilder()
            .subject_name(certificates.name("localhost"))
            .issuer_name(root.subject)
            .public_key(own.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=20))
            .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
            .sign(key, hashes.SHA256())
        )
        (folder / "certs" / f"{kind}.pem").write_text(written(made, root) + certificates.key_pem(own))
    return folder / "root.pem"
