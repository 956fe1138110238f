"""Subscriptions over real sockets: told at once, told again, refused to others, gone with the token."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import requests
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from accounts.access import SYSTEM
from accounts.rights import ROLE_RIGHTS, Right, Role
from accounts.use_cases import (
    create_api_client,
    create_api_token,
    issue_access_token,
    register_query,
    restrict_client,
)
from accounts.values import AccountId, ApiClientId
from charging.models import ChargingSession
from graphql_api.socket import WISHES_A_MINUTE
from kit import clock
from tests import make, scene
from tests.graphql_api.callers import Caller
from tests.made import MadeStation
from tests.portal.real_server import RealServer, real_server
from tests.portal.test_live import Browser
from tests.serving import Knocking
from tests.wire import Client


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealServer]:
    """The program in a process of its own."""
    var_dir = tmp_path_factory.mktemp("subscriptions") / "var"
    var_dir.mkdir()
    with real_server(var_dir) as started:
        yield started


@contextmanager
def _socket(server: RealServer, secret: str | None = None) -> Iterator[ClientConnection]:
    url, wanted = f"ws://localhost:{server.port}/graphql/socket", [Subprotocol("graphql-transport-ws")]
    with connect(url, subprotocols=wanted, open_timeout=10) as ws:
        if secret is not None:
            _say(ws, type="connection_init", payload={"Authorization": f"Bearer {secret}"})
            assert _hear(ws) == {"type": "connection_ack"}
        yield ws


@contextmanager
def _charger(server: RealServer, station: MadeStation) -> Iterator[Client]:
    client = Knocking(server.port).dial(station.station.identity, station.password)
    yield client
    client.close()


def _say(ws: ClientConnection, **message: Any) -> None:
    ws.send(json.dumps(message))


def _hear(ws: ClientConnection) -> Any:
    return json.loads(ws.recv(timeout=15))


def _subscribe(ws: ClientConnection, query: str, name: str = "1", **variables: Any) -> None:
    _say(ws, id=name, type="subscribe", payload={"query": query, "variables": variables})


def _ended(ws: ClientConnection) -> int:
    with pytest.raises(ConnectionClosed) as closed:
        for _ in range(10):
            ws.recv(timeout=15)
    return closed.value.rcvd.code if closed.value.rcvd else 0


def _token(role: Role = Role.API_CLIENT, owned: Any = None) -> Any:
    owned = owned or make.owned()
    return create_api_token(owned.owner, AccountId(owned.id), name="follower", role=role)


CONNECTORS = "subscription($id: UUID!) { station(id: $id) { name connectors { number status } } }"


def test_a_station_is_told_at_once_and_again_when_its_connector_changes(server: RealServer) -> None:
    station = make.station(connectors=1)
    with _socket(server, _token().secret) as ws:
        _subscribe(ws, CONNECTORS, id=str(station.id))
        first = _hear(ws)
        assert (first["id"], first["type"]) == ("1", "next")
        assert first["payload"]["data"]["station"]["connectors"] == [{"number": 1, "status": "UNKNOWN"}]
        with _charger(server, station) as charger:
            charger.call("1", "StatusNotification", {"connectorId": 1, "errorCode": "NoError", "status": "Available"})
            told = _hear(ws)
            while told["payload"]["data"]["station"]["connectors"][0]["status"] == "UNKNOWN":
                told = _hear(ws)  # it connected
            assert told["payload"]["data"]["station"]["connectors"] == [{"number": 1, "status": "AVAILABLE"}]
        _say(ws, type="ping")
        while (heard := _hear(ws))["type"] != "pong":
            assert heard["type"] == "next", "it went"
        _say(ws, id="1", type="complete")
        _subscribe(ws, CONNECTORS, id=str(station.id))
        assert _hear(ws)["type"] == "next", "the name is free again"


def test_others_are_not_told_and_bad_requests_get_errors(server: RealServer) -> None:
    station = make.station()
    stranger = make.account(name="Fremd AG")
    with _socket(server, _token(owned=stranger).secret) as ws:
        _subscribe(ws, CONNECTORS, id=str(station.id))
        refused = _hear(ws)
        assert (refused["type"], refused["payload"][0]["extensions"]["code"]) == ("error", "not_found")
        for query in ("subscription { nonsense }", "{ accounts { id } }", "mutation { nothing }"):
            _subscribe(ws, query)
            assert _hear(ws)["payload"][0]["extensions"]["code"] == "bad_request"


def test_a_token_that_ended_closes_its_socket(server: RealServer) -> None:
    station, made = make.station(), _token()
    with _socket(server, made.secret) as ws:
        _subscribe(ws, CONNECTORS, id=str(station.id))
        assert _hear(ws)["type"] == "next"
        Browser(server, make.owned().login).post(f"/api-keys/{made.token.id}/revoke", at="/api-keys")
        assert _ended(ws) == 4403


SESSIONS = """subscription($id: UUID!) { sessions(accountId: $id) { nodes { state energyWh stationName } } }"""
SESSION = "subscription($id: UUID!) { session(id: $id) { state energyWh stopReason } }"
COMMAND = "subscription($id: UUID!) { command(id: $id) { state final answer } }"


class Remote(Caller):
    """A program that asks the server over HTTP."""

    def __init__(self, server: RealServer, secret: str) -> None:
        self.url, self.headers = f"{server.url}/graphql", {"Authorization": f"Bearer {secret}"}

    def send(self, text: str, variables: dict[str, Any]) -> dict[str, Any]:
        asked = {"query": text, "variables": variables}
        told: dict[str, Any] = requests.post(self.url, json=asked, headers=self.headers, timeout=15).json()
        return told


def _follow(ws: ClientConnection, name: str, what: Callable[[Any], bool]) -> Any:
    """What a subscription tells when it is so; others on this socket may speak between."""
    while True:
        told = _hear(ws)
        assert told["type"] == "next", told
        (found,) = told["payload"]["data"].values()
        if told["id"] == name and what(found):
            return found


def test_a_session_is_followed_from_its_begin_to_its_end_and_by_nobody_else(server: RealServer) -> None:
    station, owned, stranger = make.station(connectors=1), make.owned(), make.account(name="Nachbar AG")
    begin, middle, end = ((clock.now() - timedelta(minutes=ago)).isoformat() for ago in (60, 30, 0))
    with (
        _socket(server, _token().secret) as every,
        _socket(server, _token().secret) as ws,
        _socket(server, _token(owned=stranger).secret) as foreign,
        _charger(server, station) as charger,
    ):
        _subscribe(every, SESSIONS, "all", id=str(owned.id))
        known = len(_follow(every, "all", lambda _: True)["nodes"])
        _subscribe(foreign, SESSIONS, "own", id=str(stranger.id))
        assert _follow(foreign, "own", lambda _: True) == {"nodes": []}
        start = {"connectorId": 1, "idTag": "04AABBCC", "meterStart": 1000, "timestamp": begin}
        number = charger.call("1", "StartTransaction", start)[2]["transactionId"]
        begun = _follow(every, "all", lambda told: len(told["nodes"]) > known)["nodes"][0]
        assert (begun["state"], begun["stationName"]) == ("ACTIVE", station.station.name)
        session = str(scene.rows(ChargingSession, ChargingSession.station_id == station.id)[0].id)
        _subscribe(ws, SESSION, "one", id=session)
        assert _follow(ws, "one", lambda _: True)["state"] == "ACTIVE"
        _subscribe(foreign, SESSION, "theirs", id=session)
        refused = _hear(foreign)
        assert (refused["id"], refused["payload"][0]["extensions"]["code"]) == ("theirs", "not_found")
        value = {"value": "3500", "measurand": "Energy.Active.Import.Register", "unit": "Wh"}
        sample = {"timestamp": middle, "sampledValue": [value]}
        charger.call("2", "MeterValues", {"connectorId": 1, "transactionId": number, "meterValue": [sample]})
        assert _follow(ws, "one", lambda told: told["energyWh"] == 2500)["state"] == "ACTIVE"
        stop = {"transactionId": number, "meterStop": 5000, "timestamp": end, "reason": "EVDisconnected"}
        charger.call("3", "StopTransaction", stop)
        ended = {"state": "ENDED", "energyWh": 4000, "stopReason": "EVDisconnected"}
        assert _follow(ws, "one", lambda told: told["state"] == "ENDED") == ended
        assert _follow(every, "all", lambda told: told["nodes"][0]["state"] == "ENDED")["nodes"][0]["energyWh"] == 4000
        _say(foreign, type="ping")
        assert _hear(foreign) == {"type": "pong"}, "of all this the foreign account heard nothing"


def test_a_command_is_followed_until_its_answer_and_no_longer_than_its_key_lasts(server: RealServer) -> None:
    station, stranger, made = make.station(connectors=1), make.account(name="Fremd GmbH"), _token()
    every = list(ROLE_RIGHTS[Role.OWNER])
    owned = make.owned()
    program = Remote(server, create_api_token(owned.owner, owned.id, name="all", rights=every).secret)
    with (
        _socket(server, made.secret) as ws,
        _socket(server, _token(owned=stranger).secret) as foreign,
        _charger(server, station) as charger,
    ):
        wish = {"stationId": station.id, "action": "RESET", "payload": {"type": "Soft"}}
        command = program.does("sendCommand", "id", **wish)["id"]
        _subscribe(ws, COMMAND, "one", id=command)
        assert _follow(ws, "one", lambda _: True)["final"] is False
        _subscribe(foreign, COMMAND, "theirs", id=command)
        refused = _hear(foreign)
        assert (refused["type"], refused["payload"][0]["extensions"]["code"]) == ("error", "not_found")
        while (frame := charger.next_frame())[2] != "Reset":
            charger.send(json.dumps([3, frame[1], {}]).encode())
        charger.send(json.dumps([3, frame[1], {"status": "Accepted"}]).encode())
        done = _follow(ws, "one", lambda told: told["final"])
        assert (done["state"], done["answer"]) == ("ACCEPTED", {"status": "Accepted"})
        _say(foreign, type="ping")
        assert _hear(foreign) == {"type": "pong"}, "nothing of it was told elsewhere"
        program.does("revokeApiToken", id=made.token.id)
        assert _ended(ws) == 4403


def test_who_breaks_the_protocol_is_told_why(server: RealServer) -> None:
    with _socket(server) as ws:
        _subscribe(ws, "subscription { nonsense }")
        assert _ended(ws) == 4401
    with _socket(server) as ws:
        _say(ws, type="connection_init", payload={"Authorization": "Bearer cp_wrong"})
        assert _ended(ws) == 4403
    with _socket(server, _token().secret) as ws:
        _say(ws, type="connection_init")
        assert _ended(ws) == 4429
    for text in ("nonsense", "[]", '{"type": "unknown"}', '{"type": "subscribe", "id": "1"}'):
        with _socket(server, _token().secret) as ws:
            ws.send(text)
            assert _ended(ws) == 4400
    with _socket(server, _token().secret) as ws:
        station = make.station()
        for _ in range(2):
            _subscribe(ws, CONNECTORS, id=str(station.id))
        assert _ended(ws) == 4409


def test_a_client_held_to_its_list_follows_nothing_else(server: RealServer) -> None:
    station, owned = make.station(), make.owned()
    rights = [Right.VIEW_ACCOUNT, Right.VIEW_STATIONS]
    client_id = ApiClientId(create_api_client(owned.owner, owned.id, name="Anzeige", rights=rights).client.id)
    register_query(owned.owner, client_id, text=CONNECTORS)
    restrict_client(owned.owner, client_id, queries_only=True)
    with _socket(server, issue_access_token(SYSTEM, client_id, rights)) as ws:
        _subscribe(ws, CONNECTORS, id=str(station.id))
        assert _hear(ws)["type"] == "next"
        _subscribe(ws, CONNECTORS.replace(" name", ""), "2", id=str(station.id))
        refused = _hear(ws)
        assert (refused["id"], refused["type"]) == ("2", "error")
        assert refused["payload"][0]["extensions"]["code"] == "query_not_listed"


def test_nobody_begins_subscriptions_without_end(server: RealServer) -> None:
    with _socket(server, _token().secret) as ws:
        for number in range(2 * WISHES_A_MINUTE + 2):  # a new minute may begin once meanwhile
            _subscribe(ws, "subscription { nonsense }", str(number))
            code = _hear(ws)["payload"][0]["extensions"]["code"]
            if code != "bad_request":
                break
    assert (code, number >= WISHES_A_MINUTE) == ("too_many_requests", True)
