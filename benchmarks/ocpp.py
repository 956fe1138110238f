"""The gateway against the `ocpp` package's own central system and against picows: one core each, in turn.

The gateway is a process of its own (`ROLE=hub`; Redis carries its notes), validates, logs every exchange and commits to
disk before each answer. The package ("lib") validates and stores nothing; picows does not even look at a message.
Processor time per message is printed as well: it says the same on a machine that is busy with other things.
BENCH_ROUNDS, BENCH_SECONDS and BENCH_SOCKETS make it shorter.
"""

import contextlib
import json
import os
import statistics
import subprocess
import sys
from typing import Any

from benchmarks import installation
from benchmarks.installation import BOTH, GATEWAY, OTHER_CORE, ROOT, Installation
from benchmarks.ocpp_load import SESSION
from benchmarks.processor import processor_s
from benchmarks.table import Row

SOCKETS = int(os.environ.get("BENCH_SOCKETS", "1000"))
SECONDS = float(os.environ.get("BENCH_SECONDS", "4"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
WARM_UP_S = 2.0
KINDS = {"mix": ["MeterValues", "Heartbeat", "StatusNotification"], "sessions": list(SESSION)}
LIB, PICOWS = "lib", "picows"
Found = dict[tuple[str, str], list[dict[str, Any]]]


def run() -> list[Row]:
    """Measure all of them in turn, several times; the median counts."""
    installation.beside_the_server()
    found: Found = {}
    with contextlib.ExitStack() as stack:
        bus = stack.enter_context(installation.bus())
        platforms = [stack.enter_context(make(SOCKETS)) for make in BOTH.values()]
        for number in range(ROUNDS):
            print(f"  round {number + 1} of {ROUNDS}", file=sys.stderr, flush=True)
            for kind in KINDS:
                _round(found, kind, platforms, bus)
            found.setdefault((PICOWS, "mix"), []).append(_ceiling())
    return [
        row
        for kind, words in (("mix", "mix"), ("sessions", "whole sessions, messages"))
        for platform in platforms
        for row in _rows(f"OCPP {words}, {platform.database}", found, platform.database, kind)
    ]


def _round(found: Found, kind: str, platforms: list[Installation], bus: dict[str, str]) -> None:
    with installation.serving([sys.executable, "-m", "benchmarks.ocpp_lib"]) as (port, pid):
        found.setdefault((LIB, kind), []).append(_flooded(port, pid, platforms[0], kind))
    for platform in platforms:
        with installation.serving(GATEWAY, platform.environ | bus) as (port, pid):
            found.setdefault((platform.database, kind), []).append(_flooded(port, pid, platform, kind))


def _flooded(port: int, pid: int, platform: Installation, kind: str) -> dict[str, Any]:
    with installation.load(port, pid, platform.stations) as load:
        load.step("connect")
        measured: dict[str, Any] = load.step("flood", mix=KINDS[kind], seconds=SECONDS, warm_up_s=WARM_UP_S)
    return measured


def _ceiling() -> dict[str, Any]:
    """What picows sends back, to a load that is picows as well."""
    echo = [sys.executable, "-m", "benchmarks.ocpp_echo"]
    with installation.serving([*echo, "serve"]) as (port, pid):
        flood = ["taskset", "-c", str(OTHER_CORE), *echo, "flood", str(port), str(SOCKETS), str(SECONDS)]
        began = processor_s(pid)
        answer = subprocess.run(flood, cwd=ROOT, check=True, capture_output=True).stdout
        per_second, answered = json.loads(answer)
        return {"per_second": per_second, "cpu_us": (processor_s(pid) - began) / answered * 1e6}


def _rows(what: str, found: Found, who: str, kind: str) -> list[Row]:
    ours, lib = found[who, kind], found[LIB, kind]
    # what is compared was measured one after the other: neighbours, not the best of one and the worst of another
    factor = statistics.median(a["per_second"] / b["per_second"] for a, b in zip(ours, lib, strict=True))
    refused = sum(one["refused"] for one in ours)
    rows = [
        Row(f"{what} / lib", f"{factor:.1f} x", "must 6 x, aim 15 x" if kind == "mix" else "must 4 x, aim 8 x"),
        Row(what, f"{_median(ours, 'per_second'):,.0f} /s", f"{SOCKETS} sockets, {refused} refused"),
        Row(f"{what}: lib", f"{_median(lib, 'per_second'):,.0f} /s", "stores nothing"),
        Row(
            f"{what}: processor", f"{_median(ours, 'cpu_us'):.0f} µs", f"a message; lib {_median(lib, 'cpu_us'):.0f} µs"
        ),
        Row(f"{what}: p99, full load", f"{_median(ours, 'p99_ms'):.0f} ms", f"lib {_median(lib, 'p99_ms'):.0f} ms"),
    ]
    if kind == "mix":
        ceiling, cpu_us = (_median(found[PICOWS, "mix"], name) for name in ("per_second", "cpu_us"))
        told = f"must 0.15, aim 0.30; echo {ceiling:,.0f} /s, {cpu_us:.0f} µs a message"
        rows.append(Row(f"{what} / picows echo", f"{_median(ours, 'per_second') / ceiling:.2f}", told))
        rows.append(Row(f"{what} / picows echo, by processor", f"{cpu_us / _median(ours, 'cpu_us'):.2f}", ""))
    else:
        rows.append(Row(f"{what}: whole ones", f"{_median(ours, 'per_second') / len(SESSION):,.0f} /s", ""))
    return rows


def _median(found: list[dict[str, Any]], name: str) -> float:
    return float(statistics.median(one[name] for one in found))
