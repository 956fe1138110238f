"""Chargers that nobody entered, at the address of an account: they wait, do no harm, and lose nothing."""

from collections.abc import Iterator
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest

from accounts.access import SYSTEM, Actor, ActorKind
from accounts.models import Account
from accounts.use_cases import suspend_account
from accounts.values import AccountId
from charging.models import ChargingSession, MeterValue
from charging.values import SessionKind, SessionState
from kit import clock, db, websocket, worker
from kit.throttle import Throttle
from ocpp_ws import frames, handshake
from stations.messages import MessageFilter
from stations.models import Connector, HeldMessage, Station, WaitingStation
from stations.queries import messages, waiting_stations
from stations.use_cases import accept_station, add_station, hold_message, prune_waiting, refuse_station, waiting_state
from stations.use_cases.waiting import MOST_NEW_PER_HOUR
from stations.values import ConnectorStatus, NewConnector, SecurityProfile, WaitingId, WaitingState
from tests import scene
from tests.front_door import FrontDoor, front_door
from tests.serving import OCPP, UPGRADE, basic
from tests.talk import ago, iso
from tests.wire import Client, until

BOOT = {
    "chargePointVendor": "Fabrik",
    "chargePointModel": "M1",
    "firmwareVersion": "1.2",
    "chargePointSerialNumber": "7",
}
TAG = "04AABBCC"


pytestmark = pytest.mark.usefixtures("database", "program")


