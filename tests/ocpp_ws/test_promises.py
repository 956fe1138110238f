"""What a charger says of a session and we can't store: kept, answered, and stored when that works. Nothing is lost."""

import json
from typing import Any

import pytest

from accounts.access import SYSTEM, Actor
from accounts.values import AccountId
from charging.models import ChargingSession, DoubtfulFact, MeterValue
from charging.use_cases import add_tag
from charging.values import Doubt, SessionKind, SessionState
from kit import db
from ocpp_ws import held, jobs
from ocpp_ws.caller import Caller
from ocpp_ws.sockets import Gateway
from ocpp_ws.v16 import handlers, start_transaction, waiting
from stations.models import HeldMessage, Station
from stations.queries import SocketStation, station_for_socket
from stations.use_cases import hold_unstored
from tests import make, scene
from tests.ocpp_ws.wiring import connect, station, visit
from tests.talk import ago, iso
from tests.wire import Client

pytestmark = pytest.mark.usefixtures("database", "program")


class Mistake:
    """One of ours in the handler of starts; over when `mended` is called."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._patch = patch
        self._right = start_transaction.answer
        patch.setattr(start_transaction, "answer", self._fail)
        patch.setitem(handlers.HANDLERS, "StartTransaction", self._fail)

    def mended(self) -> None:
        self._patch.setattr(start_transaction, "answer", self._right)
        self._patch.setitem(handlers.HANDLERS, "StartTransaction", self._right)

    def _fail(self, *_: Any) -> dict[str, Any]:
        raise ValueError("a mistake of ours")


@pytest.fixture
def mistake(monkeypatch: pytest.MonkeyPatch) -> Mistake:
    return Mistake(monkeypatch)


def start_of(tag: str = "04AABB", wh: int = 1_000, **at: float) -> dict[str, Any]:
    return {"connectorId": 1, "idTag": tag, "meterStart": wh, "timestamp": iso(ago(**(at or {"hours": 2})))}


def say(client: Client, action: str, payload: dict[str, Any], message_id: str) -> dict[str, Any]:
    kind, answered, *rest = client.call(message_id, action, payload)
    assert (kind, answered) == (3, message_id), rest
    told: dict[str, Any] = rest[0]
    return told


def tell_the_rest(client: Client, number: int) -> None:
    sample = {"timestamp": iso(ago(minutes=90)), "sampledValue": [{"value": "2000"}]}
    assert say(client, "MeterValues", {"connectorId": 1, "transactionId": number, "meterValue": [sample]}, "m") == {}
    stop = {"transactionId": number, "meterStop": 5_000, "timestamp": iso(ago(hours=1))}
    assert say(client, "StopTransaction", stop, "e") == {}


def sessions_of(here: Station) -> list[ChargingSession]:
    return scene.rows(ChargingSession, ChargingSession.station_id == here.id)


def whole(here: Station, number: int) -> None:
    """One session, over, with its reading and the number that was promised."""
    (session,) = sessions_of(here)
    assert (session.transaction_id, session.state, session.energy_wh) == (number, SessionState.ENDED, 4_000)
    (value,) = scene.rows(MeterValue, MeterValue.session_id == session.id)
    assert value.energy_wh == 2_000
    assert scene.rows(HeldMessage) == []


def test_a_start_that_can_not_be_stored_is_promised_an_id_that_it_has_when_it_is(
    gateway: Gateway, mistake: Mistake
) -> None:
    here = station()
    add_tag(SYSTEM, AccountId(here.account_id), "04AABB")
    client, start = connect(gateway, here), start_of()
    answers = [say(client, "StartTransaction", start, message_id) for message_id in ("a", "a", "b")]
    assert answers[0] == answers[1] == answers[2]
    assert answers[0]["idTagInfo"] == {"status": "Accepted"}
    number = answers[0]["transactionId"]
    assert say(client, "StartTransaction", start_of(tag="0499") | {"connectorId": 2}, "c")["idTagInfo"] == {
        "status": "Invalid"
    }
    tell_the_rest(client, number)
    assert sessions_of(here) == []
    assert len(scene.rows(DoubtfulFact, DoubtfulFact.doubt == Doubt.UNSTORED)) == 4
    mistake.mended()
    jobs.store_held()
    mine, other = sorted(sessions_of(here), key=lambda one: one.transaction_id)
    assert (mine.transaction_id, mine.state, mine.energy_wh) == (number, SessionState.ENDED, 4_000)
    assert (mine.kind, other.kind, other.id_tag) == (SessionKind.TAG, SessionKind.UNAUTHORISED, "0499")
    assert scene.rows(HeldMessage) == []
    assert say(client, "StartTransaction", start, "d")["transactionId"] == number


@pytest.mark.parametrize("first", ["the start again", "its readings"])
def test_what_is_about_a_promised_session_has_its_start_stored_first(
    gateway: Gateway, mistake: Mistake, first: str
) -> None:
    here = station()
    client, start = connect(gateway, here), start_of()
    number = say(client, "StartTransaction", start, "a")["transactionId"]
    mistake.mended()
    if first == "the start again":
        assert say(client, "StartTransaction", start, "b")["transactionId"] == number
    tell_the_rest(client, number)
    whole(here, number)


def test_a_promise_outlives_the_socket_and_the_process(gateway: Gateway, mistake: Mistake) -> None:
    owner = scene.account(name="Haus", parent=scene.account())
    here = scene.station(property=owner, online=False)
    start = start_of()
    number = say(connect(gateway, here), "StartTransaction", start, "a")["transactionId"]
    mistake.mended()
    known = station_for_socket(SYSTEM, here.identity, owner.code)
    assert known is not None
    assert known.unstored  # as another process finds it
    client = visit(gateway, known)
    assert say(client, "StartTransaction", start, "z")["transactionId"] == number
    tell_the_rest(client, number)
    whole(here, number)


def test_a_message_that_can_never_be_stored_keeps_nobody_from_going_on(gateway: Gateway, mistake: Mistake) -> None:
    here = station()
    say(connect(gateway, here), "StartTransaction", start_of(tag="BAD"), "a")
    client = visit(gateway, SocketStation(here.id, here.account_id, here.identity, "", unstored=True))
    assert (
        say(client, "StopTransaction", {"transactionId": 7, "meterStop": 1, "timestamp": iso(ago(days=1))}, "b") == {}
    )
    assert len(scene.rows(HeldMessage)) == 1
    jobs.store_held()
    assert len(scene.rows(HeldMessage)) == 1


@pytest.mark.usefixtures("gateway")
def test_without_the_charger_much_is_stored_in_few_transactions_and_what_fails_takes_nothing_along(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(held, "BITE_S", 5.0)
    here, right, bites = station(), start_transaction.answer, list[object]()
    for day in range(20, 0, -1):
        start = start_of(tag="BAD" if day == 10 else "04AABB", wh=1_000 * (20 - day), days=day)
        hold_unstored(
            Actor.station(here.id), here.account_id, action="StartTransaction", payload=start, of=None, promised=day
        )

    def answer(caller: Caller, payload: dict[str, Any], promised: int | None = None) -> dict[str, Any]:
        bites.append(db.session())
        if payload["idTag"] == "BAD":
            raise ValueError("a mistake of ours")
        return right(caller, payload, promised)

    monkeypatch.setattr(start_transaction, "answer", answer)
    jobs.store_held()
    assert sorted(one.transaction_id for one in sessions_of(here)) == [one for one in range(1, 21) if one != 10]
    assert [row.transaction_id for row in scene.rows(HeldMessage)] == [10]
    assert all(one is bites[0] for one in bites[:11])  # the first bite ends with the one that fails


def test_much_that_is_held_is_stored_in_bites_in_order_and_others_have_their_turn(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(held, "BITE_S", 0.0)
    here, other, days = station(), connect(gateway, station()), 30
    me = Actor.station(here.id)
    for day in range(days, 0, -1):
        start = start_of(wh=1_000 * (days - day), days=day)
        stop = {
            "transactionId": 900 + day,
            "meterStop": start["meterStart"] + 900,
            "timestamp": iso(ago(days=day, hours=-1)),
        }
        hold_unstored(me, here.account_id, action="StartTransaction", payload=start, of=None, promised=900 + day)
        hold_unstored(me, here.account_id, action="StopTransaction", payload=stop, of=900 + day, promised=None)
    client = visit(gateway, SocketStation(here.id, here.account_id, here.identity, "", unstored=True))
    client.send(json.dumps([2, "s", "StartTransaction", start_of(wh=90_000, minutes=5)]).encode())
    client.send(json.dumps([2, "m", "MeterValues", {"connectorId": 1, "meterValue": []}]).encode())
    for number in range(5):
        assert other.call(str(number), "StatusNotification", {"connectorId": 1, "status": "Available"})[0] == 3
    assert [client.next_frame()[1] for _ in range(2)] == ["s", "m"]
    told = sorted(sessions_of(here), key=lambda one: one.started_at)
    assert [one.transaction_id for one in told[:-1]] == [900 + day for day in range(days, 0, -1)]
    assert {one.energy_wh for one in told[:-1]} == {900}
    assert told[-1].state is SessionState.ACTIVE
    assert scene.rows(HeldMessage) == []


def test_what_fails_for_a_charger_that_waits_is_held_as_well(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:

    def fail(*_: Any) -> dict[str, Any]:
        raise ValueError("a mistake of ours")

    for action in ("StartTransaction", "StopTransaction", "MeterValues"):
        monkeypatch.setitem(waiting._ANSWERS, action, fail)
    row = make.waiting(account=scene.account(name="Haus", parent=scene.account()))
    client = visit(gateway, SocketStation(row.id, row.account_id, row.identity, "", waiting=True))
    start = start_of()
    first, again = (say(client, "StartTransaction", start, message_id) for message_id in ("a", "b"))
    assert first == again == {"transactionId": first["transactionId"], "idTagInfo": {"status": "Invalid"}}
    tell_the_rest(client, first["transactionId"])
    assert [one.action for one in sorted(scene.rows(HeldMessage), key=lambda one: one.id)] == [
        "StartTransaction",
        "MeterValues",
        "StopTransaction",
    ]
