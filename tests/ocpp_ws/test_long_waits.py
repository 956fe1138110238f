"""Chargers that wait and have much to tell: months of sessions are kept, and nobody fills the disk with them."""

from datetime import timedelta
from typing import Any

import pytest

import wsgi
from accounts.access import SYSTEM
from accounts.models import Account
from accounts.values import AccountId
from charging.models import ChargingSession, DoubtfulFact, MeterValue
from charging.use_cases import add_tag
from charging.values import Doubt, SessionKind
from kit import worker
from stations.models import HeldMessage, StationCommand, WaitingStation
from stations.queries import waiting_stations
from stations.use_cases import accept_station
from stations.use_cases import waiting as rooms
from stations.values import Action, ConnectorStatus, NewConnector, WaitingId
from tests import make, scene
from tests.talk import Talk, ago, iso, visit

pytestmark = pytest.mark.usefixtures("database", "program")
SAMPLES = 6  # messages of readings in a session


@pytest.fixture
def account(database: str, program: object) -> Account:
    """Where the chargers wait."""
    return scene.account(name="Haus", parent=scene.account())


@pytest.fixture
def little(monkeypatch: pytest.MonkeyPatch) -> None:
    """Room for a few messages instead of millions."""
    monkeypatch.setattr(rooms, "FOR_READINGS", rooms.Room(assured=1_000, most=3_000, of_account=6_000))
    monkeypatch.setattr(rooms, "FOR_SESSIONS", rooms.Room(assured=2_000, most=8_000, of_account=10_000))


def months(talk: Talk, sessions: int) -> list[int]:
    """A session each day, told one after the other; the transaction ids that they were given."""
    numbers = []
    for day in range(sessions, 0, -1):
        begun, wh = ago(days=day), 1_000 + (sessions - day) * 5_000
        number = talk.start(tag="GOOD", wh=wh, at=iso(begun))["transactionId"]
        for minute in range(SAMPLES):
            talk.meter(
                {"value": str(wh + minute * 10)}, transactionId=number, at=iso(begun + timedelta(minutes=minute))
            )
        assert talk.stop(number, wh=wh + 5_000, at=iso(begun + timedelta(hours=1))) == {}
        numbers.append(number)
    return numbers


def of_waiting(account: Account) -> tuple[int, int]:
    """Messages that are held of the one that waits, and those of readings that are not."""
    (row,) = waiting_stations(SYSTEM, AccountId(account.id))
    return row.held, row.waiting.readings_dropped


def work_through() -> None:
    """What follows from what happened."""
    worker.bind(wsgi.REACTIONS, wsgi.JOBS)
    try:
        worker.drain()
    finally:
        worker.bind([], [])


def fill(talk: Talk, action: str, **said: Any) -> int:
    """Say it until it is refused; how often it was taken."""
    for taken in range(1_000):
        if talk.say(f'[2,"{taken}","{action}",{{"transactionId":{taken},"idTag":"{"x" * 100}"}}]')[0] == 4:
            return taken
    raise AssertionError("there is no end")


def test_q78_months_of_sessions_told_while_it_waited_are_history_once_it_is_accepted(account: Account) -> None:
    add_tag(SYSTEM, AccountId(account.id), "GOOD")
    waiting = make.waiting(account=account)
    numbers = months(visit(waiting), 90)
    assert of_waiting(account) == (90 * (SAMPLES + 2), 0)
    station = accept_station(SYSTEM, WaitingId(waiting.id), name="Nord", connectors=[NewConnector()])
    work_through()
    sessions = sorted(
        scene.rows(ChargingSession, ChargingSession.station_id == station.id), key=lambda one: one.started_at
    )
    assert [one.transaction_id for one in sessions] == numbers
    assert {(one.energy_wh, one.kind, one.offline) for one in sessions} == {(5_000, SessionKind.TAG, True)}
    assert {one.ended_at - one.started_at for one in sessions if one.ended_at} == {timedelta(hours=1)}
    assert len(scene.rows(MeterValue, MeterValue.station_id == station.id)) >= 90 * SAMPLES
    assert scene.rows(HeldMessage) == scene.rows(DoubtfulFact) == []
    assert scene.rows(StationCommand, StationCommand.action == Action.REMOTE_STOP) == []
    assert scene.connector(station).status is ConnectorStatus.UNKNOWN


@pytest.mark.usefixtures("little")
def test_readings_go_first_and_are_counted_while_sessions_are_still_kept(account: Account) -> None:
    waiting = make.waiting(account=account)
    months(visit(waiting), 7)
    held, dropped = of_waiting(account)
    assert 14 < held < 7 * (SAMPLES + 2)
    assert held + dropped == 7 * (SAMPLES + 2)
    assert len(scene.rows(HeldMessage, HeldMessage.action != "MeterValues")) == 14
    station = accept_station(SYSTEM, WaitingId(waiting.id), name="Nord", connectors=[NewConnector()])
    work_through()
    (doubt,) = scene.rows(DoubtfulFact, DoubtfulFact.code == "readings_dropped")
    assert (doubt.station_id, doubt.doubt, doubt.facts) == (station.id, Doubt.UNSTORED, {"number": dropped})


@pytest.mark.usefixtures("little")
def test_one_that_says_no_end_of_things_is_stopped_and_leaves_room_for_the_others(account: Account) -> None:
    loud, louder = (visit(make.waiting(account=account)) for _ in range(2))
    assert fill(loud, "StopTransaction") > fill(louder, "StopTransaction") > 0
    quiet = visit(make.waiting(account=account))
    number = quiet.start(tag="GOOD")["transactionId"]
    assert quiet.stop(number) == {}
    assert loud.meter({"value": "1"}) == {}
    held = {row.id: row.held_bytes for row in scene.rows(WaitingStation)}
    assert held[loud.station.id] <= 8_000
    assert sum(held.values()) <= 10_000 + 2_000
