"""Child processes that never outlive us: a killed parent leaves no orphan behind."""

import ctypes
import os
import signal
import subprocess
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
