"""The driver's page as a phone of 360 px shows it: a browser, a server process and a charger over real sockets."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from demo.physics import Car
from stations.values import StationId
from tests import make
from tests.charger import BY_HAND, Charger, plan
from tests.made import MadeStation
from tests.portal.garage import become_payable
from tests.portal.real_server import RealServer, real_server

CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]
PHONE_WIDTH, PHONE_HEIGHT = 360, 740
WAIT_MS = 15_000


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealServer]:
    """The program in a process of its own."""
    var_dir = tmp_path_factory.mktemp("live") / "var"
    var_dir.mkdir()
    with real_server(var_dir) as started:
        yield started


@pytest.fixture(scope="module")
def browser(chromium_path: str | None) -> Iterator[Browser]:
    """Chromium."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium_path, args=CHROMIUM)
        yield started
        started.close()


@pytest.fixture
def station(server: RealServer) -> MadeStation:
    """A station whose seller can be paid."""
    owned = make.account(name="Garage Muster AG")
    made = make.station(property=make.property(master=owned), owner=owned.owner)
    make.price(connector=made.connector, owner=owned.owner)
    become_payable(owned.owner, owned.id)
    assert StationId(made.station.id) == made.id
    return made


@pytest.fixture
def charger(server: RealServer, station: MadeStation) -> Iterator[Charger]:
    """Its charger, connected."""
    plans = plan(station.identity, station.password)
    made = Charger(f"{server.socket_url}/{station.identity}", plans, BY_HAND)
    made.connect()
    yield made
    made.close()


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """A phone that speaks English. Whatever its console says is a mistake of ours."""
    context = browser.new_context(viewport={"width": PHONE_WIDTH, "height": PHONE_HEIGHT}, locale="en-CH")
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    yield page
    context.close()
    assert said == []


def fits(page: Page) -> bool:
    """Whether nothing sticks out to the right."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def pay(phone: Page, server: RealServer, station: MadeStation) -> None:
    """From the label to the session's page."""
    phone.goto(f"{server.url}/q/{station.code}")
    assert fits(phone)
    phone.get_by_label(re.compile("I agree")).check()
    phone.get_by_role("button", name="Pay and charge").click()
    expect(phone.get_by_label("Card number")).to_be_visible()
    assert fits(phone)
    phone.get_by_role("button", name="The card is accepted").click()
    expect(phone.get_by_role("heading", name="Plug in now")).to_be_visible()


def test_a_session_is_followed_without_a_touch_and_stopped_by_one(
    server: RealServer, station: MadeStation, charger: Charger, phone: Page, tmp_path: Path
) -> None:
    requests: list[str] = []
    pay(phone, server, station)
    countdown = phone.locator("[data-deadline]")
    first = int(countdown.inner_text())
    assert 80 <= first <= 90
    expect(countdown).not_to_have_text(str(first))
    phone.on("request", lambda request: requests.append(request.url))
    charger.plug_in(car=Car(charge=0.2))
    expect(phone.get_by_text("Charging since")).to_be_visible()
    for _ in range(3):
        charger.send_values()
        charger.wait_until_told()
    expect(phone.locator("[data-curve] canvas")).to_be_visible()
    expect(phone.locator("[data-curve]")).to_have_attribute(
        "aria-label", re.compile(r"Power from .* at most 1\d\.\d kW")
    )
    assert fits(phone)
    before = phone.locator(".large").inner_text()
    charger.send_values()
    expect(phone.locator(".large")).not_to_have_text(before)
    assert requests == [], "news comes by itself, nothing is asked for"
    phone.screenshot(path=tmp_path / "charging.png", full_page=True)
    phone.get_by_role("button", name="Stop charging").click()
    expect(phone.get_by_role("heading", name="Done. Thank you!")).to_be_visible()
    assert fits(phone)
    expect(phone.get_by_role("link", name="Receipt (PDF)")).to_be_visible()
    expect(phone.get_by_text(re.compile(r"of the reserved CHF 60\.00 were released"))).to_be_visible()


def test_a_start_that_the_station_refuses_shows_at_once(
    server: RealServer, station: MadeStation, charger: Charger, phone: Page
) -> None:
    charger.refuse_next_start()
    phone.goto(f"{server.url}/q/{station.code}")
    phone.get_by_label(re.compile("I agree")).check()
    phone.get_by_role("button", name="Pay and charge").click()
    phone.get_by_role("button", name="The card is accepted").click()
    expect(phone.get_by_role("heading", name="The session did not start")).to_be_visible()
    expect(phone.get_by_text("The station refused to start.")).to_be_visible()
    expect(phone.get_by_text("The reserved CHF 60.00 were released.")).to_be_visible()


def test_the_page_is_used_by_keyboard_alone(
    server: RealServer, station: MadeStation, charger: Charger, phone: Page
) -> None:
    phone.goto(f"{server.url}/q/{station.code}")
    phone.get_by_label("E-mail (optional)").focus()
    phone.keyboard.press("Tab")
    phone.keyboard.press("Space")
    for _ in range(3):
        phone.keyboard.press("Tab")
    expect(phone.get_by_role("button", name="Pay and charge")).to_be_focused()
    phone.keyboard.press("Enter")
    expect(phone.get_by_label("Card number")).to_be_visible()


def test_the_curve_survives_every_push_and_a_change_to_dark(
    server: RealServer, station: MadeStation, charger: Charger, phone: Page
) -> None:
    pay(phone, server, station)
    charger.plug_in(car=Car(charge=0.2))
    for _ in range(2):
        charger.send_values()
        charger.wait_until_told()
    canvas = phone.locator("[data-curve] canvas")
    expect(canvas).to_be_visible()
    phone.emulate_media(color_scheme="dark")
    expect(canvas).to_be_visible()
    drawn = phone.locator("[data-curve]").get_attribute("data-curve")
    charger.send_values()
    expect(phone.locator("[data-curve]")).not_to_have_attribute("data-curve", drawn or "")
    expect(canvas).to_have_count(1)


def test_who_waits_at_an_occupied_connector_is_told_when_it_is_free(
    server: RealServer, station: MadeStation, charger: Charger, phone: Page, browser: Browser
) -> None:
    pay(phone, server, station)
    charger.plug_in(car=Car(charge=0.2))
    expect(phone.get_by_text("Charging since")).to_be_visible()
    waiting = browser.new_context(locale="en-CH").new_page()
    waiting.goto(f"{server.url}/q/{station.code}")
    expect(waiting.get_by_role("heading", name=re.compile("Occupied"))).to_be_visible()
    phone.get_by_role("button", name="Stop charging").click()
    charger.unplug()
    expect(waiting.get_by_role("heading", name="The plug is free now")).to_be_visible(timeout=WAIT_MS)
    waiting.get_by_role("link", name="Charge here").click()
    expect(waiting.get_by_role("button", name="Pay and charge")).to_be_visible()
    waiting.context.close()
