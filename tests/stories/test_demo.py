"""What a visitor of the demo does: he scans a code, charges at a virtual charger, and reads his receipt."""

import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urljoin

import wsgi
from demo import fill
from tests.stories.driver import Driver
from tests.stories.program import Program


def until(holds: Callable[[], object], running: Program, seconds: float = 60.0) -> None:
    """Wait for something to be true."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, running.log()[-3000:]
        time.sleep(0.3)


def test_a_visitor_charges_and_no_charger_outlives_the_server(tmp_path: Path) -> None:
    running = Program(tmp_path / "var")
    try:
        wsgi.create_app(running.settings)
        demo = json.loads(fill.fill(running.settings, days=3, a_station=2, quiet=True).read_text(encoding="utf-8"))
        running.start()
        assert demo["logins"][0]["password"] in running.log()
        fast = next(connector for connector in demo["connectors"] if connector["current"] == "dc")
        driver = Driver(running.url)
        until(lambda: driver.open(f"{running.url}/q/{fast['code']}") and driver.shows(f"/q/{fast['code']}"), running)
        driver.scan(fast["code"])
        link = driver.pay()
        until(lambda: driver.reads(link, "Charging since"), running)
        until(lambda: driver.reads(link, r'class="large">\s*0[.,]\d*[1-9]'), running)
        driver.stop(link)
        until(lambda: driver.reads(link, "receipt.pdf"), running)
        receipt = driver.browser.get(urljoin(link + "/", "receipt.pdf"), timeout=20)
        assert receipt.content.startswith(b"%PDF")
        assert any("demo.chargers" in process for process in running.left_over(0))
        os.kill(running.processes["all"].pid, signal.SIGKILL)
        assert running.left_over() == []
    finally:
        running.close()