@pytest.fixture
def server(database: str, program: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[FrontDoor]:
    monkeypatch.setattr(handshake, "_knocks", Throttle(handshake.KNOCKS_PER_MINUTE, 60.0))  # other tests knock, too
    with front_door() as running:
        yield running


def house() -> Account:
    return scene.account(name="Haus", parent=scene.account())


def dial(server: FrontDoor, account: Account, identity: str, *headers: str, status: int = 101) -> Client:
    found, _, client = server.knock(f"/ocpp/{account.code}/{identity}", *UPGRADE, OCPP, *headers)
    assert found == status
    return client


def waiting(account: Account) -> WaitingStation:
    (row,) = waiting_stations(SYSTEM, AccountId(account.id))
    return row.waiting


def accept(account: Account, **facts: Any) -> Station:
    facts = {"name": "Neu", "connectors": [NewConnector()]} | facts
    return accept_station(SYSTEM, WaitingId(waiting(account).id), **facts)


def a_session(client: Client, *, wh: int = 4_000) -> int:
    """A whole session of an hour, told at once; the transaction id that it was given."""
    start = {"connectorId": 1, "idTag": TAG, "meterStart": 1_000, "timestamp": iso(ago(hours=2))}
    begun = client.call("s", "StartTransaction", start)[2]
    assert begun["idTagInfo"] == {"status": "Invalid"}
    number: int = begun["transactionId"]
    sample = {"timestamp": iso(ago(minutes=90)), "sampledValue": [{"value": "2000"}]}
    values = {"connectorId": 1, "transactionId": number, "meterValue": [sample]}
    assert client.call("m", "MeterValues", values) == [3, "m", {}]
    stop = {"transactionId": number, "idTag": TAG, "meterStop": 1_000 + wh, "timestamp": iso(ago(hours=1))}
    assert client.call("e", "StopTransaction", stop) == [3, "e", {}]
    return number


def tell_live(client: Client, message_id: str, action: str, payload: dict[str, Any]) -> None:
    """Say it at once, in the midst of what the operator's side asks."""
    client.send(frames.call(message_id, action, payload))
    answer = client.next_frame()
    while answer[1] != message_id:
        answer = client.next_frame()
    assert answer[0] == 3, answer


@pytest.mark.parametrize("path", ["/ocpp/{}/CP9", "/ocpp/{}/CP9/", "/api/Ocpp16/{}/CP9", "/api/Ocpp16/{}/CP9/"])
def test_an_unknown_charger_at_an_accounts_address_appears_there_as_waiting(server: FrontDoor, path: str) -> None:
    account = house()
    asked = path.format(account.code)
    status, _, client = server.knock(asked, *UPGRADE, OCPP)
    assert status == 101
    answer = client.call("b", "BootNotification", BOOT)[2]
    assert (answer["status"], answer["interval"]) == ("Pending", 60)
    for number, said in ((0, "Available"), (1, "Available"), (2, "Charging"), (99, "Faulted")):
        told = {"connectorId": number, "errorCode": "NoError", "status": said}
        assert client.call(f"c{number}", "StatusNotification", told) == [3, f"c{number}", {}]
    (row,) = waiting_stations(SYSTEM, AccountId(account.id))
    found = row.waiting
    assert (found.identity, found.address, found.peer, found.state) == ("CP9", asked, "127.0.0.1", WaitingState.WAITING)
    assert (found.vendor, found.model, found.firmware, found.serial) == ("Fabrik", "M1", "1.2", "7")
    assert row.connectors == ((1, ConnectorStatus.AVAILABLE), (2, ConnectorStatus.CHARGING))
    assert found.first_seen_at <= found.last_seen_at <= clock.now()
    assert until(lambda: waiting(account).connected_at)
    client.close()
    until(lambda: waiting(account).connected_at is None)


def test_what_a_waiting_charger_says_does_no_harm(server: FrontDoor) -> None:
    account = house()
    client = dial(server, account, "CP1")
    said = [
        ("Authorize", {"idTag": TAG}, {"idTagInfo": {"status": "Invalid"}}),
        ("DataTransfer", {"vendorId": "x"}, {"status": "Rejected"}),
        ("SignCertificate", {"csr": "x"}, {"status": "Rejected"}),
        ("FirmwareStatusNotification", {"status": "Idle"}, {}),
        ("DiagnosticsStatusNotification", {"status": "Idle"}, {}),
        ("SecurityEventNotification", {"type": "x", "timestamp": iso(clock.now())}, {}),
    ]
    for number, (action, payload, answer) in enumerate(said):
        assert client.call(str(number), action, payload) == [3, str(number), answer], action
    assert client.call("h", "Heartbeat", {})[2].keys() == {"currentTime"}
    assert client.call("u", "Unheard", {})[:3] == [4, "u", "NotImplemented"]
    assert scene.rows(Station, Station.account_id == account.id) == []


def test_what_a_waiting_charger_says_stands_in_the_accounts_log(server: FrontDoor) -> None:
    account = house()
    client = dial(server, account, "CP1")
    client.call("b", "BootNotification", BOOT)
    client.call("x", "Authorize", {"idTag": TAG})
    wanted = MessageFilter(account_id=AccountId(account.id))
    authorize, boot = until(lambda: rows if len(rows := messages(SYSTEM, wanted).rows) == 2 else None)
    assert (boot.action, boot.station_name, boot.of_station) == ("BootNotification", "CP1", False)
    assert (boot.answer["status"], authorize.answer) == ("Pending", {"idTagInfo": {"status": "Invalid"}})
    accept(account, name="Nord")
    assert [(row.station_name, row.of_station) for row in messages(SYSTEM, wanted).rows[-2:]] == [("Nord", True)] * 2


def test_an_accepted_charger_boots_is_accepted_and_gets_a_password(server: FrontDoor) -> None:
    account = house()
    client = dial(server, account, "CP1")
    assert client.call("b", "BootNotification", BOOT)[2]["status"] == "Pending"
    station = accept(account, name="Nord", connectors=[NewConnector(), NewConnector()])
    assert (station.security_profile, station.identity, station.vendor) == (SecurityProfile.OPEN, "CP1", "Fabrik")
    assert waiting_stations(SYSTEM, AccountId(account.id)) == []
    for message in ("BootNotification", "StatusNotification"):
        _, trigger, action, payload = client.next_frame()
        assert (action, payload) == ("TriggerMessage", {"requestedMessage": message})
        client.send(f'[3,"{trigger}",{{"status":"Accepted"}}]'.encode())
    assert client.call("b2", "BootNotification", BOOT)[2]["status"] == "Accepted"
    worker.drain()
    _, change, action, payload = client.next_frame()
    assert (action, payload["key"]) == ("ChangeConfiguration", "AuthorizationKey")
    client.send(f'[3,"{change}",{{"status":"Accepted"}}]'.encode())
    secret = bytes.fromhex(payload["value"])
    for login, status in (([], 101), ([basic("CP1", secret)], 101), ([], 401), ([basic("CP1", secret)], 101)):
        client = dial(server, account, "CP1", *login, status=status)
    assert client.call("b3", "BootNotification", BOOT)[2]["status"] == "Accepted"
    row: Station = scene.row(Station, station.id)
    assert (row.security_profile, row.password_due) == (SecurityProfile.PASSWORD, False)


def test_a_charger_that_takes_no_password_stays_open_and_goes_on(server: FrontDoor) -> None:
    account = house()
    client = dial(server, account, "CP1")
    client.call("b", "BootNotification", BOOT)
    station = accept(account)
    for _ in ("BootNotification", "StatusNotification"):
        client.send(f'[4,"{client.next_frame()[1]}","NotImplemented","",{{}}]'.encode())
    assert client.call("b2", "BootNotification", BOOT)[2]["status"] == "Accepted"
    worker.drain()
    client.send(f'[3,"{client.next_frame()[1]}",{{"status":"NotSupported"}}]'.encode())
    until(lambda: scene.row(Station, station.id).next_password_hash is None)
    assert scene.row(Station, station.id).security_profile is SecurityProfile.OPEN
    assert dial(server, account, "CP1").call("b", "BootNotification", BOOT)[2]["status"] == "Accepted"


def test_q37_what_it_said_of_sessions_while_it_waited_is_stored_once_it_is_accepted(server: FrontDoor) -> None:
    account = house()
    client = dial(server, account, "CP1")
    number = a_session(client)
    assert waiting_stations(SYSTEM, AccountId(account.id))[0].held == 3
    assert scene.rows(ChargingSession, ChargingSession.account_id == account.id) == []
    station = accept(account)
    worker.drain()
    (session,) = scene.rows(ChargingSession, ChargingSession.station_id == station.id)
    assert session.state is SessionState.ENDED
    assert (session.transaction_id, session.energy_wh, session.kind) == (number, 4_000, SessionKind.UNAUTHORISED)
    assert scene.rows(HeldMessage) == []
    ended = {"transactionId": number, "meterStop": 5_000, "timestamp": iso(ago(hours=1))}
    client.next_frame()
    assert client.call("again", "StopTransaction", ended)[0] == 3
    assert len(scene.rows(ChargingSession, ChargingSession.station_id == station.id)) == 1


def test_q72_q73_a_start_that_it_tells_again_while_it_waits_is_one(server: FrontDoor) -> None:
    account = house()
    start = {"connectorId": 1, "idTag": TAG, "meterStart": 1_000, "timestamp": iso(ago(hours=2))}
    numbers = set()
    for turn in range(2):  # the first answer is lost with its socket
        client = dial(server, account, "CP1")
        numbers.add(client.call(f"s{turn}", "StartTransaction", start)[2]["transactionId"])
    (number,) = numbers
    other = client.call("o", "StartTransaction", start | {"connectorId": 2})[2]["transactionId"]
    client.call("e", "StopTransaction", {"transactionId": number, "meterStop": 5_000, "timestamp": iso(ago(hours=1))})
    assert client.call("again", "StartTransaction", start)[2]["transactionId"] == number != other
    station = accept(account)
    worker.drain()
    sessions = scene.rows(ChargingSession, ChargingSession.station_id == station.id)
    assert {(one.transaction_id, one.state, one.energy_wh) for one in sessions} == {
        (number, SessionState.ENDED, 4_000),
        (other, SessionState.ACTIVE, None),
    }


def test_starts_by_a_clock_that_stands_still_are_told_apart_by_their_ends(server: FrontDoor) -> None:
    account = house()
    client = dial(server, account, "CP1")
    start = {"connectorId": 1, "idTag": TAG, "meterStart": 1_000, "timestamp": "1970-01-01T00:00:10Z"}
    first = client.call("1", "StartTransaction", start)[2]["transactionId"]
    assert client.call("2", "StartTransaction", start)[2]["transactionId"] == first
    client.call("3", "StopTransaction", {"transactionId": first, "meterStop": 1_100, "timestamp": start["timestamp"]})
    second = client.call("4", "StartTransaction", start)[2]["transactionId"]
    assert second != first
    assert client.call("5", "StartTransaction", start)[2]["transactionId"] == second


@pytest.mark.parametrize("anew", [False, True], ids=["on the same socket", "on a new socket"])
def test_what_it_says_right_after_it_was_accepted_comes_after_what_it_said_before(
    server: FrontDoor, anew: bool
) -> None:
    account = house()
    client = dial(server, account, "CP1")
    start = {"connectorId": 1, "idTag": TAG, "meterStart": 1_000, "timestamp": iso(ago(hours=2))}
    number = client.call("s", "StartTransaction", start)[2]["transactionId"]
    station = accept(account)
    if anew:
        client = dial(server, account, "CP1")
    stop = {"transactionId": number, "meterStop": 5_000, "timestamp": iso(ago(hours=1)), "reason": "EVDisconnected"}
    tell_live(client, "e", "StopTransaction", stop)
    worker.drain()
    (session,) = scene.rows(ChargingSession, ChargingSession.station_id == station.id)
    assert (session.transaction_id, session.state, session.energy_wh) == (number, SessionState.ENDED, 4_000)
    assert scene.rows(HeldMessage) == []


def test_one_held_message_that_can_not_be_stored_does_not_keep_the_charger_from_going_on(server: FrontDoor) -> None:
    account = house()
    client = dial(server, account, "CP1")
    start = {"connectorId": 1, "idTag": TAG, "meterStart": 1_000, "timestamp": iso(ago(hours=2))}
    number = client.call("1", "StartTransaction", start)[2]["transactionId"]
    taken = {"connectorId": 2, "idTag": TAG, "meterStart": 1, "timestamp": iso(ago(hours=1))}
    me = Actor.station(waiting(account).id)
    hold_message(me, action="StartTransaction", payload=taken, size=1, transaction_id=number)
    accept(account)
    tell_live(client, "h", "MeterValues", {"connectorId": 1, "meterValue": []})
    (left,) = scene.rows(HeldMessage)
    assert left.payload == taken


def test_what_is_held_while_the_operator_accepts_it_is_stored_too(server: FrontDoor) -> None:
    account = house()
    dial(server, account, "CP1")
    me = Actor.station(waiting(account).id)
    start = {"connectorId": 1, "idTag": TAG, "meterStart": 1_000, "timestamp": iso(ago(hours=2))}

    def operator() -> None:
        accept(account)
        worker.drain()

    accepting = Thread(target=operator)
    with db.transaction(writing=True):
        assert waiting_state(me) is WaitingState.WAITING
        accepting.start()
        accepting.join(0.5)
        assert hold_message(me, action="StartTransaction", payload=start, size=1, transaction_id=7)
    accepting.join()
    (session,) = scene.rows(ChargingSession, ChargingSession.account_id == account.id)
    assert session.transaction_id == 7


def test_what_it_said_is_of_the_day_when_it_said_it(server: FrontDoor) -> None:
    account = house()
    client = dial(server, account, "CP1")
    start = {"connectorId": 1, "idTag": TAG, "meterStart": 1_000, "timestamp": "1970-01-01T00:00:10Z"}
    number = client.call("s", "StartTransaction", start)[2]["transactionId"]
    sample = {"timestamp": "1970-01-01T00:00:20Z", "sampledValue": [{"value": "1010"}]}
    client.call("m", "MeterValues", {"connectorId": 1, "transactionId": number, "meterValue": [sample]})
    stop = {"transactionId": number, "meterStop": 1_020, "timestamp": "1970-01-01T01:00:10Z"}
    client.call("e", "StopTransaction", stop)
    client.call("o", "StopTransaction", {**stop, "transactionId": 77_777_777, "idTag": TAG})
    said = clock.now()
    with clock.moved_to(said + timedelta(days=5)):
        station = accept(account)
        worker.drain()
    sessions = scene.rows(ChargingSession, ChargingSession.station_id == station.id)
    assert {one.kind for one in sessions} == {SessionKind.UNAUTHORISED, SessionKind.ORPHAN}
    for session in sessions:
        assert session.ended_at is not None
        assert max(session.started_at, session.arrived_at, session.ended_at) <= said, session.kind
        assert not session.offline
    assert max(row.at for row in scene.rows(MeterValue, MeterValue.station_id == station.id)) <= said


def test_an_end_as_long_as_a_frame_may_be_is_kept(server: FrontDoor) -> None:
    account = house()
    client = dial(server, account, "CP1")
    sample = {"timestamp": iso(ago(hours=1)), "sampledValue": [{"value": "5", "context": "Sample.Periodic"}] * 20}
    long = {"transactionId": 1, "meterStop": 5, "timestamp": iso(ago(hours=1)), "transactionData": [sample] * 900}
    assert 0.7 * websocket.LARGEST_MESSAGE < len(frames.call("e", "StopTransaction", long)) < websocket.LARGEST_MESSAGE
    assert client.call("e", "StopTransaction", long) == [3, "e", {}]
    assert waiting_stations(SYSTEM, AccountId(account.id))[0].held == 1


def test_a_refused_charger_is_sent_away_and_may_be_accepted_after_all(server: FrontDoor) -> None:
    account = house()
    client = dial(server, account, "CP1")
    a_session(client)
    refuse_station(SYSTEM, WaitingId(waiting(account).id))
    assert client.receive() == (websocket.CLOSE, (1008).to_bytes(2, "big"))
    dial(server, account, "CP1", status=403)
    assert waiting(account).state is WaitingState.REFUSED
    station = accept(account)
    worker.drain()
    assert len(scene.rows(ChargingSession, ChargingSession.station_id == station.id)) == 1
    assert dial(server, account, "CP1").call("b", "BootNotification", BOOT)[2]["status"] == "Accepted"


def test_the_password_that_it_brought_is_what_it_has_to_bring_from_then_on(server: FrontDoor) -> None:
    account = house()
    mine = basic("CP1", "its-own-password-1")
    dial(server, account, "CP1", mine)
    station = accept(account)
    assert station.security_profile is SecurityProfile.PASSWORD
    dial(server, account, "CP1", status=401)
    dial(server, account, "CP1", basic("CP1", "somebody-elses-pw"), status=401)
    dial(server, account, "CP1", mine)


@pytest.mark.parametrize("others", [[basic("CP1", "somebody-elses-pw")], []], ids=["another password", "none"])
def test_nobody_else_replaces_the_password_of_a_charger_that_waits(server: FrontDoor, others: list[str]) -> None:
    account = house()
    mine = basic("CP1", "its-own-password-1")
    dial(server, account, "CP1", mine)
    dial(server, account, "CP1", mine)
    assert waiting(account).other_password_at is None
    dial(server, account, "CP1", *others)
    noted = waiting(account).other_password_at
    assert noted is not None
    dial(server, account, "CP1", mine)
    assert waiting(account).other_password_at == noted
    accept(account)
    dial(server, account, "CP1", *others, status=401)
    dial(server, account, "CP1", mine)


def test_a_waiting_charger_that_the_operator_enters_by_hand_is_that_station(server: FrontDoor) -> None:
    account = house()
    client = dial(server, account, "CP1")
    number = a_session(client)
    added = add_station(SYSTEM, AccountId(account.id), name="Hand", connectors=[NewConnector()], identity="CP1")
    assert client.receive() == (websocket.CLOSE, (1008).to_bytes(2, "big"))
    dial(server, account, "CP1", status=401)
    dial(server, account, "CP1", basic("CP1", added.password))
    assert waiting_stations(SYSTEM, AccountId(account.id)) == []
    worker.drain()
    (session,) = scene.rows(ChargingSession, ChargingSession.station_id == added.station.id)
    assert session.transaction_id == number


def test_the_newest_socket_of_a_waiting_charger_counts(server: FrontDoor) -> None:
    account = house()
    old = dial(server, account, "CP1")
    assert old.call("h", "Heartbeat", {})[0] == 3
    new = dial(server, account, "CP1")
    assert old.receive() == (websocket.CLOSE, (1008).to_bytes(2, "big"))
    old.close()
    assert new.call("b", "BootNotification", BOOT)[2]["status"] == "Pending"
    assert waiting(account).connected_at is not None


def test_nobody_waits_at_an_account_that_does_not_exist_or_is_suspended(server: FrontDoor) -> None:
    account = house()
    assert server.knock("/ocpp/ABCDEFGHJKMNPQRS/CP1", *UPGRADE, OCPP)[0] == 404
    for identity in ("%00", "x" * 61, "a%0ab", ""):
        assert server.knock(f"/ocpp/{account.code}/{identity}", *UPGRADE, OCPP)[0] == 404, identity
    suspend_account(Actor(ActorKind.USER, staff=True), AccountId(account.parent_id or account.id))
    assert server.knock(f"/ocpp/{account.code}/CP1", *UPGRADE, OCPP)[0] == 404
    assert waiting_stations(SYSTEM, AccountId(account.id)) == []


def test_from_one_address_only_so_many_new_ones_come_in_an_hour(server: FrontDoor) -> None:
    account, other = house(), house()
    for number in range(MOST_NEW_PER_HOUR):
        dial(server, account, f"CP{number}").close()
    status, headers, _ = server.knock(f"/ocpp/{account.code}/ONEMORE", *UPGRADE, OCPP)
    assert (status, headers["retry-after"]) == (429, "60")
    dial(server, account, "CP3")
    dial(server, other, "ONEMORE")


def test_who_stays_away_for_a_month_is_forgotten(server: FrontDoor) -> None:
    account = house()
    client = dial(server, account, "CP1")
    a_session(client)
    client.close()
    until(lambda: waiting(account).connected_at is None)
    with clock.moved_to(clock.now() + timedelta(days=29)):
        prune_waiting(SYSTEM)
    assert waiting(account).identity == "CP1"
    with clock.moved_to(clock.now() + timedelta(days=31)):
        assert prune_waiting(SYSTEM) >= 1
    assert waiting_stations(SYSTEM, AccountId(account.id)) == []
    assert scene.rows(HeldMessage, HeldMessage.account_id == account.id) == []
    assert scene.rows(Connector, Connector.account_id == account.id) == []
