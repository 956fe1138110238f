"""What an operator does at his desk, and on his phone: an order for many stations, a search in the log, a lost end.

The program, its gateway and the browser are real; the stations are sockets that say and answer what the story wants.
"""

import csv
import itertools
import json
import re
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from websockets.sync.client import connect

from accounts.access import SYSTEM
from accounts.values import AccountId
from charging.models import ChargingSession, OrphanStop
from charging.use_cases import add_tag
from charging.values import OrphanState
from kit.clock import now
from kit.spreadsheets import SEPARATOR
from ocpp_ws.outbound import PATIENCE_S
from stations.models import StationCommand
from stations.use_cases import keep_quiet
from stations.values import CommandState, StationId
from tests import make, scene
from tests.browser import DESK, PHONE, fits, window
from tests.made import MadeStation, Owned
from tests.portal.real_server import RealServer, real_server
from tests.serving import basic
from tests.stories.visitors import sign_in

TAG = "04A1B2C3"
ZONE = ZoneInfo("Europe/Zurich")
SIZES = pytest.mark.parametrize("size", [DESK, PHONE], ids=["1280", "360"])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealServer]:
    with real_server(tmp_path_factory.mktemp("desk")) as served:
        yield served


class Box:
    """A station at the end of a socket; it says and answers nothing by itself."""

    def __init__(self, server: RealServer, station: MadeStation, stack: ExitStack) -> None:
        self._ids = itertools.count(1)
        self._socket = stack.enter_context(
            connect(
                f"{server.socket_url}/{station.identity}",
                subprotocols=["ocpp1.6"],  # type: ignore[list-item]  # theirs is a NewType of str
                additional_headers=dict([basic(station.identity, station.password).split(": ", 1)]),
            )
        )
        self.says("BootNotification", chargePointVendor="Fabrik", chargePointModel="Wandlader 11")

    def says(self, action: str, **payload: Any) -> dict[str, Any]:
        """A call of its own; what it is answered."""
        self._socket.send(json.dumps([2, f"own-{next(self._ids)}", action, payload]))
        kind, _, answer = self._heard()
        assert kind == 3, answer
        return dict(answer)

    def hears(self, action: str) -> str:
        """The next call of ours; its id."""
        kind, message_id, said, _ = self._heard()
        assert (kind, said) == (2, action)
        return str(message_id)

    def answers(self, message_id: str, **payload: Any) -> None:
        """To a call of ours."""
        self._socket.send(json.dumps([3, message_id, payload]))

    def _heard(self) -> list[Any]:
        return list(json.loads(self._socket.recv(timeout=20)))


def operator(*names: str) -> tuple[Owned, list[MadeStation]]:
    """Somebody with so many stations, which are asked only what the story wants."""
    owned = make.account(name="Garage Muster AG", language="en")
    home = make.property(master=owned, name="Haus am See")
    stations = [make.station(property=home, owner=owned.owner, name=name) for name in names]
    for station in stations:
        keep_quiet(SYSTEM, StationId(station.id), quiet=True)
    add_tag(SYSTEM, AccountId(home.id), TAG)
    return owned, stations


def opened(page: Page, server: RealServer, path: str) -> None:
    """A page that fits the window."""
    page.goto(f"{server.url}{path}")
    assert fits(page)


def row(page: Page, words: str) -> Locator:
    """The entry of a list in which these words stand."""
    return page.locator("li.row-item", has=page.get_by_role("link", name=words))


@SIZES
def test_an_order_is_sent_waits_is_taken_back_and_hears_a_late_answer(
    browser: Browser, server: RealServer, size: dict[str, int]
) -> None:
    owned, (quick, slow, _asleep) = operator("Hof", "Keller", "Estrich")
    with ExitStack() as stack, window(browser, size) as page:
        at_once, at_leisure = Box(server, quick, stack), Box(server, slow, stack)
        page.on("dialog", lambda dialog: dialog.accept())
        sign_in(page, server.url, owned.login.email)
        order_for_all(page, server)
        at_once.answers(at_once.hears("Reset"), status="Accepted")
        expect(row(page, "Hof")).to_contain_text("Accepted by the station")
        held = at_leisure.hears("Reset")
        expect(row(page, "Keller")).to_contain_text("Sent, waiting for the answer")
        expect(row(page, "Estrich")).to_contain_text("offline")
        page.get_by_role("button", name="Cancel what waits").click()
        expect(row(page, "Estrich")).to_contain_text("Cancelled")
        expect(page.get_by_role("button", name="Cancel what waits")).to_have_count(0)
        expect(row(page, "Keller")).to_contain_text("No answer", timeout=1000 * (PATIENCE_S + 10))
        at_leisure.answers(held, status="Accepted")
        expect(row(page, "Keller")).to_contain_text("answered late")
        expect(row(page, "Keller")).to_contain_text("Accepted by the station")
        assert fits(page)
    states = {command.station_id: command.state for command in scene.rows(StationCommand)}
    found = [states[station.id] for station in (quick, slow, _asleep)]
    assert found == [CommandState.ACCEPTED, CommandState.ACCEPTED, CommandState.CANCELLED]


@SIZES
def test_an_order_waits_for_a_station_that_sleeps_and_is_followed_to_its_answer(
    browser: Browser, server: RealServer, size: dict[str, int]
) -> None:
    owned, (station,) = operator("Estrich")
    with ExitStack() as stack, window(browser, size) as page:
        sign_in(page, server.url, owned.login.email)
        order_for_all(page, server)
        expect(row(page, "Estrich")).to_contain_text("offline")
        box = Box(server, station, stack)
        box.answers(box.hears("Reset"), status="Rejected")
        expect(row(page, "Estrich")).to_contain_text("Refused by the station")
        page.get_by_role("link", name="Estrich").click()
        expect(page.locator("#command")).to_contain_text("Refused by the station")
        page.get_by_text("Word for word").click()
        expect(page.locator("#command-wire")).to_contain_text('"Rejected"')
        assert fits(page)


