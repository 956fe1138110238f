"""The program as its users meet it: a process of its own, on a free port, with a database that the test shares."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from kit import db, settings
from tests import make
from tests.databases import free_port, migrate
from tests.programs import Started

FIRST_ANSWER_S = 30.0


@dataclass(frozen=True)
class RealServer:
    """Where it answers."""

    port: int
    settings: settings.Settings

    @property
    def url(self) -> str:
        """For browsers."""
        return f"http://localhost:{self.port}"

    @property
    def socket_url(self) -> str:
        """For chargers, without the identity."""
        return f"ws://localhost:{self.port}/ocpp"


@contextmanager
def real_server(var_dir: Path, **more: str) -> Iterator[RealServer]:
    """Start it on a fresh SQLite database, which this process is connected to as well; end it. `more`: what else its
    environment says.
    """
    port = free_port()
    environ = {"PORT": str(port), "PUBLIC_URL": f"http://localhost:{port}", **more}
    made = make.settings_for(var_dir, **environ)
    migrate(made.database_url)
    db.connect(made.database_url)
    log = var_dir / "server.log"
    server = Started("serve", environ={**environ, "DEMO": "1", "VAR_DIR": str(var_dir)}, log=log)
    try:
        _wait_for(f"http://localhost:{port}/healthz", server, log)
        yield RealServer(port, made)
    finally:
        server.terminate()
        server.wait_or_kill()
        db.disconnect()


def _wait_for(url: str, server: Started, log: Path) -> None:
    deadline = time.monotonic() + FIRST_ANSWER_S
    while True:
        try:
            urlopen(url, timeout=2).close()
            return
        except (URLError, OSError):
            assert server.poll() is None, log.read_text(encoding="utf-8")[-2000:]
            assert time.monotonic() < deadline, log.read_text(encoding="utf-8")[-2000:]
            time.sleep(0.1)
