"""How chargers knock, however oddly: at the program itself, and through Debian's HAProxy with and without TLS."""

from collections.abc import Iterator

import pytest

from accounts.access import SYSTEM
from accounts.models import Account
from kit import db
from stations import proxy_files
from stations.queries import connections
from stations.use_cases import AddedStation, create_authority, set_quirks
from stations.values import StationId
from tests import scene
from tests.ocpp_ws.test_handshake import BOOT, added, alive, by_code
from tests.proxy import Proxied, in_front_of
from tests.serving import OCPP, UPGRADE, Knocking, basic, serving, settled
from tests.wire import until


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxied]:
    folder = tmp_path_factory.mktemp("knocking")
    settled(folder / "var")
    create_authority(SYSTEM)
    proxy_files.write(folder / "var" / "certificates")
    with serving(folder / "var", TRUSTED_PROXIES="1") as server, in_front_of(server, folder, folder / "var") as proxy:
        yield proxy
    db.disconnect()


@pytest.fixture(params=["server", "plain", "secure"])
def door(proxied: Proxied, request: pytest.FixtureRequest) -> Knocking:
    """Where somebody knocks: the program, the proxy's port without TLS, the one with it."""
    opened: Knocking = getattr(proxied, request.param)
    return opened


@pytest.fixture
def charger(proxied: Proxied) -> AddedStation:
    return added()


def test_q1_a_charger_that_offers_no_protocol_is_taken_and_told_none(door: Knocking, charger: AddedStation) -> None:
    identity = charger.station.identity
    status, headers, client = door.knock(f"/ocpp/{identity}", *UPGRADE, basic(identity, charger.password))
    assert (status, "sec-websocket-protocol" in headers) == (101, False)
    assert alive(client)


@pytest.mark.parametrize("offer", [", ocpp1.6", "ocpp2.0.1,ocpp1.6", "OCPP1.6", " ,, ocpp1.6 ,", "ocpp1.6,"])
def test_q2_malformed_offers_of_the_right_protocol_are_understood(
    door: Knocking, charger: AddedStation, offer: str
) -> None:
    identity = charger.station.identity
    status, headers, _ = door.knock(
        f"/ocpp/{identity}", *UPGRADE, basic(identity, charger.password), f"Sec-WebSocket-Protocol: {offer}"
    )
    assert (status, headers["sec-websocket-protocol"]) == (101, "ocpp1.6")


@pytest.mark.parametrize(
    "odd",
    [
        ["Connection: upgrade, keep-alive", "Upgrade: WEBSOCKET", "Sec-WebSocket-Version: 13"],
        ["Connection: Upgrade", "Upgrade: websocket"],  # no version
    ],
)
def test_q5_odd_upgrade_headers_are_tolerated(door: Knocking, charger: AddedStation, odd: list[str]) -> None:
    _comes_in_with(odd, door, charger)


@pytest.mark.parametrize("connection", [[], ["Connection: keep-alive"]])
def test_q5_the_program_itself_needs_no_connection_header(
    proxied: Proxied, charger: AddedStation, connection: list[str]
) -> None:
    """HAProxy does, and `docs/deploy.md` says so."""
    _comes_in_with([*connection, "Upgrade: WebSocket", "Sec-WebSocket-Version: 13"], proxied.server, charger)


def _comes_in_with(odd: list[str], door: Knocking, charger: AddedStation) -> None:
    identity = charger.station.identity
    key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
    good = basic(identity, charger.password)
    status, _, client = door.knock(f"/ocpp/{identity}", "Host: localhost", key, *odd, good, OCPP)
    assert status == 101
    assert alive(client)


