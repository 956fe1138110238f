"""Ten thousand chargers at one process: memory a socket, all of them coming back at once, an Authorize among them.

The whole program in one process (`ROLE=all`), on its core; each database in turn. BENCH_CROWD and BENCH_CROWD_SECONDS
make it shorter. An Authorize is asked for 20 times a second, each time by another charger, while each of the others
sends one message a minute (MeterValues, Heartbeat, StatusNotification in turn).
"""

import os
import time

from benchmarks import installation
from benchmarks.installation import BOTH, GATEWAY, Installation
from benchmarks.ocpp import KINDS
from benchmarks.processor import memory_bytes
from benchmarks.table import Row

CROWD = int(os.environ.get("BENCH_CROWD", "10000"))
SECONDS = float(os.environ.get("BENCH_CROWD_SECONDS", "30"))
FIRST = CROWD // 10  # they warm the process up
SETTLE_S = 3.0
MINUTE_S = 60.0


def run() -> list[Row]:
    """Each database in turn."""
    installation.beside_the_server()
    rows = []
    for make in BOTH.values():
        with make(CROWD) as platform:
            rows += _measured(platform)
    return rows


def _measured(platform: Installation) -> list[Row]:
    with (
        installation.serving(GATEWAY, platform.environ) as (port, pid),
        installation.load(port, pid, platform.stations) as load,
    ):
        load.step("connect", last=FIRST)
        time.sleep(SETTLE_S)
        before = memory_bytes(pid)
        came = load.step("connect", first=FIRST)
        time.sleep(SETTLE_S)
        each = (memory_bytes(pid) - before) / (CROWD - FIRST)
        storm = load.step("storm")
        time.sleep(SETTLE_S)
        calm = load.step("pace", mix=KINDS["mix"], every_s=MINUTE_S, seconds=SECONDS, probe="Authorize")
    on = f"{CROWD:,} sockets, {platform.database}"
    known = f"{storm['errors']} errors {storm['first_error']}".rstrip()
    answered = f"{calm['answered']} answered, {calm['refused']} refused; median {calm['p50_ms']:.0f} ms"
    return [
        Row(f"memory of an idle socket, {on}", f"{each / 1000:.1f} kB", "must 40 kB, aim 15 kB"),
        Row(f"all come in good order, {on}", f"{came['seconds']:.1f} s", "Boot and 2 StatusNotification each"),
        Row(f"all come back at once, {on}", f"{storm['seconds']:.1f} s", f"must 30 s, aim 12 s; {known}"),
        Row(f"p99 of an Authorize, {on}", f"{calm['p99_ms']:.0f} ms", f"must 50 ms, aim 15 ms; {answered}"),
    ]
