"""What chargers say, or do not say, of themselves and of their connectors.

Numbers in the names of tests are those of `docs/quirks.md`.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from accounts.access import SYSTEM
from charging.models import ChargingSession, MeterValue
from charging.values import SessionState
from kit import clock, worker
from stations.models import Connector, Station, StationCommand
from stations.queries import shown_state, station_list, troubled_stations
from stations.quirks import profile_of
from stations.reactions import REACTIONS
from stations.use_cases import finish_command, request_command, set_quirks
from stations.values import Action, CommandId, CommandState, ConnectorStatus, NewConnector, ShownState, StationId
from tests import scene
from tests.talk import Talk, ago, iso

pytestmark = pytest.mark.usefixtures("database", "program")
POWER = {"measurand": "Power.Active.Import", "unit": "W"}


@pytest.fixture(autouse=True)
def _work(database: str) -> Iterator[None]:
    worker.bind([REACTIONS], [])
    yield
    worker.bind([], [])


def talk(status: ConnectorStatus = ConnectorStatus.AVAILABLE, connectors: int = 1, **quirks: Any) -> Talk:
    station = scene.station(connectors=[NewConnector()] * connectors, status=status)
    if quirks:
        set_quirks(SYSTEM, StationId(station.id), quirks)
    return Talk(station)


def connector(charger: Talk, number: int = 1) -> Connector:
    return scene.connector(charger.station, number)


def shown(charger: Talk, number: int = 1) -> ShownState:
    station: Station = scene.row(Station, charger.station.id)
    return shown_state(connector(charger, number), station, clock.now())


def test_q45_a_station_with_a_fault_at_any_connector_or_at_itself_is_a_faulted_station() -> None:
    plugs, itself, good = talk(connectors=2), talk(), talk()
    plugs.status("Faulted", connector=2, errorCode="GroundFailure")
    itself.status("Faulted", connector=0, errorCode="InternalError")
    good.status("Available", connector=0)
    faulted = {row.station.id for row in station_list(SYSTEM, state=ShownState.FAULTED).items}
    assert faulted == {plugs.station.id, itself.station.id}
    assert {row.station.id for row in troubled_stations(SYSTEM).items} == faulted


@pytest.mark.parametrize("said", ["SuspendedEV", "SuspendedEVSE", "Finishing"])
def test_q47_a_word_that_only_means_plugged_in_is_shown_as_plugged_in(said: str) -> None:
    charger, other = talk(plugged_status=said), talk()
    for one in (charger, other):
        one.status(said)
    assert (connector(charger).status, connector(charger).status_text) == (ConnectorStatus.PREPARING, said)
    assert shown(charger) is ShownState.CONNECTED
    assert (connector(other).status.value, connector(other).status_text) == (said, "")


@pytest.mark.parametrize("field", ["info", "vendorErrorCode"])
def test_q47_a_makers_text_beside_the_status_is_shown_as_plugged_in(field: str) -> None:
    charger, other = talk(plugged_word="cable locked"), talk()
    for one in (charger, other):
        one.status("Available", **{field: "EVENT 7: Cable Locked"})
    assert (connector(charger).status, connector(charger).status_text) == (ConnectorStatus.PREPARING, "Available")
    assert connector(other).status is ConnectorStatus.AVAILABLE


@pytest.mark.parametrize(
    "told",
    [
        {"messageId": "CableLocked"},
        {"messageId": "event", "data": '{"connectorId": 1, "event": "cablelocked"}'},
        {"messageId": "event", "data": {"connectorId": "1", "event": "cablelocked"}},
    ],
)
def test_q47_a_makers_own_message_is_shown_as_plugged_in(told: dict[str, Any]) -> None:
    charger, other = talk(plugged_word="CableLocked"), talk()
    answers = []
    for one in (charger, other):
        one.status("Available")
        answers.append(one.call("DataTransfer", {"vendorId": "com.example"} | told)["status"])
    assert answers == ["Accepted", "UnknownVendorId"]
    assert (connector(charger).status, connector(other).status) == (
        ConnectorStatus.PREPARING,
        ConnectorStatus.AVAILABLE,
    )
    charger.status("Charging")
    charger.call("DataTransfer", {"vendorId": "com.example"} | told)
    assert connector(charger).status is ConnectorStatus.CHARGING


@pytest.mark.parametrize("said", ["SuspendedEVSE", "SuspendedEV", "Finishing", "Available"])
def test_q48_measured_power_overrules_the_status_of_a_charger_that_is_known_for_it(said: str) -> None:
    charger, other = talk(power_overrules_status=True), talk()
    for one in (charger, other):
        one.start(at=iso(ago(minutes=5)))
        one.status(said)
        one.meter(POWER | {"value": "7200"})
    assert (connector(charger).status, connector(charger).status_text) == (ConnectorStatus.CHARGING, said)
    assert connector(other).status.value == said
    charger.status("Available")
    charger.meter(POWER | {"value": "20"})  # the charger's own
    assert connector(charger).status is ConnectorStatus.AVAILABLE


class TestAfterAnOutage:
    """Q51: no word of what happened to a connector while the charger was offline."""

    def test_q51_a_session_that_began_meanwhile_and_goes_on_takes_its_connector(self) -> None:
        charger = talk()
        with clock.moved_to(clock.now() + timedelta(hours=3)):
            scene.says(charger.station, ConnectorStatus.AVAILABLE, status_at=ago(hours=3))
            transaction = charger.start(wh=1000, at=iso(ago(hours=2)))["transactionId"]
            assert (connector(charger).status, shown(charger)) == (ConnectorStatus.CHARGING, ShownState.OCCUPIED)
            charger.stop(transaction, wh=5000)
            assert (connector(charger).status, shown(charger)) == (ConnectorStatus.FINISHING, ShownState.CONNECTED)
            charger.status("Available")
            assert (connector(charger).status, connector(charger).status_text) == (ConnectorStatus.AVAILABLE, "")

    def test_q51_what_the_charger_said_later_stands(self) -> None:
        charger = talk()
        with clock.moved_to(clock.now() + timedelta(hours=3)):
            charger.status("Available", timestamp=iso(ago(minutes=1)))
            charger.start(wh=1000, at=iso(ago(hours=2)))
            assert connector(charger).status is ConnectorStatus.AVAILABLE

    def test_q51_a_status_that_was_kept_is_no_answer_to_how_it_is_now(self) -> None:
        charger = talk()
        charger.status("Charging", timestamp=iso(ago(hours=5)))
        assert not charger.caller.told
        charger.status("Charging", timestamp=iso(ago(seconds=5)))
        assert charger.caller.told


def test_q53_available_while_a_session_runs_ends_nothing_and_the_readings_are_taken() -> None:
    charger = talk(ConnectorStatus.CHARGING)
    transaction = charger.start(wh=1000, at=iso(ago(minutes=9)))["transactionId"]
    charger.status("Available", connector=0)
    charger.status("Available")
    charger.meter({"value": "1800"}, transactionId=transaction)
    charger.stop(transaction, wh=2000)
    (session,) = scene.rows(ChargingSession)
    assert (session.state, session.energy_wh, session.estimated) == (SessionState.ENDED, 1000, False)


def test_q54_connectors_are_known_from_what_is_said_of_them_whatever_was_entered() -> None:
    charger = talk()
    charger.status("Available", connector=2)
    charger.start(connector=3)
    charger.meter({"value": "5"}, connector=4)
    numbers = [row.number for row in scene.rows(Connector, Connector.station_id == charger.station.id)]
    assert sorted(numbers) == [0, 1, 2, 3, 4]
    (session,) = scene.rows(ChargingSession)
    (value,) = scene.rows(MeterValue)
    assert (session.connector_id, value.connector_id) == (connector(charger, 3).id, connector(charger, 4).id)


def test_q60_a_charger_whose_maker_speaks_for_it_is_known_by_its_boot() -> None:
    charger = talk()
    charger.call("BootNotification", {"chargePointVendor": "Easee", "chargePointModel": "Charge"})
    assert profile_of(scene.row(Station, charger.station.id)).quirks.cloud_clock
    charger.call("BootNotification", {"chargePointVendor": "Somebody", "chargePointModel": "Charge"})
    assert not profile_of(scene.row(Station, charger.station.id)).quirks.cloud_clock


class TestAvailability:
    """Q99: what is wanted of a connector, and what the charger says of it, are two things."""

    def ask(self, charger: Talk, number: int, wanted: str, state: CommandState, status: str) -> None:
        payload = {"connectorId": number, "type": wanted}
        made = request_command(SYSTEM, StationId(charger.station.id), Action.CHANGE_AVAILABILITY, payload)
        finish_command(SYSTEM, CommandId(made.id), state, answer={"status": status})
        worker.drain()

    def test_q99_scheduled_is_wanted_at_once_and_reported_when_the_charger_says_so(self) -> None:
        charger = talk(connectors=2)
        charger.status("Charging")
        self.ask(charger, 1, "Inoperative", CommandState.ACCEPTED, "Scheduled")
        one, two = connector(charger, 1), connector(charger, 2)
        assert (one.wanted_available, one.status) == (False, ConnectorStatus.CHARGING)
        assert (two.wanted_available, two.status) == (True, ConnectorStatus.AVAILABLE)
        charger.status("Unavailable")
        assert (connector(charger).wanted_available, connector(charger).status) == (False, ConnectorStatus.UNAVAILABLE)

    def test_q99_without_a_status_afterwards_what_is_wanted_still_stands(self) -> None:
        charger = talk(connectors=2)
        self.ask(charger, 0, "Inoperative", CommandState.ACCEPTED, "Accepted")
        wanted = [row.wanted_available for row in scene.rows(Connector, Connector.station_id == charger.station.id)]
        assert (wanted, connector(charger).status) == ([False] * 3, ConnectorStatus.AVAILABLE)
        self.ask(charger, 2, "Operative", CommandState.ACCEPTED, "Accepted")
        assert (connector(charger, 1).wanted_available, connector(charger, 2).wanted_available) == (False, True)

    def test_q99_a_refusal_changes_nothing(self) -> None:
        charger = talk()
        self.ask(charger, 1, "Inoperative", CommandState.REFUSED, "Rejected")
        assert connector(charger).wanted_available
        assert [row.state for row in scene.rows(StationCommand)] == [CommandState.REFUSED]