def test_q6_foreign_headers_do_not_matter_and_compression_is_not_agreed_to(
    door: Knocking, charger: AddedStation
) -> None:
    identity = charger.station.identity
    odd = [
        "Sec-WebSocket-Extensions: permessage-deflate",
        "Origin: file:///index.html",
        "X-Odd: \xff\xfe",
        "Cookie: a=b",
    ]
    status, headers, client = door.knock(f"/ocpp/{identity}", *UPGRADE, basic(identity, charger.password), OCPP, *odd)
    assert (status, "sec-websocket-extensions" in headers) == (101, False)
    assert alive(client)


@pytest.mark.parametrize("path", ["/ocpp/old/path/{}", "/ocpp/{}/{}", "/ocpp/ws://host/ocpp/{}", "/ocpp/{}?x=1"])
def test_q7_longer_paths_lead_to_the_same_charger_and_what_was_asked_is_shown(
    door: Knocking, charger: AddedStation, path: str
) -> None:
    identity = charger.station.identity
    asked = path.format(identity, identity)
    status, _, client = door.knock(asked, *UPGRADE, basic(identity, charger.password), OCPP)
    assert (status, alive(client)) == (101, True)
    until(lambda: (rows := connections(SYSTEM, StationId(charger.station.id))) and rows[0].address == asked)


@pytest.mark.parametrize("path", ["/ocpp/{}", "/ocpp//{}", "//ocpp/{}", "/ocpp/{}/", "/ocpp/{}//"])
def test_q9_slashes_too_many_or_at_the_end_do_not_matter(door: Knocking, charger: AddedStation, path: str) -> None:
    identity = charger.station.identity
    status, _, client = door.knock(path.format(identity), *UPGRADE, basic(identity, charger.password), OCPP)
    assert (status, alive(client)) == (101, True)


def test_q11_a_charger_keeps_its_own_identity_and_password_at_the_address_of_its_account(door: Knocking) -> None:
    mine = added(identity="CP 1|a", password="geheim-und-lang-genug")
    good = basic("CP 1|a", "geheim-und-lang-genug")
    here, code = by_code(mine), by_code(mine).split("/")[2]
    for path in (
        here,
        here.lower().replace("cp", "CP"),
        f"/api/Ocpp16/{code}/CP%201%7Ca/",
        f"//ocpp//{code}//CP%201|a",
    ):
        assert door.knock(path, *UPGRADE, good, OCPP)[0] == 101, path
    assert door.knock(here, *UPGRADE, basic("CP 1|a", "geheim-und-lang-genug".upper()), OCPP)[0] == 401
    elsewhere = added().station.account_id
    other = scene.row(Account, elsewhere).code
    assert door.knock("/ocpp/CP%201%7Ca", *UPGRADE, good, OCPP)[0] == 404
    for path in (f"/ocpp/{other}/CP%201%7Ca", f"{here[:-1]}b", f"/ocpp/{code}/cp%201%7Ca"):
        status, _, stranger = door.knock(path, *UPGRADE, good, OCPP)
        assert (status, stranger.call("b", "BootNotification", BOOT)[2]["status"]) == (101, "Pending"), path


def test_q11_a_station_may_come_under_a_second_name_at_the_address_of_its_account(door: Knocking) -> None:
    mine, other = added(identity="CP1"), added(identity="CP1")
    code = by_code(mine).split("/")[2]
    assert set_quirks(SYSTEM, StationId(mine.station.id), {"also_called": "cp 1: west/5%"}).identity == "CP1"
    odd = "cp%201%3A%20west%2F5%25"
    good = basic("whoever", mine.password)
    for path, status in ((f"/ocpp/{code}/{odd}", 101), (by_code(mine), 101), (f"/ocpp/{odd}", 404)):
        assert door.knock(path, *UPGRADE, good, OCPP)[0] == status, path
    assert door.knock(f"/ocpp/{code}/{odd}", *UPGRADE, basic("whoever", other.password), OCPP)[0] == 401
    _, _, stranger = door.knock(by_code(other).replace("CP1", odd), *UPGRADE, good, OCPP)
    assert stranger.call("b", "BootNotification", BOOT)[2]["status"] == "Pending"
