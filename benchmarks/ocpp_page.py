"""Chargers and pages in one process: what a page that computes costs the chargers, and how soon a click is on the wire.

The whole program (`ROLE=all`) on its core. A page that takes 200 ms of processor time is added to it and asked for all
the time, while 1,000 chargers send a message a second. BENCH_PAGE_SECONDS, BENCH_SOCKETS and BENCH_COMMANDS make it
shorter.
"""

import os
import statistics
import sys
import threading
import time

import requests

from benchmarks import installation
from benchmarks.installation import BOTH, GATEWAY, Installation
from benchmarks.ocpp import KINDS
from benchmarks.table import Row

SECONDS = float(os.environ.get("BENCH_PAGE_SECONDS", "20"))
COMMANDS = int(os.environ.get("BENCH_COMMANDS", "40"))
SOCKETS = int(os.environ.get("BENCH_SOCKETS", "1000"))
RATE = 1_000  # messages a second
BUSY_S = 0.2
PAUSE_S = 0.2


def run() -> list[Row]:
    """Each database in turn."""
    installation.beside_the_server()
    rows = []
    for make in BOTH.values():
        with make(SOCKETS) as platform:
            rows += [_beside_a_page(platform), _click(platform)]
    return rows


def _beside_a_page(platform: Installation) -> Row:
    busy = [sys.executable, "-m", "benchmarks.ocpp_page"]
    with (
        installation.serving(busy, platform.environ) as (port, pid),
        installation.load(port, pid, platform.stations) as load,
    ):
        load.step("connect")
        load.begin("pace", mix=KINDS["mix"], every_s=SOCKETS / RATE, seconds=SECONDS)
        pages, enough = list[float](), threading.Event()
        asking = threading.Thread(target=_ask, args=(f"http://127.0.0.1:{port}/busy", pages, enough))
        asking.start()
        found = load.result()
        enough.set()
        asking.join()
    told = f"median {found['p50_ms']:.0f} ms, {found['answered']:,} answered, {found['late']} not; {len(pages)} pages"
    what = f"p99 of messages at {RATE:,}/s beside a page of {BUSY_S * 1000:.0f} ms, {platform.database}"
    return Row(what, f"{found['p99_ms']:.0f} ms", f"must 50 ms, aim 10 ms; {told}")


def _ask(url: str, pages: list[float], enough: threading.Event) -> None:
    with requests.Session() as browser:
        while not enough.is_set():
            began = time.perf_counter()
            browser.get(url).raise_for_status()
            pages.append(time.perf_counter() - began)


def _click(platform: Installation) -> Row:
    with (
        installation.serving(GATEWAY, platform.environ) as (port, pid),
        installation.load(port, pid, platform.stations[:1]) as load,
    ):
        load.step("connect")
        url = f"http://127.0.0.1:{port}"
        browser = installation.signed_in(url, platform.operator)
        station = f"{url}/stations/{platform.first_id}"
        form = {"csrf_token": installation.csrf(browser, f"{station}/maintenance"), "action": "ClearCache"}
        load.begin("listen", calls=COMMANDS)
        clicked = []
        for _ in range(COMMANDS):
            time.sleep(PAUSE_S)
            clicked.append(time.perf_counter())
            sent = browser.post(f"{station}/commands", form, allow_redirects=False)
            assert sent.status_code == 303, f"the button works, {sent.status_code}"
        taken = [came - click for click, came in zip(clicked, load.result(), strict=True)]
    value = f"{statistics.median(taken) * 1000:.0f} ms"
    remark = f"must 100 ms, aim 20 ms; median of {COMMANDS}, slowest {max(taken) * 1000:.0f} ms"
    return Row(f"a click in the portal to the frame on the wire, {platform.database}", value, remark)


def _serve() -> None:
    """The program, with one page more."""
    from flask import Flask

    from kit import log
    from kit.settings import Settings
    from server import Server
    from wsgi import connect, create_app

    settings = Settings.from_environ(os.environ)

    def build() -> Flask:
        connect(settings)
        app = create_app(settings)
        app.add_url_rule("/busy", view_func=_compute)
        return app

    log.configure(settings.log_format, settings.log_level)
    Server(settings, build).run()


def _compute() -> str:
    began, turns = time.thread_time(), 0
    while time.thread_time() - began < BUSY_S:
        turns += sum(range(100))
    return str(turns)


if __name__ == "__main__":
    _serve()
