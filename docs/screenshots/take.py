"""Takes the pictures of the README from the running program: `make screenshots`.

A demo of its own is started in a temporary folder. With `--all FOLDER` every page of the portal is taken as well,
for a desk (1280 px) and for a phone (360 px): for looking through them after a change.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
TARGET = ROOT / "docs" / "screenshots"
DESK: ViewportSize = {"width": 1280, "height": 860}
PHONE: ViewportSize = {"width": 360, "height": 740}
FIRST_START_S = 900
PORTAL = (
    "dashboard",
    "stations",
    "stations/map",
    "stations/new",
    "sessions",
    "income",
    "accounts",
    "accounts/new",
    "people",
    "api-keys",
    "me",
    "dev/mail",
    "legal/imprint",
    "legal/privacy",
    "legal/terms",
    "code",
)


@contextmanager
def demo() -> Iterator[tuple[str, dict[str, Any]]]:
    """The running demo: its address, and what its file says about logins and connectors."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as var:
        environment = {**os.environ, "PORT": str(port), "VAR_DIR": var}
        server = subprocess.Popen(
            ["bash", str(ROOT / "setup" / "run.sh")], cwd=ROOT, env=environment, start_new_session=True
        )
        try:
            _wait_for(f"http://localhost:{port}/readyz", server)
            yield f"http://localhost:{port}", json.loads((Path(var) / "demo.json").read_text(encoding="utf-8"))
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait(timeout=30)


def _wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + FIRST_START_S
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(url, timeout=2)  # our own address
            return
        except OSError:
            if server.poll() is not None:
                sys.exit("the demo ended before it answered")
            time.sleep(0.3)
    sys.exit("the demo does not answer")


def picture(page: Page, path: Path, *, whole: bool = False) -> None:
    """Take what is on the screen, once fonts and pictures are there."""
    page.wait_for_load_state("load")
    page.evaluate("document.fonts.ready")
    page.wait_for_timeout(400)
    path.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=path, full_page=whole)
    print(path)


def sign_in(page: Page, address: str, login: dict[str, str]) -> None:
    """As an operator does."""
    page.goto(f"{address}/login")
    page.fill("[name=email]", login["email"])
    page.fill("[name=password]", login["password"])
    page.locator("form:has([name=password]) [type=submit]").click()
    page.wait_for_url("**/dashboard")


def charge(browser: Browser, address: str, code: str) -> None:
    """As a driver does: price, payment with a test card, the live page after a while."""
    page = browser.new_context(viewport=PHONE, device_scale_factor=2, locale="en").new_page()
    page.goto(f"{address}/q/{code}")
    picture(page, TARGET / "driver-price.png")
    page.check("[name=terms]")
    page.locator("form:has([name=terms]) [type=submit]").click()
    page.wait_for_url("**/sandbox/**")
    page.locator("button[name=chosen]").first.click()
    page.wait_for_url("**/s/**")
    page.locator("canvas").first.wait_for(timeout=120_000)
    page.wait_for_timeout(45_000)  # a curve needs some values
    picture(page, TARGET / "driver-live.png")


def readme(browser: Browser, address: str, facts: dict[str, Any]) -> None:
    """The pictures of the README."""
    fast = next((one for one in facts["connectors"] if one["current"].lower() == "dc"), facts["connectors"][0])
    charge(browser, address, fast["code"])
    page = browser.new_context(viewport=DESK, locale="en").new_page()
    sign_in(page, address, facts["logins"][0])
    page.goto(f"{address}/dashboard?lang=en")
    picture(page, TARGET / "dashboard.png")
    page.goto(f"{address}/sessions")
    page.locator("main a[href*='/sessions/']").nth(1).click()  # the first one may still run
    picture(page, TARGET / "session.png")


def everything(browser: Browser, address: str, facts: dict[str, Any], folder: Path) -> None:
    """Every page of the portal, at both widths, from top to bottom."""
    for size in (DESK, PHONE):
        page = browser.new_context(viewport=size, locale="en").new_page()
        sign_in(page, address, facts["logins"][0])
        for path in PORTAL:
            answer = page.goto(f"{address}/{path}")
            if answer is None or answer.status != 200:
                print(f"{path}: {answer.status if answer else 'no answer'}")
                continue
            picture(page, folder / f"{path.replace('/', '-')}-{size['width']}.png", whole=True)
            if path in ("stations", "sessions", "accounts"):
                page.locator(f"main a[href*='/{path}/']:not([href$='/new']):not([href$='/map'])").first.click()
                picture(page, folder / f"{path}-one-{size['width']}.png", whole=True)


def main() -> None:
    """Start the demo and go round."""
    with demo() as (address, facts), sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"] if os.geteuid() == 0 else []
        )
        if sys.argv[1:2] == ["--all"]:
            everything(browser, address, facts, Path(sys.argv[2]))
        else:
            readme(browser, address, facts)
        browser.close()


if __name__ == "__main__":
    main()
