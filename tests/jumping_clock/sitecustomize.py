"""Python runs this at its start where PYTHONPATH names this folder: the program's clock follows a file from then on."""

import os
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path


def _follow() -> None:
    from kit import clock

    file, offset_s = Path(os.environ["CLOCK_FILE"]), 0
    while True:
        told = int(file.read_text(encoding="ascii") or 0)
        if told != offset_s:
            offset_s = told
            clock.move(datetime.now(UTC) + timedelta(seconds=told))
        time.sleep(0.05)


def _start() -> None:
    threading.Thread(target=_follow, name="clock", daemon=True).start()


os.register_at_fork(after_in_child=_start)  # gunicorn's worker is where the program lives
