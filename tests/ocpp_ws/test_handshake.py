"""The door for chargers as gunicorn serves it: who may come in, in whatever way he knocks."""

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from accounts.access import SYSTEM
from accounts.models import Account
from accounts.use_cases import renew_account_code
from accounts.values import AccountId
from kit import db, settings
from ocpp_ws import handshake, proofs
from stations.models import Station
from stations.use_cases import (
    AddedStation,
    add_station,
    mark_command_sent,
    push_password,
    renew_password,
    request_command,
    set_quirks,
)
from stations.values import Action, CommandId, NewConnector, SecurityProfile, StationId
from tests import scene
from tests.serving import OCPP, UPGRADE, Serving, basic, serving, settled
from tests.wire import Client, masked

BOOT = {"chargePointVendor": "Fabrik", "chargePointModel": "M1"}
HEARTBEAT = b'[2,"h","Heartbeat",{}]'


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    var = tmp_path_factory.mktemp("handshake")
    settled(var)
    with serving(var) as running:
        yield running
    db.disconnect()


@pytest.fixture(scope="module")
def charger(server: Serving) -> AddedStation:
    return added()


def added(**login: Any) -> AddedStation:
    account = scene.account(name="Haus", parent=scene.account())
    return add_station(SYSTEM, AccountId(account.id), name="Garage", connectors=[NewConnector()], **login)


def by_code(made: AddedStation) -> str:
    """The address with the code of the station's account."""
    code: str = scene.row(Account, made.station.account_id).code
    return f"/ocpp/{code}/{quote(made.station.identity, safe='')}"


def alive(client: Client) -> bool:
    """Whether the other end of the socket answers."""
    client.send(HEARTBEAT)
    return bool(client.next_frame()[:2] == [3, "h"])


