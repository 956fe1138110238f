"""Meter values: attached to the right session, stored as they came, and never believed blindly."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.access import SYSTEM
from charging.models import ChargingSession, DoubtfulFact, MeterValue
from charging.values import Doubt, SessionState
from stations.queries import forget_station_facts
from stations.use_cases import set_quirks
from stations.values import ConnectorStatus, NewConnector, StationId
from tests import scene
from tests.talk import Talk, ago, iso

pytestmark = pytest.mark.usefixtures("database", "program")


def talk(connectors: int = 1) -> Talk:
    return Talk(scene.station(connectors=[NewConnector()] * connectors))


def values() -> list[MeterValue]:
    return scene.rows(MeterValue)


def session() -> ChargingSession:
    found: ChargingSession
    (found,) = scene.rows(ChargingSession)
    return found


def test_a_reading_moves_register_and_power_of_session_and_connector() -> None:
    charger, at = talk(), ago(seconds=5)
    transaction = charger.start(wh=1000, at=iso(ago(minutes=5)))["transactionId"]
    samples = [
        {"value": "1.250", "unit": "kWh", "measurand": "Energy.Active.Import.Register"},
        {"value": "11040.4", "unit": "W", "measurand": "Power.Active.Import"},
        {"value": "55", "unit": "Percent", "measurand": "SoC"},
    ]
    charger.meter(*samples, transactionId=transaction, at=iso(at))
    (value,) = values()
    assert (value.session_id, value.at, value.energy_wh, value.power_w) == (session().id, at, 1250, 11040)
    assert value.samples == samples
    assert (session().last_wh, session().last_at, session().last_power_w) == (1250, at, 11040)


def test_readings_that_come_together_put_the_status_right_of_a_charger_whose_power_overrules_it() -> None:
    charger = talk()
    set_quirks(SYSTEM, StationId(charger.station.id), {"power_overrules_status": True})
    forget_station_facts(charger.station.id)
    transaction = charger.start(wh=1000, at=iso(ago(minutes=5)))["transactionId"]
    charger.status("SuspendedEV")
    power = {"value": "11000", "unit": "W", "measurand": "Power.Active.Import"}
    together = [{"timestamp": iso(ago(seconds=seconds)), "sampledValue": [power]} for seconds in (30, 20, 10)]
    charger.call("MeterValues", {"connectorId": 1, "transactionId": transaction, "meterValue": together})
    assert scene.connector(charger.station).status is ConnectorStatus.CHARGING
    assert [value.power_w for value in values()] == [11000] * 3


@pytest.mark.parametrize("said", [{}, {"transactionId": 0}, {"transactionId": -1}, {"transactionId": None}])
def test_q69_readings_without_a_transaction_belong_to_the_session_of_their_connector(said: dict[str, Any]) -> None:
    charger = talk(connectors=2)
    charger.start(connector=2)
    charger.meter({"value": "1100"}, connector=2, **said)
    charger.meter({"value": "7"}, connector=1, **said)
    assert [(value.energy_wh, value.session_id) for value in values()] == [(1100, session().id), (7, None)]


def test_q68_readings_of_a_huge_or_unknown_transaction_belong_to_the_session_of_their_connector() -> None:
    charger = talk()
    charger.start()
    charger.meter({"value": "1100"}, transactionId=10**18)
    charger.meter({"value": "1200"}, transactionId=99_999)
    assert [value.session_id for value in values()] == [session().id] * 2


def test_readings_of_a_session_that_is_over_are_kept_with_it_and_change_no_register() -> None:
    charger = talk()
    transaction = charger.start(wh=1000, at=iso(ago(minutes=5)))["transactionId"]
    charger.stop(transaction, wh=2000)
    charger.meter({"value": "2000", "context": "Transaction.End"}, transactionId=transaction)
    assert [value.session_id for value in values()] == [session().id]
    assert (session().state, session().last_wh, session().energy_wh) == (SessionState.ENDED, 2000, 1000)


def test_q95_a_house_meter_on_connector_0_is_a_series_of_its_own() -> None:
    charger = talk()
    charger.start()
    charger.meter({"value": "123456"}, connector=0)
    (value,) = values()
    assert (value.connector_id, value.session_id) == (scene.connector(charger.station, 0).id, None)
    assert session().last_wh == 1000


def test_q54_a_connector_that_nobody_entered_is_added_when_it_speaks() -> None:
    charger = talk()
    charger.status("Available", connector=3)
    charger.meter({"value": "5"}, connector=3)
    found = scene.connector(charger.station, 3)
    assert (found.code, found.status.value, values()[0].connector_id) == (None, "Available", found.id)


def test_a_register_that_goes_back_is_noted_once_and_not_followed() -> None:
    charger = talk()
    transaction = charger.start(wh=1000, at=iso(ago(minutes=5)))["transactionId"]
    for wh in ("1500", "200", "300"):
        charger.meter({"value": wh}, transactionId=transaction)
    assert session().last_wh == 1500
    kinds = [row.doubt for row in scene.rows(DoubtfulFact)]
    assert kinds.count(Doubt.REGISTER_BACKWARDS) == 1


def test_q87_a_leap_that_no_charger_can_make_is_kept_raw_and_not_followed() -> None:
    charger = talk()
    transaction = charger.start(wh=1000, at=iso(ago(minutes=5)))["transactionId"]
    charger.meter({"value": "4294967295"}, transactionId=transaction)
    assert (session().last_wh, values()[0].energy_wh) == (1000, None)
    assert values()[0].samples == [{"value": "4294967295"}]
    assert Doubt.IMPLAUSIBLE in [row.doubt for row in scene.rows(DoubtfulFact)]


def test_q91_power_is_worked_out_of_the_register_where_none_is_sent() -> None:
    charger, begun = talk(), ago(minutes=10)
    transaction = charger.start(wh=1000, at=iso(begun))["transactionId"]
    charger.meter({"value": "2000"}, transactionId=transaction, at=iso(begun + timedelta(minutes=6)))
    assert session().last_power_w == 10_000


def test_q84_late_readings_do_not_turn_the_session_back() -> None:
    charger, begun = talk(), ago(minutes=10)
    transaction = charger.start(wh=1000, at=iso(begun))["transactionId"]
    charger.meter({"value": "2000"}, transactionId=transaction, at=iso(begun + timedelta(minutes=6)))
    charger.meter({"value": "1500"}, transactionId=transaction, at=iso(begun + timedelta(minutes=3)))
    assert (session().last_wh, session().last_at) == (2000, begun + timedelta(minutes=6))
    assert len(values()) == 2
    assert Doubt.REGISTER_BACKWARDS not in [row.doubt for row in scene.rows(DoubtfulFact)]


@pytest.mark.parametrize(
    "payload",
    [
        {"connectorId": 1, "meterValue": []},
        {"connectorId": 1},
        {"connectorId": 1, "meterValue": "none"},
        {"connectorId": 1, "meterValue": [{"timestamp": "x"}, 5, None, {"sampledValue": []}]},
    ],
)
def test_messages_without_samples_are_answered_and_noted(payload: dict[str, Any]) -> None:
    charger = talk()
    assert charger.call("MeterValues", payload) == {}
    assert values() == []
    assert [row.doubt for row in scene.rows(DoubtfulFact)] == [Doubt.SCHEMA]


def test_samples_that_are_no_list_and_numbers_that_are_no_text_are_read() -> None:
    charger = talk()
    charger.start()
    value = {"timestamp": iso(ago(seconds=1)), "sampledValue": {"value": 1100}}
    charger.call("MeterValues", {"connectorId": 1, "meterValue": value})
    assert [value.energy_wh for value in values()] == [1100]


def test_q34_a_habit_of_a_vendor_is_noted_once_per_socket_and_not_with_every_message() -> None:
    charger = talk()
    charger.start()
    for wh in range(1001, 1011):
        charger.meter({"value": str(wh), "unit": "Hz", "measurand": "Frequency"})
    kinds = [row.doubt for row in scene.rows(DoubtfulFact)]
    assert (kinds.count(Doubt.SCHEMA), len(values())) == (1, 10)


@pytest.mark.parametrize("whose", ["of a running session", "of one that is over", "of no session"])
def test_readings_told_again_on_a_new_socket_are_stored_once(whose: str) -> None:
    charger, at = talk(), iso(ago(minutes=2))
    number = None if whose == "of no session" else charger.start(wh=1000, at=iso(ago(minutes=5)))["transactionId"]
    more = {} if number is None else {"transactionId": number}
    charger.meter({"value": "1000"}, at=iso(ago(minutes=3)), **more)
    charger.meter({"value": "1100"}, at=at, **more)
    if whose == "of one that is over":
        charger.stop(number, wh=1200)
    again = Talk(charger.station)
    again.meter({"value": "1100"}, at=at, **more)
    assert [value.energy_wh for value in values()] == [1000, 1100]
    others = Talk(charger.station)
    others.meter({"value": "230", "measurand": "Voltage"}, at=at, **more)
    others.meter({"value": "1150"}, at=iso(ago(minutes=1)), **more)
    assert [value.energy_wh for value in values()] == [1000, 1100, None, 1150]
