"""One message for three stations over real sockets: one sleeps and comes later, one refuses, one answers too late."""

from collections.abc import Iterator

import pytest

import ocpp_ws
from accounts.access import SYSTEM
from accounts.values import AccountId
from kit import bus
from kit.hub import Hub
from ocpp_ws import outbound, sockets
from stations import jobs
from stations.models import Station
from stations.queries import work_order_stations
from stations.use_cases import order_work
from stations.values import Action, Selection, WorkOrderId
from tests import scene
from tests.ocpp_ws.test_delivery import connect, until, yes

pytestmark = pytest.mark.usefixtures("database", "program")


@pytest.fixture
def hub(database: str, program: object) -> Iterator[Hub]:
    """A hub that serves chargers."""
    bus.connect(None)
    running = Hub()
    running.start()
    ocpp_ws.start(running)
    yield running
    running.stop()


def test_each_of_three_stations_answers_in_its_own_time(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbound, "PATIENCE_S", 0.3)
    gateway = sockets.current()
    assert gateway is not None
    people = scene.people()
    asleep, late, refusing = (
        scene.station(property=people.property, name=name, online=False) for name in ("Asleep", "Late", "Refusing")
    )
    chargers = {station.name: connect(gateway, station) for station in (late, refusing)}
    until(lambda: all(scene.row(Station, station.id).connected_at for station in (late, refusing)))
    order = order_work(people.bob, AccountId(people.property.id), Selection(), Action.CLEAR_CACHE, {}, per_minute=1_000)

    def states() -> list[tuple[str, bool]]:
        rows = work_order_stations(SYSTEM, WorkOrderId(order.id))
        return [(one.command.state.value, one.command.late) for one in rows]

    frame = chargers["Refusing"].next_frame()
    assert frame[2] == "ClearCache"
    chargers["Refusing"].send(f'[3,"{frame[1]}",{{"status":"Rejected"}}]'.encode())
    unanswered = chargers["Late"].next_frame()
    until(lambda: states() == [("pending", False), ("timed_out", False), ("refused", False)])
    yes(chargers["Late"], unanswered)
    until(lambda: states()[1] == ("accepted", True))
    woken = connect(gateway, asleep)
    until(lambda: scene.row(Station, asleep.id).connected_at)

    def has_its_turn() -> bool:
        jobs.give_next_turns()
        return not work_order_stations(SYSTEM, WorkOrderId(order.id))[0].command.waits_turn

    until(has_its_turn)
    yes(woken, woken.next_frame())
    until(lambda: states() == [("accepted", False), ("accepted", True), ("refused", False)])
