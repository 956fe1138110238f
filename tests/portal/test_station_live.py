"""The station's, session's and command's pages follow what happens, over a real socket of the real program."""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import requests
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from accounts.values import AccountId
from kit import clock, db
from stations.models import Station
from stations.uploads import take_firmware
from stations.use_cases import Waves, create_campaign
from stations.values import FirmwareId, StationId
from tests import make, scene
from tests.log_rows import log, said
from tests.portal.real_server import RealServer, real_server

PATIENCE_S = 10


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealServer]:
    """The program in a process of its own."""
    var_dir = tmp_path_factory.mktemp("live") / "var"
    var_dir.mkdir()
    with real_server(var_dir) as started:
        yield started


class Browser:
    """Signed in, reading English."""

    def __init__(self, server: RealServer, email: str) -> None:
        self.server = server
        self.session = requests.Session()
        self.session.headers["Accept-Language"] = "en"
        self.post("/login", at="/login", email=email, password=make.PASSWORD)
        self.post("/language", at="/me", language="en", next="/me")

    def post(self, path: str, *, at: str, **fields: str) -> str:
        """Send a form with the token of the page `at`; the path that follows."""
        html = self.session.get(f"{self.server.url}{at}", timeout=PATIENCE_S).text
        token = re.search(r'name="csrf_token" value="([^"]+)"', html)
        assert token
        answer = self.session.post(
            f"{self.server.url}{path}", data={"csrf_token": token.group(1), **fields}, timeout=PATIENCE_S
        )
        assert answer.status_code == 200
        return answer.url.removeprefix(self.server.url)

    @contextmanager
    def follows(self, path: str) -> Iterator[ClientConnection]:
        """The live socket of a page."""
        cookie = "; ".join(f"{name}={value}" for name, value in self.session.cookies.items())
        with connect(
            f"ws://localhost:{self.server.port}{path}/live",
            origin=Origin(self.server.url),
            additional_headers={"Cookie": cookie},
        ) as socket:
            yield socket


def until(socket: ClientConnection, words: str) -> str:
    """The first fragment that says so."""
    while True:
        html = str(socket.recv(timeout=PATIENCE_S))
        if words in html:
            return html


def online(station: Station) -> None:
    """As if its socket were open: the gateway of the program knows of no real one here."""
    with db.transaction(writing=True) as unit:
        unit.session.get_one(Station, station.id).connected_at = clock.now()


def test_a_start_is_seen_by_everybody_who_looks_at_the_station(server: RealServer) -> None:
    owned = make.account(name="Live AG")
    home = make.property(master=owned)
    station = scene.station(property=home)
    browser = Browser(server, owned.login.email)
    page = f"/stations/{station.id}"
    with browser.follows(page) as socket:
        first = until(socket, "Connector 1")
        assert 'id="station"' in first
        assert 'hx-swap-oob="morph"' in first
        online(station)
        browser.post(f"/connectors/{scene.connector(station).id}/start", at=page)
        started = until(socket, "Plug in now")
        assert "Start charging, connector 1" in started


def test_a_command_is_followed_and_a_stop_is_seen_on_the_session(server: RealServer) -> None:
    owned = make.account(name="Live AG")
    station = scene.station(property=make.property(master=owned))
    session = scene.session(connector=scene.connector(station), energy_wh=1_500)
    browser = Browser(server, owned.login.email)
    path = browser.post(f"/stations/{station.id}/maintenance", at=f"/stations/{station.id}", action="ClearCache")
    with browser.follows(path) as socket:
        assert "Waiting to be sent" in until(socket, 'id="command"')
    with browser.follows(f"/sessions/{session.id}") as socket:
        assert "1.500 kWh" in until(socket, 'id="session"')


def test_the_newest_messages_come_as_they_are_said(server: RealServer) -> None:
    owned = make.account(name="Live AG")
    station = make.station(property=make.property(master=owned), owner=owned.owner, name="Garage")
    log(said(station))
    with Browser(server, owned.login.email).follows("/messages") as socket:
        assert 'id="message-rows"' in until(socket, "A sign of life")
        log(said(station, action="Authorize"))
        assert "A sign of life" in until(socket, "A tag was presented")


def test_files_and_campaigns_are_followed(server: RealServer) -> None:
    owned = make.account(name="Firmware AG")
    home = make.property(master=owned)
    station = scene.station(property=home, name="Ost")
    owner, account = owned.login.actor, AccountId(owned.id)
    firmware = take_firmware(owner, account, io.BytesIO(b"x"), "a.bin", version="2.5")
    made = create_campaign(
        owner,
        account,
        name="Herbst",
        firmware_id=FirmwareId(firmware.id),
        station_ids=[StationId(station.id)],
        waves=Waves(),
    )
    browser = Browser(server, owned.login.email)
    files, campaign = f"/stations/{station.id}/files", f"/campaigns/{made.id}"
    with browser.follows(files) as socket:
        until(socket, "Nothing was asked for yet")
        browser.post(files, at=files, kind="diagnostics")
        assert "Diagnostics" in until(socket, "Asked for:")
    with browser.follows(campaign) as socket:
        until(socket, "Planned")
        browser.post(f"{campaign}/start", at=campaign)
        assert "Wave 1" in until(socket, "Running")
