"""The program itself, served by gunicorn in a process of its own, as operators start it."""

import base64
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from kit import db, settings
from tests.databases import free_port, migrate
from tests.programs import Started
from tests.wire import PATIENCE_S, Client

START_S = 60.0


@dataclass
class Knocking:
    """Something that listens for chargers."""

    port: int

    def connected(self) -> socket.socket:
        """A connection to it."""
        return socket.create_connection(("127.0.0.1", self.port), PATIENCE_S)

    def knock(self, path: str, *headers: str, early: bytes = b"") -> tuple[int, dict[str, str], Client]:
        """Ask for an upgrade with exactly these headers: status, headers of the answer, and the open connection."""
        sock = self.connected()
        sock.sendall("\r\n".join([f"GET {path} HTTP/1.1", *headers, "", ""]).encode("latin-1") + early)
        client = Client(sock)
        head = b""
        while b"\r\n\r\n" not in head:
            more = sock.recv(1)
            assert more, head
            head += more
        status, *lines = head.decode("latin-1").strip().split("\r\n")
        fields = (line.partition(":") for line in lines)
        return int(status.split()[1]), {name.lower(): value.strip() for name, _, value in fields}, client

    def dial(self, identity: str, password: str) -> Client:
        """Connect as a good charger does."""
        status, _, client = self.knock(f"/ocpp/{identity}", *UPGRADE, basic(identity, password), OCPP)
        assert status == 101, status
        return client


@dataclass
class Serving(Knocking):
    """A running program."""

    process: Started


UPGRADE = (
    "Host: localhost",
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
)
OCPP = "Sec-WebSocket-Protocol: ocpp1.6"


def basic(user: str, password: str | bytes) -> str:
    """The header of basic authentication."""
    raw = user.encode() + b":" + (password.encode() if isinstance(password, str) else password)
    return f"Authorization: Basic {base64.b64encode(raw).decode()}"


@contextmanager
def serving(var_dir: Path, **environ: str) -> Iterator[Serving]:
    """Start `wsgi.py serve`, wait until it listens; terminated afterwards, and asked whether it ended well."""
    port = int(environ.get("PORT") or free_port())
    everything = {
        "DEMO": "1",
        "VAR_DIR": str(var_dir),
        "PORT": str(port),
        "LOG_LEVEL": "warning",
        **environ,
    }
    process = Started("serve", environ=everything)
    try:
        wait_for(port, process)
        yield Serving(port, process)
    finally:
        process.terminate()
        process.wait(timeout=30)


def settled(var_dir: Path, **environ: str) -> settings.Settings:
    """The same settings for the test's own process, connected to the same (migrated) database."""
    made = settings.Settings.from_environ({"DEMO": "1", "VAR_DIR": str(var_dir), **environ})
    settings.use(made)
    migrate(made.database_url)
    db.connect(made.database_url)
    return made


def wait_for(port: int, process: Started | subprocess.Popen[bytes]) -> None:
    """Until something listens there; fails when the process ends before."""
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.5):
            return
        assert process.poll() is None, "the program ended at once"
        time.sleep(0.1)
    raise TimeoutError("the program does not listen")
