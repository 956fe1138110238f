"""Nonsense of every kind: no input ends the process or a socket, reaches another station, or gets an inside look."""

import itertools
import json
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import ocpp_ws
from charging.models import ChargingSession, DoubtfulFact, MeterValue, OrphanStop
from charging.values import SessionState
from kit import bus, websocket
from kit.hub import Hub
from ocpp_ws import frames, schemas, sockets
from ocpp_ws.v16 import handlers
from stations.models import Connector
from stations.queries import SocketStation
from stations.values import NewConnector
from tests import scene
from tests.ocpp_ws.test_frames import JSON
from tests.talk import Talk
from tests.wire import Client, pair

pytestmark = pytest.mark.usefixtures("database", "program")
shared = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
EXAMPLES = itertools.count()
on_a_socket = settings(shared, max_examples=40)

WORDS = st.sampled_from(
    ["1", "-1", "0", " 7.5 ", "1e9", "Available", "Local", "2026-03-01T10:20:30Z", "9999-12-31T23:59:59-12"]
)
NUMBERS = st.one_of(
    st.integers(-(10**19), 10**19), st.floats(), st.sampled_from([2**31, 2**32 - 1, 2**63, 2**64, 10**15, -(10**15)])
)
LONG = st.builds(lambda text, times: text * times, st.text(min_size=1, max_size=5), st.integers(1, 3000))
DEEP = st.integers(1, 600).map(lambda depth: json.loads("[" * depth + "]" * depth))
ANYTHING = st.one_of(JSON, WORDS, NUMBERS, LONG, DEEP)
SAMPLES = st.lists(
    st.dictionaries(
        st.sampled_from(["value", "unit", "measurand", "phase", "context", "location"]), ANYTHING, max_size=4
    ),
    max_size=3,
)
VALUES = st.lists(
    st.fixed_dictionaries({}, optional={"timestamp": ANYTHING, "sampledValue": SAMPLES | ANYTHING}), max_size=3
)
START = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("connectorId", "idTag", "meterStart", "timestamp", "reservationId", "x"), ANYTHING)
)
STOP = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(("transactionId", "idTag", "meterStop", "timestamp", "reason"), ANYTHING)
    | {"transactionData": VALUES | ANYTHING},
)
METER = st.fixed_dictionaries(
    {}, optional={"connectorId": ANYTHING, "transactionId": ANYTHING, "meterValue": VALUES | ANYTHING}
)
PRINTED = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=60)
IDS = st.one_of(PRINTED, st.integers(-(2**62), 2**62), PRINTED.map(lambda text: text * 50))


def said(raw: bytes) -> bytes:
    """The id of a frame as the answer has to name it, in JSON; empty where there is none."""
    frame = frames.parse(raw)
    return orjson.dumps(frame.id) if isinstance(frame, frames.Call) else b""


class TestDispatch:
    @pytest.fixture
    def charger(self) -> Talk:
        return Talk(scene.station(connectors=[NewConnector()] * 2))

    @shared
    @given(call_id=IDS, payload=START)
    def test_any_start_is_stored_and_gets_a_transaction(
        self, charger: Talk, call_id: Any, payload: dict[str, Any]
    ) -> None:
        kind, _, *rest = charger.say(json.dumps([2, call_id, "StartTransaction", payload]))
        assert kind == 3, rest
        assert schemas.schema("StartTransactionResponse").is_valid(rest[0])
        (session,) = scene.rows(ChargingSession, ChargingSession.transaction_id == rest[0]["transactionId"])
        assert session.station_id == charger.station.id

    @shared
    @given(payload=STOP)
    def test_any_stop_is_accepted_and_no_energy_is_below_zero(self, charger: Talk, payload: dict[str, Any]) -> None:
        charger.start(wh=5000)
        kind, _, *rest = charger.say(json.dumps([2, "s", "StopTransaction", payload]))
        assert kind == 3, rest
        assert schemas.schema("StopTransactionResponse").is_valid(rest[0])
        assert all((session.energy_wh or 0) >= 0 for session in scene.rows(ChargingSession))

    @shared
    @given(payload=METER)
    def test_any_reading_is_taken_and_turns_no_register_back(self, charger: Talk, payload: dict[str, Any]) -> None:
        charger.start(wh=5000)
        kind, _, *rest = charger.say(json.dumps([2, "m", "MeterValues", payload]))
        assert (kind, rest) == (3, [{}])
        running = scene.rows(ChargingSession, ChargingSession.state == SessionState.ACTIVE)
        assert all(session.last_wh >= session.meter_start_wh for session in running)

    @shared
    @given(call_id=IDS, action=st.sampled_from([*sorted(handlers.HANDLERS), "Nonsense"]), payload=ANYTHING)
    def test_every_call_gets_one_answer_with_its_id(
        self, charger: Talk, call_id: Any, action: str, payload: Any
    ) -> None:
        raw = json.dumps([2, call_id, action, payload]).encode()
        answer = charger.say(raw)
        assert answer[0] in (3, 4)
        assert orjson.dumps(answer[1]) == (said(raw) or orjson.dumps(call_id))
        if answer[0] == 4:
            assert answer[2] in (frames.FORMATION, frames.NOT_IMPLEMENTED)