def order_for_all(page: Page, server: RealServer) -> None:
    """From the list of orders to the page of the new one: a restart of all stations."""
    opened(page, server, "/work-orders")
    page.get_by_role("link", name="New work order").click()
    page.get_by_role("link", name=re.compile("^Restart")).click()
    page.get_by_label(re.compile("that fit")).check()
    page.locator("[name=type]").select_option("Soft")
    page.get_by_label("Name of the order").fill("Autumn")
    page.get_by_label("Stations per minute").fill("60")
    assert fits(page)
    page.get_by_role("button", name="Look at it first").last.click()
    expect(page.get_by_text("Running sessions end")).to_be_visible()
    assert fits(page)
    page.get_by_role("button", name=re.compile("^Send to")).click()
    expect(page.get_by_role("heading", name="Autumn", level=1)).to_be_visible()
    assert fits(page)


@SIZES
def test_the_log_is_narrowed_paged_read_and_taken_along(
    browser: Browser, server: RealServer, size: dict[str, int]
) -> None:
    owned, (station,) = operator("Hof")
    with ExitStack() as stack, window(browser, size) as page:
        box = Box(server, station, stack)
        for number in range(60):
            box.says("Authorize", idTag=f"CARD {number}")
        box.says("DataTransfer", vendorId="Fabrik")
        sign_in(page, server.url, owned.login.email)
        opened(page, server, "/messages")
        lines = page.locator("#message-rows tbody tr")
        expect(lines).to_have_count(50)
        expect(lines.first).to_contain_text("DataTransfer")
        page.get_by_role("link", name="Older").click()
        expect(lines).to_have_count(12)  # 62 were said, the boot too
        expect(lines.last).to_contain_text("BootNotification")
        assert fits(page)
        page.get_by_role("link", name="Newer").click()
        expect(lines.first).to_contain_text("DataTransfer")
        page.get_by_label("Kind of message").select_option("Authorize")
        expect(lines.first).to_contain_text("CARD 59")
        page.get_by_label("Text in the message").fill("card 1")
        expect(lines).to_have_count(11)  # 1 and 10 to 19
        assert "action=Authorize" in page.url
        assert fits(page)
        said = [f"CARD {number}" for number in (*range(19, 9, -1), 1)]
        assert taken_along(page) == (said, said)
        lines.last.get_by_role("link").first.click()
        expect(page.locator("#call")).to_contain_text('"CARD 1"')
        assert fits(page)


def taken_along(page: Page) -> tuple[list[str], list[str]]:
    """What the stations said, as it stands in the two files."""
    files = []
    for words in ("Export as CSV", "Export as JSON lines"):
        with page.expect_download() as coming:
            page.get_by_role("link", name=words).click()
        files.append(coming.value.path().read_text(encoding="utf-8-sig"))
    table = [
        json.loads(line["Request"])["idTag"]
        for line in csv.DictReader(files[0].splitlines(keepends=True), delimiter=SEPARATOR)
    ]
    return table, [json.loads(line)["call"]["idTag"] for line in files[1].splitlines()]


@SIZES
def test_ends_that_nobody_knows_become_a_session_or_nothing(
    browser: Browser, server: RealServer, size: dict[str, int]
) -> None:
    owned, (station,) = operator("Hof")
    ended = (now() - timedelta(hours=1)).replace(microsecond=0)
    begun = ended - timedelta(hours=2)
    with ExitStack() as stack, window(browser, size) as page:
        box = Box(server, station, stack)
        for lost, at in ((4711, ended), (4712, begun)):
            box.says("StopTransaction", transactionId=lost, idTag=TAG, meterStop=9_000, timestamp=at.isoformat())
        sign_in(page, server.url, owned.login.email)
        opened(page, server, "/to-look-at")
        ends = page.get_by_role("link", name=re.compile("^Hof · "))
        expect(ends).to_have_count(2)
        ends.filter(has_text=ended.astimezone(ZONE).strftime("%H:%M")).click()
        expect(page.get_by_text("4711")).to_be_visible()
        assert fits(page)
        page.get_by_label(re.compile("^Start")).fill(local(begun))
        page.get_by_label(re.compile("^Meter at the start")).fill("2")
        page.get_by_role("button", name="Take it as a session").click()
        expect(page.get_by_text("Saved.")).to_be_visible()
        page.get_by_role("link", name="The session", exact=True).click()
        expect(page.locator(".number-tile", has_text="Energy")).to_contain_text("7.000 kWh")
        assert fits(page)
        opened(page, server, "/to-look-at")
        expect(ends).to_have_count(1)
        ends.click()
        page.get_by_label(re.compile("^Why")).fill("A test of the maker")
        page.get_by_role("button", name="Dismiss it").click()
        expect(page.get_by_text("A test of the maker")).to_be_visible()
        assert fits(page)
        opened(page, server, "/to-look-at")
        expect(ends).to_have_count(0)
    kept = {one.told: one.state for one in scene.rows(OrphanStop, OrphanStop.station_id == station.id)}
    assert kept == {"4711": OrphanState.ACCEPTED, "4712": OrphanState.DISMISSED}
    sessions = scene.rows(ChargingSession, ChargingSession.station_id == station.id)
    assert 7_000 in [session.energy_wh for session in sessions]


def local(at: datetime) -> str:
    """As a field for a day and a time takes it."""
    return at.astimezone(ZONE).strftime("%Y-%m-%dT%H:%M:%S")
