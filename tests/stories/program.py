"""The program as its users meet it: real processes on free ports, which a story may kill and start again."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from kit import db
from kit.settings import Settings
from tests import make
from tests.databases import free_port, migrate
from tests.programs import Started

PATIENCE_S = 40.0


class Program:
    """One installation: its settings, its processes by role, its log. The test's process shares its database."""

    def __init__(self, var_dir: Path, *, roles: tuple[str, ...] = ("all",), **environ: str) -> None:
        var_dir.mkdir(parents=True, exist_ok=True)
        self.var_dir = var_dir
        self.roles = roles
        self.ports = {role: free_port() for role in roles}
        self.processes: dict[str, Started] = {}
        self._sessions: set[int] = set()  # of all that were ever started
        page_port = self.ports.get("web") or self.ports["all"]
        self.url = f"http://localhost:{page_port}"
        self.socket_url = f"ws://127.0.0.1:{self.ports.get('hub') or page_port}"
        self.environ = {"DEMO": "1", "VAR_DIR": str(var_dir), "PUBLIC_URL": self.url, **environ}
        self.settings: Settings = make.settings_for(var_dir, PUBLIC_URL=self.url, PORT=str(page_port), **environ)
        migrate(self.settings.database_url)
        db.connect(self.settings.database_url)

    def start(self, **environ: str) -> None:
        """Start every process and wait until the pages and the sockets answer."""
        for role in self.roles:
            self.processes[role] = self._spawn(role, environ)
        for role, process in self.processes.items():
            if role != "worker":
                self._wait_for(f"http://localhost:{self.ports[role]}/healthz", process)

    def wait_until_dead(self, role: str = "all") -> int:
        """Wait for the end of a process; its return code."""
        return self.processes[role].wait(PATIENCE_S)

    def stop(self) -> None:
        """End every process as systemd would."""
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            process.wait_or_kill()

    def log(self) -> str:
        """What the processes said."""
        return "".join(path.read_text(encoding="utf-8") for path in sorted(self.var_dir.glob("*.log")))

    def left_over(self, seconds: float = 10.0) -> list[str]:
        """Processes of this installation, children included, that still live after some seconds."""
        deadline = time.monotonic() + seconds
        while (living := self._living()) and time.monotonic() < deadline:
            time.sleep(0.05)
        return living

    def _living(self) -> list[str]:
        found = []
        for entry in Path("/proc").iterdir():
            try:
                if entry.name.isdigit() and os.getsid(int(entry.name)) in self._sessions:
                    command = (entry / "cmdline").read_bytes().decode()
                    found += [f"{entry.name} {command}"] if command else []  # without one it has ended
            except OSError:
                continue  # it ended while we looked
        return found

    def letters(self) -> list[str]:
        """The names of all letters that were written."""
        return sorted(path.name for path in self.settings.mail_dir.glob("*.eml"))

    def close(self) -> None:
        """End everything."""
        self.stop()
        db.disconnect()

    def _spawn(self, role: str, environ: dict[str, str]) -> Started:
        own = {"ROLE": role, "PORT": str(self.ports[role])}
        command = "worker" if role == "worker" else "serve"
        started = Started(command, environ={**self.environ, **own, **environ}, log=self.var_dir / f"{role}.log")
        self._sessions.add(started.pid)
        return started

    def _wait_for(self, url: str, process: Started) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                urlopen(url, timeout=2).close()
                return
            except (URLError, OSError):
                assert process.poll() is None, self.log()[-3000:]
                assert time.monotonic() < deadline, self.log()[-3000:]
                time.sleep(0.1)


@contextmanager
def program(var_dir: Path, *, roles: tuple[str, ...] = ("all",), **environ: str) -> Iterator[Program]:
    """An installation that runs, and is gone at the end of the block."""
    made = Program(var_dir, roles=roles, **environ)
    try:
        made.start()
        yield made
    finally:
        made.close()
