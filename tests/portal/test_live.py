"""Live pages over real sockets: pushed, refused to others, gone with the login."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http.cookiejar import CookieJar
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, build_opener

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from accounts.access import ANYONE
from accounts.queries import people
from accounts.rights import Role
from billing.use_cases import request_payment
from stations.use_cases.sockets import station_connected, store_status
from stations.values import ConnectorId, ConnectorStatus
from tests import make
from tests.made import Login
from tests.portal.real_server import RealServer, real_server

PATH = "/dashboard/live"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealServer]:
    """The program in a process of its own."""
    var_dir = tmp_path_factory.mktemp("live") / "var"
    var_dir.mkdir()
    with real_server(var_dir) as started:
        yield started


class Browser:
    """Signs in over HTTP and keeps the cookies."""

    def __init__(self, server: RealServer, login: Login) -> None:
        self.server = server
        self._jar = CookieJar()
        self._opener: OpenerDirector = build_opener(HTTPCookieProcessor(self._jar))
        self.post("/login", at="/login", email=login.email, password=make.PASSWORD)

    @property
    def cookie(self) -> str:
        """What the browser sends along."""
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in self._jar)

    def post(self, path: str, *, at: str, **fields: str) -> None:
        """Send a form of the page `at`."""
        html = self._opener.open(f"{self.server.url}{at}", timeout=10).read().decode()
        token = re.search(r'name="csrf_token" value="([^"]+)"', html)
        assert token
        sent = urlencode({"csrf_token": token.group(1), **fields}).encode()
        self._opener.open(f"{self.server.url}{path}", sent, timeout=10).close()


def _open(server: RealServer, cookie: str, origin: str | None = None, path: str = PATH) -> ClientConnection:
    return connect(
        f"ws://localhost:{server.port}{path}",
        origin=Origin(origin or server.url),
        additional_headers={"Cookie": cookie},
        open_timeout=10,
    )


def _refused_with(server: RealServer, cookie: str, path: str = PATH) -> int:
    """The status of the refusal; 0: it opened."""
    try:
        with _open(server, cookie, path=path):
            return 0
    except InvalidStatus as refused:
        return refused.response.status_code


def _in_time(judge: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if judge():
            return True
        time.sleep(0.05)
    return False


def test_a_page_is_pushed_at_once_and_again_when_it_changes(server: RealServer) -> None:
    owned = make.account(name="Live AG")
    with _open(server, Browser(server, owned.login).cookie) as socket:
        first = str(socket.recv(timeout=10))
        assert 'id="' in first
        assert "hx-swap-oob" in first
        with pytest.raises(TimeoutError):
            socket.recv(timeout=0.5)


def test_a_stranger_and_a_foreign_page_get_no_socket(server: RealServer) -> None:
    cookie = Browser(server, make.account().login).cookie
    with pytest.raises(InvalidStatus) as refused:
        _open(server, "")
    assert refused.value.response.status_code == 401
    with pytest.raises(InvalidStatus) as foreign:
        _open(server, cookie, origin="https://evil.example")
    assert foreign.value.response.status_code == 403


def _closed_with(socket: ClientConnection) -> int:
    with pytest.raises(ConnectionClosed) as closed:
        socket.recv(timeout=10)
    assert closed.value.rcvd is not None
    return closed.value.rcvd.code


def test_the_socket_dies_with_its_login(server: RealServer) -> None:
    login = make.account(name="Kurz AG").login
    browser = Browser(server, login)
    with _open(server, browser.cookie) as socket:
        socket.recv(timeout=10)
        other = Browser(server, login)
        other.post("/me/sign-out-everywhere", at="/me/security")
        assert _closed_with(socket) == 1000  # the browser's extension does not try again
    with _open(server, other.cookie) as socket:  # the login that stayed
        assert "hx-swap-oob" in str(socket.recv(timeout=10))


def test_the_socket_dies_with_the_right_to_look(server: RealServer) -> None:
    owned = make.account(name="Rechte AG")
    carla = make.login(account=owned.account, role=Role.VIEWER)
    with _open(server, Browser(server, carla).cookie) as socket:
        socket.recv(timeout=10)
        [grant] = [one for one in people(owned.owner, owned.id) if one.email == carla.email]
        Browser(server, owned.login).post(f"/people/{grant.grant_id}/revoke", at="/people")
        assert _closed_with(socket) == 1000


def test_signing_out_ends_the_live_pages_of_this_browser_only(server: RealServer) -> None:
    login = make.account(name="Abmelden AG").login
    here, elsewhere = Browser(server, login), Browser(server, login)
    with ExitStack() as stack:
        cookies = (here.cookie, here.cookie, elsewhere.cookie)
        first, second, other = (stack.enter_context(_open(server, cookie)) for cookie in cookies)
        for socket in (first, second, other):
            socket.recv(timeout=10)
        here.post("/logout", at="/me")
        assert [_closed_with(first), _closed_with(second)] == [1000, 1000]
        with pytest.raises(TimeoutError):
            other.recv(timeout=0.5)


def test_one_payment_has_five_live_pages(server: RealServer) -> None:
    owned = make.account(name="Garage AG")
    made = make.station(property=make.property(master=owned), owner=owned.owner)
    make.price(connector=made.connector, owner=owned.owner, energy="0", time="0", session="0")
    station_connected(made.actor)
    store_status(made.actor, number=1, status=ConnectorStatus.AVAILABLE)
    payment = request_payment(ANYONE, ConnectorId(made.connector.id), email="", language="en", terms_accepted=True)
    path = f"/s/{payment.link_key}/live"
    with ExitStack() as stack:
        for _ in range(5):
            assert "id=" in str(stack.enter_context(_open(server, "", path=path)).recv(timeout=10))
        assert _refused_with(server, "", path) == 429
        other = f"/q/{made.code}/live"
        assert _refused_with(server, "", other) == 0


def test_one_login_has_ten_live_pages_and_a_closed_one_makes_room(server: RealServer) -> None:
    cookie = Browser(server, make.account(name="Viele AG").login).cookie
    with ExitStack() as stack:
        sockets = [stack.enter_context(_open(server, cookie)) for _ in range(10)]
        assert _refused_with(server, cookie) == 429
        sockets[0].close()
        assert _in_time(lambda: _refused_with(server, cookie) == 0)
