"""The virtual chargers of the demo, one process: `python -m demo.chargers --url ws://localhost:8000 --stations FILE`.

They are ordinary OCPP clients and know nothing of the platform but its address and their passwords. A driver who starts
a charge finds his imaginary car plugged in a few seconds later.
"""

import argparse
import asyncio
import contextlib
import json
import random
import signal
import subprocess
import sys
from pathlib import Path

import structlog

from demo.plans import Memory, StationPlan
from demo.station import VirtualStation
from kit import process

log = structlog.get_logger()
ROOT = Path(__file__).parent.parent


def spawn(url: str, stations: Path) -> "subprocess.Popen[bytes]":
    """Start the chargers as a child of this process; they end with it, however it ends. `url` is ws:// or wss://.

    Call it from a thread that lives as long as the process: the kernel tells a child when the *thread* is gone.
    """
    command = [sys.executable, "-m", "demo.chargers", "--url", url, "--stations", str(stations)]
    return process.spawn(command, cwd=ROOT)


async def run(url: str, stations: Path) -> None:
    """Be all stations of the file until told to stop."""
    data = json.loads(stations.read_text(encoding="utf-8"))
    plans = [StationPlan.from_json(item) for item in data["stations"]]
    memory = stations.parent / "chargers"
    fleet = [VirtualStation(url, plan, memory=Memory.read(memory / f"{plan.identity}.json")) for plan in plans]
    tasks = [asyncio.create_task(station.run()) for station in fleet]
    tasks += [
        asyncio.create_task(charge_by_tag(station, plug.number, plug.tag))
        for station in fleet
        for plug in station.plan.plugs
        if plug.tag
    ]
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    log.info("chargers.started", stations=len(fleet))
    await stop.wait()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for station in fleet:
        station.remember()


async def charge_by_tag(station: VirtualStation, number: int, tag: str) -> None:
    """A resident who comes and goes, so that the portal always has something to show."""
    plug = station.plugs[number]
    await asyncio.sleep(random.uniform(5, 15))
    while True:
        if plug.free and plug.status == "Available" and station.socket is not None:
            station.present(number, tag)
        await asyncio.sleep(random.uniform(240, 420))


def main() -> None:
    """Read the command line, run, end quietly."""
    parser = argparse.ArgumentParser(description="virtual chargers of the demo")
    parser.add_argument("--url", required=True, help="ws://host:port of the platform")
    parser.add_argument("--stations", required=True, type=Path, help="the file that the demo filler wrote")
    options = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(run(options.url, options.stations))


if __name__ == "__main__":
    main()
