"""Messages of a batch are stored, and answered, as if each had come alone: in whatever order and however many."""

import json
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from accounts.access import SYSTEM
from accounts.values import AccountId
from charging.models import ChargingSession, DoubtfulFact, MeterValue
from charging.use_cases import add_tag
from kit import clock, db
from kit.events import OutboxRow
from ocpp_ws import dispatch, frames
from stations.models import Connector
from stations.values import ConnectorStatus, NewConnector
from tests import scene
from tests.talk import Talk, ago, iso

pytestmark = pytest.mark.usefixtures("database", "program")


def told(what: str, begun: datetime, first: int) -> tuple[str, dict[str, Any]]:
    """Action and payload of a message; `first` is the transaction that ran before the batch."""
    at = iso(begun + timedelta(minutes=20))
    start = {"connectorId": 1, "idTag": "GOOD", "meterStart": 5000, "timestamp": at}
    value = {"timestamp": at, "sampledValue": [{"value": "1500"}]}
    stop = {"transactionId": first, "meterStop": 2000, "timestamp": at, "idTag": "GOOD"}
    messages: dict[str, tuple[str, dict[str, Any]]] = {
        "start": ("StartTransaction", start),
        "same start": ("StartTransaction", start | {"timestamp": iso(begun), "meterStart": 1000}),
        "start elsewhere": ("StartTransaction", start | {"connectorId": 2}),
        "start with a bad tag": ("StartTransaction", start | {"idTag": "BAD"}),
        "start late": ("StartTransaction", start | {"timestamp": "1970-01-01T00:00:00Z"}),
        "authorize": ("Authorize", {"idTag": "good"}),
        "reading": ("MeterValues", {"connectorId": 1, "transactionId": first, "meterValue": [value]}),
        "more": ("MeterValues", {"connectorId": 1, "meterValue": [value | {"sampledValue": [{"value": "5600"}]}]}),
        "reading of nothing": ("MeterValues", {"connectorId": 2, "meterValue": [value]}),
        "stop": ("StopTransaction", stop),
        "stop again": ("StopTransaction", stop),
        "stop otherwise": ("StopTransaction", stop | {"meterStop": 2100}),
        "stop with nonsense": (
            "StopTransaction",
            stop | {"meterStop": 0, "transactionData": [value | {"sampledValue": [{"value": "900000000"}]}]},
        ),
        "stop the only one": ("StopTransaction", stop | {"transactionId": 0, "meterStop": 5700}),
        "stop the last": ("StopTransaction", stop | {"transactionId": first + 1, "meterStop": 5700}),
        "status": ("StatusNotification", {"connectorId": 1, "errorCode": "NoError", "status": "Charging"}),
    }
    return messages[what]


MESSAGES = [
    "start",
    "same start",
    "start elsewhere",
    "start with a bad tag",
    "start late",
    "authorize",
    "reading",
    "more",
    "reading of nothing",
    "stop",
    "stop again",
    "stop otherwise",
    "stop with nonsense",
    "stop the only one",
    "stop the last",
    "status",
]


class Charger:
    """A station with a session that runs, and what it makes of the messages of one batch."""

    def __init__(self, begun: datetime, messages: list[str]) -> None:
        self.begun = begun
        self.talk = Talk(scene.station(connectors=[NewConnector()] * 2))
        add_tag(SYSTEM, AccountId(self.talk.station.account_id), "GOOD")
        self.first = self.talk.start(tag="GOOD", at=iso(begun))["transactionId"]
        self.calls = []
        for number, message in enumerate(messages):
            call = frames.parse(json.dumps([2, f"m{number}", *told(message, begun, self.first)]).encode())
            assert isinstance(call, frames.Call)
            self.calls.append(call)
        self.answers: list[Any] = []

    def say(self, *calls: frames.Call) -> None:
        """In one transaction, as the gateway does it."""
        with db.transaction(writing=True):
            if len(calls) > 1:
                dispatch.read_ahead((self.talk.caller, call) for call in calls)
            replies = [dispatch.handle(self.talk.caller, call) for call in calls]
        self.answers += [json.loads(reply.frame) for reply in replies]

    def outcome(self) -> dict[str, Any]:
        """Answers and rows; ids of transactions counted from the first one."""
        station_id = self.talk.station.id
        sessions = scene.rows(ChargingSession, ChargingSession.station_id == station_id)
        order = {session.id: number for number, session in enumerate(sessions)}
        ids = {session.transaction_id: number for number, session in enumerate(sessions)}
        for _, _, payload in self.answers:
            if "transactionId" in payload:
                payload["transactionId"] = ids[payload["transactionId"]]
        kept = (
            *("kind", "state", "id_tag", "started_at", "ended_at", "meter_start_wh", "meter_stop_wh", "energy_wh"),
            *("last_wh", "last_at", "estimated", "offline", "stop_reason"),
        )
        readings = scene.rows(MeterValue, MeterValue.station_id == station_id)
        doubts = scene.rows(DoubtfulFact, DoubtfulFact.station_id == station_id)
        plugs = scene.rows(Connector, Connector.station_id == station_id)
        events = scene.rows(OutboxRow, OutboxRow.payload["account_id"].as_string() == str(self.talk.station.account_id))
        return {
            "answers": self.answers,
            "sessions": [{name: self.plain(getattr(one, name)) for name in kept} for one in sessions],
            "readings": Counter(
                (order.get(one.session_id), self.plain(one.at), one.energy_wh) for one in readings if one.session_id
            ),
            "doubts": Counter((order.get(one.session_id), one.doubt, one.code) for one in doubts if one.session_id),
            "plugs": sorted((one.number, one.status.value) for one in plugs),
            "events": Counter(one.kind for one in events if one.kind.startswith("Session")),
        }

    def plain(self, value: Any) -> Any:
        """An instant in minutes since the session began: what has no time of its own gets that of its arrival."""
        return round((value - self.begun) / timedelta(minutes=1)) if isinstance(value, datetime) else value


@examples(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(["reading", "stop with nonsense"])
@given(st.lists(st.sampled_from(MESSAGES), min_size=2, max_size=8))
def test_a_batch_leaves_what_its_messages_would_have_left_one_by_one(messages: list[str]) -> None:
    now = ago(hours=1) + timedelta(hours=1)
    with clock.moved_to(now):
        begun = now - timedelta(hours=1)
        alone, together = Charger(begun, messages), Charger(begun, messages)
        for call in alone.calls:
            alone.say(call)
        together.say(*together.calls)
        assert together.outcome() == alone.outcome()


def test_sessions_told_after_an_outage_are_taken_in_one_transaction() -> None:
    chargers = [Talk(scene.station(connectors=[NewConnector()])) for _ in range(3)]
    start = {"connectorId": 1, "idTag": "GOOD", "meterStart": 5000, "timestamp": iso(ago(hours=-1))}
    call = frames.parse(json.dumps([2, "m", "StartTransaction", start]).encode())
    assert isinstance(call, frames.Call)
    with clock.moved_to(clock.now() + timedelta(hours=2)), db.transaction(writing=True):
        dispatch.read_ahead((charger.caller, call) for charger in chargers)
        for charger in chargers:
            dispatch.handle(charger.caller, call)
    for charger in chargers:
        (plug,) = scene.rows(Connector, Connector.station_id == charger.station.id, Connector.number == 1)
        assert plug.status is ConnectorStatus.CHARGING
