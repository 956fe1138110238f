"""Processes that hold chargers' sockets: what one forgets of another, and which word about a station counts."""

from datetime import timedelta
from uuid import UUID

import pytest

from accounts.access import SYSTEM, Actor
from kit import clock
from kit.ids import new_id
from stations.models import GatewayRun, Station, StationCommand, StationConnection, WaitingStation
from stations.queries import any_silent_gateway
from stations.queries.gateways import GONE_AFTER
from stations.use_cases import (
    enter_gateway,
    forget_silent_gateways,
    gateway_lives,
    leave_gateway,
    mark_command_sent,
    note_connection,
    request_command,
    station_connected,
    station_disconnected,
    waiting_connected,
    waiting_disconnected,
)
from stations.values import Action, Arrival, CommandId, CommandState, Ending, GatewayId, StationId
from tests import make, scene

pytestmark = pytest.mark.usefixtures("database", "program")


def entered(name: str, *, alone: bool = False) -> GatewayId:
    """A gateway that has just started."""
    gateway_id = GatewayId(new_id())
    enter_gateway(SYSTEM, gateway_id, name=name, alone=alone)
    return gateway_id


def connected(station: Station | WaitingStation, gateway_id: GatewayId) -> UUID:
    """A new socket of this charger, in this gateway's hands."""
    connection_id, actor = new_id(), Actor.station(station.id)
    note_connection(actor, station.account_id, connection_id, Arrival(), gateway_id)
    (station_connected if isinstance(station, Station) else waiting_connected)(actor, connection_id)
    return connection_id


def sent(station: Station, gateway_id: GatewayId) -> CommandId:
    """A command that this gateway sent."""
    made = CommandId(request_command(SYSTEM, StationId(station.id), Action.CLEAR_CACHE, {}).id)
    assert mark_command_sent(SYSTEM, made, gateway_id)
    return made


def online(station: Station) -> bool:
    return scene.row(Station, station.id).connected_at is not None


def state(command_id: CommandId) -> CommandState:
    found: CommandState = scene.row(StationCommand, command_id).state
    return found


def ending(connection_id: UUID) -> Ending | None:
    found: Ending | None = scene.row(StationConnection, connection_id).ending
    return found


def test_a_gateway_that_starts_forgets_its_own_earlier_run_and_nothing_of_the_others() -> None:
    here, there = scene.station(online=False), scene.station(online=False)
    first, other = entered("one:8001"), entered("two:8001")
    mine, theirs = connected(here, first), connected(there, other)
    commands = sent(here, first), sent(there, other)
    entered("one:8001")
    entered("three:8001")
    assert (online(here), online(there)) == (False, True)
    assert (ending(mine), ending(theirs)) == (Ending.CRASH, None)
    assert [state(each) for each in commands] == [CommandState.PENDING, CommandState.SENT]
    assert len(scene.rows(GatewayRun)) == 3


def test_the_only_gateway_there_can_be_forgets_every_other_one() -> None:
    here, untold = scene.station(online=False), scene.station()  # online, says the database, and knows no socket
    connected(here, entered("one:8001"))
    entered("two:8001", alone=True)
    assert (online(here), online(untold)) == (False, False)
    assert [run.name for run in scene.rows(GatewayRun)] == ["two:8001"]


def test_a_killed_gateways_stations_are_offline_when_it_has_been_silent_for_a_minute() -> None:
    here, there, waits = (
        scene.station(online=False),
        scene.station(online=False),
        make.waiting(account=make.account().account),
    )
    killed, living = entered("one:8001"), entered("two:8001")
    mine, _ = connected(here, killed), connected(there, living)
    connected(waits, killed)
    commands = sent(here, killed), sent(there, living)
    with clock.moved_to(clock.now() + GONE_AFTER + timedelta(seconds=1)):
        assert gateway_lives(SYSTEM, living, "two:8001")
        assert any_silent_gateway(SYSTEM)
        forget_silent_gateways(SYSTEM)
        assert not any_silent_gateway(SYSTEM)
    assert (online(here), online(there)) == (False, True)
    assert scene.row(WaitingStation, waits.id).connected_at is None
    assert ending(mine) is Ending.CRASH
    assert [state(each) for each in commands] == [CommandState.PENDING, CommandState.SENT]


def test_one_that_was_taken_for_gone_is_entered_again_by_its_next_sign_of_life() -> None:
    asleep = entered("one:8001")
    with clock.moved_to(clock.now() + 2 * GONE_AFTER):
        forget_silent_gateways(SYSTEM)
        assert not gateway_lives(SYSTEM, asleep, "one:8001")
        assert gateway_lives(SYSTEM, asleep, "one:8001")


def test_a_gateway_that_ends_in_order_takes_only_its_own_stations_along() -> None:
    here, there = scene.station(online=False), scene.station(online=False)
    ends, stays = entered("one:8001"), entered("two:8001")
    mine, theirs = connected(here, ends), connected(there, stays)
    leave_gateway(SYSTEM, ends, Ending.RESTART)
    assert (online(here), online(there)) == (False, True)
    assert (ending(mine), ending(theirs)) == (Ending.RESTART, None)


def test_a_late_word_about_an_older_socket_changes_nothing() -> None:
    here, waits = scene.station(online=False), make.waiting(account=make.account().account)
    one, two = entered("one:8001"), entered("two:8001")
    for charger in (here, waits):
        older, newer = new_id(), connected(charger, two)
        actor = Actor.station(charger.id)
        is_station = isinstance(charger, Station)
        if is_station:
            station_connected(actor, older)  # its gateway had to wait for the database
        (station_disconnected if is_station else waiting_disconnected)(actor, older, seen_at=clock.now())
        row = scene.row(type(charger), charger.id)
        assert (row.connected_at is not None, row.connection_id) == (True, newer)
        (station_disconnected if is_station else waiting_disconnected)(actor, newer, seen_at=clock.now())
        row = scene.row(type(charger), charger.id)
        assert (row.connected_at, row.connection_id) == (None, None)
    assert one != two


def test_a_station_that_moved_stays_when_the_gateway_it_left_is_forgotten() -> None:
    here = scene.station(online=False)
    left, holds = entered("one:8001"), entered("two:8001")
    old, new = connected(here, left), connected(here, holds)
    entered("one:8001")
    assert (ending(old), ending(new), online(here)) == (Ending.CRASH, None, True)