def test_a_charger_with_its_password_comes_in_and_the_subprotocol_is_agreed(
    server: Serving, charger: AddedStation
) -> None:
    identity = charger.station.identity
    status, headers, client = server.knock(f"/ocpp/{identity}", *UPGRADE, basic(identity, charger.password), OCPP)
    assert (status, headers["sec-websocket-protocol"]) == (101, "ocpp1.6")
    assert headers["sec-websocket-accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
    assert alive(client)


@pytest.mark.parametrize(
    "headers", [[], ["Authorization: Bearer x"], ["Authorization: Basic %%%"], [basic("x", "wrong")]]
)
def test_without_the_right_password_the_answer_is_401(
    server: Serving, charger: AddedStation, headers: list[str]
) -> None:
    status, found, client = server.knock(f"/ocpp/{charger.station.identity}", *UPGRADE, *headers, OCPP)
    assert (status, found["www-authenticate"]) == (401, 'Basic realm="ocpp"')
    assert client.sock.recv(100) == b"wrong password\n"


@pytest.mark.parametrize("path", ["/ocpp/CH-22222222", "/ocpp/", "/ocpp/%00", "/ocpp/%ff%fe", "/ocpp/%2e%2e"])
def test_an_unknown_charger_is_404(server: Serving, path: str) -> None:
    assert server.knock(path, *UPGRADE, basic("x", "y"), OCPP)[0] == 404


def test_another_protocol_and_a_browser_are_400(server: Serving, charger: AddedStation) -> None:
    identity = charger.station.identity
    good = basic(identity, charger.password)
    assert server.knock(f"/ocpp/{identity}", *UPGRADE, good, "Sec-WebSocket-Protocol: ocpp2.0.1")[0] == 400
    assert server.knock(f"/ocpp/{identity}", "Host: localhost", good)[0] == 400


def test_q13_the_password_decides_and_not_the_user(server: Serving, charger: AddedStation) -> None:
    identity = charger.station.identity
    assert server.knock(f"/ocpp/{identity}", *UPGRADE, basic("somebody", charger.password), OCPP)[0] == 101


def test_q13_an_operator_may_insist_on_the_identity_as_user(server: Serving) -> None:
    mine = added()
    identity, path = mine.station.identity, f"/ocpp/{mine.station.identity}"
    set_quirks(SYSTEM, StationId(mine.station.id), {"any_user": False})
    status, _, client = server.knock(path, *UPGRADE, basic("somebody", mine.password), OCPP)
    assert (status, client.sock.recv(100)) == (401, b"the user has to be the identity of this charger\n")
    assert server.knock(path, *UPGRADE, basic(identity, mine.password), OCPP)[0] == 101
    set_quirks(SYSTEM, StationId(mine.station.id), {})
    assert server.knock(path, *UPGRADE, basic("somebody", mine.password), OCPP)[0] == 101


def test_q14_a_password_may_come_as_the_bytes_that_its_hex_text_stands_for(
    server: Serving, charger: AddedStation
) -> None:
    identity = charger.station.identity
    raw = bytes.fromhex(charger.password)
    assert server.knock(f"/ocpp/{identity}", *UPGRADE, basic(identity, raw), OCPP)[0] == 101


def test_a_new_password_counts_at_once_and_the_old_one_soon_no_more(server: Serving) -> None:
    mine = added()
    identity = mine.station.identity
    assert server.knock(f"/ocpp/{identity}", *UPGRADE, basic(identity, mine.password), OCPP)[0] == 101
    fresh = renew_password(SYSTEM, StationId(mine.station.id))
    assert server.knock(f"/ocpp/{identity}", *UPGRADE, basic(identity, fresh), OCPP)[0] == 101
    assert server.knock(f"/ocpp/{identity}", *UPGRADE, basic(identity, mine.password), OCPP)[0] == 401


def test_after_a_lost_answer_the_old_and_the_new_password_open_until_the_new_one_did(server: Serving) -> None:
    mine = added()
    identity, old, new = mine.station.identity, mine.password, "0123456789abcdef0123"
    payload = {"key": "AuthorizationKey", "value": new}
    sent = request_command(SYSTEM, StationId(mine.station.id), Action.CHANGE_CONFIGURATION, payload)
    mark_command_sent(SYSTEM, CommandId(sent.id))
    for password, status in ((old, 101), (new, 101), (old, 401), (new, 101)):
        assert server.knock(f"/ocpp/{identity}", *UPGRADE, basic(identity, password), OCPP)[0] == status, password


def test_an_address_that_fails_all_the_time_is_not_listened_to_but_for_known_chargers(
    server: Serving, tmp_path: Path
) -> None:
    before = settings.current()
    db.disconnect()
    settled(tmp_path)
    mine = added()
    db.disconnect()
    settings.use(before)
    db.connect(before.database_url)
    with serving(tmp_path, TRUSTED_PROXIES="1") as behind_a_proxy:
        path, good = f"/ocpp/{mine.station.identity}", basic(mine.station.identity, mine.password)
        here, elsewhere = "X-Forwarded-For: 203.0.113.7", "X-Forwarded-For: 203.0.113.8"
        wrong = [
            behind_a_proxy.knock(f"/ocpp/CH-{number}", *UPGRADE, good, OCPP, here)[0]
            for number in range(handshake.FAILURES_PER_MINUTE)
        ]
        assert wrong == [404] * handshake.FAILURES_PER_MINUTE
        assert behind_a_proxy.knock(path, *UPGRADE, good, OCPP, here)[0] == 429
        assert behind_a_proxy.knock(path, *UPGRADE, good, OCPP, elsewhere)[0] == 101
        assert behind_a_proxy.knock(path, *UPGRADE, good, OCPP, here)[0] == 101
        assert behind_a_proxy.knock(path, *UPGRADE, basic("x", "wrong"), OCPP, here)[0] == 429


def test_another_account_code_shuts_the_old_address(server: Serving) -> None:
    mine = added(identity="CP1")
    path, good = by_code(mine), basic("CP1", mine.password)
    assert server.knock(path, *UPGRADE, good, OCPP)[0] == 101
    renew_account_code(SYSTEM, AccountId(mine.station.account_id), account_code="FrOmBeFoRe123456")
    assert server.knock("/ocpp/frombefore123456/CP1", *UPGRADE, good, OCPP)[0] == 101
    assert by_code(mine) == "/ocpp/FROMBEFORE123456/CP1"


def test_an_open_charger_comes_in_by_the_code_of_its_account_only(server: Serving) -> None:
    mine = added(security_profile=SecurityProfile.OPEN)
    identity = mine.station.identity
    assert mine.password == ""
    assert server.knock(by_code(mine), *UPGRADE, OCPP)[0] == 101
    for path in (f"/ocpp/{identity}", f"/ocpp/ABCDEFGHJKMNPQRS/{identity}"):
        status, _, client = server.knock(path, *UPGRADE, OCPP)
        assert status == 401
        assert client.sock.recv(100) == b"a charger without a password has to come by its account's address\n"


def test_an_open_charger_that_was_sent_a_password_needs_it_from_its_first_use_on(server: Serving) -> None:
    mine = added(security_profile=SecurityProfile.OPEN)
    path, station_id = by_code(mine), StationId(mine.station.id)
    push_password(SYSTEM, station_id)
    status, _, client = server.knock(path, *UPGRADE, OCPP)
    sent = bytes.fromhex(client.next_frame()[3]["value"])
    assert status == 101
    for login, status in (([], 101), ([basic("x", b"wrong")], 101), ([basic("x", sent)], 101), ([], 401)):
        assert server.knock(path, *UPGRADE, *login, OCPP)[0] == status, login
    row: Station = scene.row(Station, mine.station.id)
    assert (row.security_profile, row.next_security_profile) == (SecurityProfile.PASSWORD, None)


def test_tc_073_a_charger_takes_its_new_password_by_authorizationkey(server: Serving) -> None:
    mine = added()
    identity, path = mine.station.identity, f"/ocpp/{mine.station.identity}"
    pushed = push_password(SYSTEM, StationId(mine.station.id))
    client = server.dial(identity, mine.password)
    _, message_id, action, payload = client.next_frame()
    assert (action, payload["key"], len(bytes.fromhex(payload["value"]))) == (
        "ChangeConfiguration",
        "AuthorizationKey",
        16,
    )
    new = bytes.fromhex(payload["value"])
    assert server.knock(path, *UPGRADE, basic(identity, mine.password), OCPP)[0] == 101
    client.send(f'[3,"{message_id}",{{"status":"Accepted"}}]'.encode())
    for password, status in ((new, 101), (mine.password, 401), (new.hex(), 101), (new.hex().upper(), 101)):
        assert server.knock(path, *UPGRADE, basic(identity, password), OCPP)[0] == status, password
    assert pushed.requested_by == "system"


def test_tc_085_basic_authentication_lets_good_credentials_in_and_no_others(
    server: Serving, charger: AddedStation
) -> None:
    identity = charger.station.identity
    for login, status in (
        ([basic(identity, charger.password)], 101),
        ([], 401),
        ([basic(identity, "not-the-password")], 401),
        ([basic(identity, "")], 401),
    ):
        assert server.knock(f"/ocpp/{identity}", *UPGRADE, *login, OCPP)[0] == status


def test_tc_088_an_unknown_subprotocol_is_refused_and_a_known_one_beside_it_is_chosen(
    server: Serving, charger: AddedStation
) -> None:
    path, good = f"/ocpp/{charger.station.identity}", basic(charger.station.identity, charger.password)
    status, headers, _ = server.knock(path, *UPGRADE, good, "Sec-WebSocket-Protocol: ocpp0.1")
    assert (status, "sec-websocket-protocol" in headers) == (400, False)
    status, headers, client = server.knock(path, *UPGRADE, good, "Sec-WebSocket-Protocol: ocpp0.1, ocpp1.6")
    assert (status, headers["sec-websocket-protocol"], alive(client)) == (101, "ocpp1.6", True)


def test_frames_in_the_same_packet_as_the_handshake_are_answered(server: Serving, charger: AddedStation) -> None:
    identity = charger.station.identity
    status, _, client = server.knock(
        f"/ocpp/{identity}", *UPGRADE, basic(identity, charger.password), OCPP, early=masked(HEARTBEAT)
    )
    assert (status, client.next_frame()[:2]) == (101, [3, "h"])


def test_sockets_cost_the_web_server_nothing(server: Serving) -> None:
    """More open sockets than gunicorn has threads, and pages are still served."""
    open_ones = [server.dial(one.station.identity, one.password) for one in [added() for _ in range(40)]]
    assert server.knock("/healthz", "Host: localhost")[0] == 200
    assert all(alive(client) for client in open_ones)


def test_q14_raw_bytes_of_passwords_survive() -> None:
    raw = bytes(range(256))
    header = "basic  " + base64.b64encode(b"user:" + raw).decode()
    assert proofs.basic_password(header) == (b"user", raw)
    assert proofs.basic_password("Basic " + base64.b64encode(b"no colon").decode()) is None
    assert proofs.basic_password(None) is None
