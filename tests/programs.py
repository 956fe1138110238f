"""The program's commands as processes of their own, forked from one that has imported the program already.

gunicorn forks its worker in the same way. Importing takes four seconds, and the tests start programs a hundred times.
As a shell starts it: tests/test_serve.py, tests/kit/test_queue.py, and the first test of tests/test_commands.py.
"""

import ctypes
import functools
import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LONGEST_S = 120.0
KEPT_VARIABLES = ("PATH", "HOME", "LANG")
_PR_SET_PDEATHSIG = 1


class Started:
    """A command of `wsgi.py` that runs in a session of its own; spoken to as `subprocess.Popen` is.

    Whatever happens to the tests, it ends with them.
    """

    def __init__(
        self, *arguments: str, environ: Mapping[str, str], log: Path | None = None, errors: Path | None = None
    ) -> None:
        kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
        told = (arguments, {**kept, **environ}, log, errors or log)
        self._process = _forking().Process(target=_become, args=told, daemon=True)
        self._process.start()
        self.pid = int(self._process.pid or 0)

    @property
    def returncode(self) -> int | None:
        """What it ended with; the signal below zero; None as long as it lives."""
        return self._process.exitcode

    def poll(self) -> int | None:
        """The same."""
        return self.returncode

    def wait(self, timeout: float) -> int:
        """Until it has ended; what it ended with."""
        self._process.join(timeout)
        if self.returncode is None:
            raise subprocess.TimeoutExpired(f"{self._process}", timeout)
        return self.returncode

    def send_signal(self, told: signal.Signals) -> None:
        """Tell it something, if it lives."""
        if self.returncode is None:
            os.kill(self.pid, told)

    def terminate(self) -> None:
        """Ask it to end, as systemd does."""
        self.send_signal(signal.SIGTERM)

    def wait_or_kill(self, timeout: float = 15) -> int:
        """Until it has ended, without asking in the end."""
        try:
            return self.wait(timeout)
        except subprocess.TimeoutExpired:
            self.send_signal(signal.SIGKILL)
            return self.wait(timeout)


def run(environ: Mapping[str, str], *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run a command to its end; what it said is there to be read."""
    with tempfile.TemporaryDirectory() as folder:
        said = Path(folder) / "stdout", Path(folder) / "stderr"
        code = Started(*arguments, environ=environ, log=said[0], errors=said[1]).wait(LONGEST_S)
        return subprocess.CompletedProcess(arguments, code, *(file.read_text(encoding="utf-8") for file in said))


@functools.cache
def _forking() -> ForkServerContext:
    """What forks: a process with one thread that has imported the program and does nothing."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["wsgi", __name__])
    return context


def _become(arguments: tuple[str, ...], environ: dict[str, str], log: Path | None, errors: Path | None) -> None:
    """In the forked process: what the shell, the kernel and the interpreter do before `wsgi.py` begins."""
    import wsgi
    from kit import crash

    os.setsid()
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    os.chdir(ROOT)
    for descriptor, file in ((1, log), (2, errors)):
        if file is not None:
            os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), descriptor)
    os.environ.clear()
    os.environ.update(environ)
    crash.FILE = environ.get("CRASH_FILE")  # read by the import
    if folder := environ.get("PYTHONPATH"):
        runpy.run_path(f"{folder}/sitecustomize.py")
    command: Any = wsgi.cli
    sys.argv = ["wsgi.py", *arguments]
    command(arguments)
