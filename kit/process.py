"""Child processes that never outlive us: a killed parent leaves no orphan behind."""

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

_PR_SET_PDEATHSIG = 1


def spawn(command: Sequence[str], *, cwd: Path | None = None) -> "subprocess.Popen[bytes]":
    """Start a program that gets SIGTERM when the calling process ends, however it ends (Linux).

    Call it from a thread that lives as long as the process: the kernel watches the thread.
    """
    parent = os.getpid()
    libc = ctypes.CDLL(None)

    def bind_to_parent() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        if os.getppid() != parent:  # it ended before we asked
            os._exit(1)

    return subprocess.Popen(command, cwd=cwd, preexec_fn=bind_to_parent)  # noqa: S603  # our own words; prctl only


def end(child: "subprocess.Popen[bytes]", *, by: float) -> None:
    """Have a program end: in order, until this instant of the monotonic clock; then without asking."""
    child.terminate()
    try:
        child.wait(max(0.0, by - time.monotonic()))
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