@pytest.fixture
def sockets_of_two() -> Iterator[tuple[Client, Client]]:
    """Two stations on one gateway: one talks nonsense, the other is well behaved."""
    bus.connect(None)
    hub = Hub()
    hub.start()
    ocpp_ws.start(hub)
    gateway = sockets.current()
    assert gateway is not None
    clients = []
    for _ in range(2):
        here = scene.station(connectors=[NewConnector()], online=False)
        near, far = pair()
        gateway.adopt(far, b"", SocketStation(here.id, here.account_id, here.identity, ""))
        clients.append(Client(near))
    yield clients[0], clients[1]
    hub.stop()


NEAR_FRAMES = st.builds(
    lambda kind, rest, cut: json.dumps([kind, *rest]).encode()[:cut],
    st.sampled_from([2, "2", 3, 4, 2.0, 5, None]),
    st.tuples(IDS | JSON, st.sampled_from(sorted(handlers.HANDLERS)) | JSON, START | STOP | METER | ANYTHING),
    st.integers(1, 400) | st.none(),
)
MESSAGES = st.one_of(st.binary(max_size=300), NEAR_FRAMES, LONG.map(lambda text: text.encode("utf-8", "replace")))


class TestASocket:
    @on_a_socket
    @given(messages=st.lists(MESSAGES, min_size=1, max_size=4), binary=st.booleans())
    def test_whatever_is_said_the_socket_lives_and_each_call_has_its_answer(
        self, sockets_of_two: tuple[Client, Client], messages: list[bytes], binary: bool
    ) -> None:
        odd, good = sockets_of_two
        for message in messages:
            odd.send(message, websocket.BINARY if binary else websocket.TEXT)
        end = f"the end of example {next(EXAMPLES)}"  # a stored call, so its answer comes after all others
        odd.send(json.dumps([2, end, "DataTransfer", {"vendorId": end}]).encode())
        answered = []
        while (frame := odd.next_frame())[1] != end:
            if frame[0] != 2:
                answered.append(orjson.dumps(frame[1]))
            assert "Traceback" not in json.dumps(frame)
        wanted = [call_id for message in messages if (call_id := said(message))]
        assert [one for one in wanted if one not in answered] == []
        assert all(answered.count(one) == wanted.count(one) for one in wanted)
        assert good.call("h", "Heartbeat", {})[:2] == [3, "h"]

    def test_nothing_of_one_station_lands_at_the_other(self, sockets_of_two: tuple[Client, Client]) -> None:
        odd, good = sockets_of_two
        (own,) = good.call("s", "StartTransaction", {"connectorId": 1, "idTag": "GOOD", "meterStart": 1})[2:]

        @on_a_socket
        @given(payload=STOP | METER, action=st.sampled_from(["StopTransaction", "MeterValues", "StartTransaction"]))
        def nonsense(payload: dict[str, Any], action: str) -> None:
            payload = {**payload, "transactionId": own["transactionId"]}
            assert odd.call("n", action, payload)[:2] == [3, "n"]

        nonsense()
        (session,) = scene.rows(ChargingSession, ChargingSession.transaction_id == own["transactionId"])
        assert (session.state, session.last_wh) == (SessionState.ACTIVE, 1)
        here = session.station_id
        assert scene.rows(MeterValue, MeterValue.station_id == here) == []
        assert scene.rows(OrphanStop, OrphanStop.station_id == here) == []
        assert {doubt.session_id for doubt in scene.rows(DoubtfulFact, DoubtfulFact.station_id == here)} <= {
            None,
            session.id,
        }
        assert {row.number for row in scene.rows(Connector, Connector.station_id == here)} == {0, 1}
