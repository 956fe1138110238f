"""What chargers do to samples. Numbers in the names of tests are those of `docs/quirks.md`."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.access import SYSTEM
from charging.models import ChargingSession, DoubtfulFact, MeterValue
from charging.values import Doubt
from stations.use_cases import set_quirks
from stations.values import StationId
from tests import scene
from tests.talk import Talk, ago, iso

pytestmark = pytest.mark.usefixtures("database", "program")
ENERGY = "Energy.Active.Import.Register"
POWER = "Power.Active.Import"


@pytest.fixture
def charger(database: str, program: object) -> Talk:
    """A charger of 11 kW with a session that began ten minutes ago at 1 kWh."""
    talk = Talk(scene.station())
    talk.start(wh=1000, at=iso(ago(minutes=10)))
    return talk


def sampled(charger: Talk, *samples: dict[str, Any]) -> tuple[int | None, int | None]:
    """Energy in Wh and power in W that these samples of one instant come to."""
    charger.meter(*samples, at=iso(ago(seconds=1)))
    value: MeterValue = scene.rows(MeterValue)[-1]
    assert value.samples == list(samples)
    return value.energy_wh, value.power_w


def session() -> ChargingSession:
    found: ChargingSession
    (found,) = scene.rows(ChargingSession)
    return found


def test_q87_kilowatt_hours_under_the_name_of_watt_hours_are_known_by_the_profile() -> None:
    station = scene.station()
    set_quirks(SYSTEM, StationId(station.id), {"wh_means_kwh": True})
    charger, begun = Talk(station), ago(minutes=50)
    transaction = charger.start(wh="812.5", at=iso(begun))["transactionId"]
    charger.meter({"value": "815.25", "unit": "Wh"}, at=iso(begun + timedelta(minutes=30)))
    assert session().last_wh == 815_250
    charger.stop(transaction, wh="817")
    assert (session().energy_wh, session().estimated) == (4_500, False)


def test_q87_empty_values_are_skipped_and_a_charge_in_volts_is_no_energy(charger: Talk) -> None:
    odd: list[dict[str, Any]] = [
        {"value": "", "measurand": ENERGY},
        {"value": "NaN", "measurand": POWER},
        {"value": "57", "measurand": "SoC", "unit": "V"},
        {"measurand": POWER, "unit": "W"},
    ]
    assert sampled(charger, *odd) == (None, None)
    assert (session().last_wh, session().last_power_w) == (1000, None)


def test_q87_more_power_than_the_connector_can_is_kept_raw_and_not_believed(charger: Talk) -> None:
    assert sampled(charger, {"value": "7400000", "measurand": POWER, "unit": "W"}) == (None, None)
    kinds = [doubt.doubt for doubt in scene.rows(DoubtfulFact)]
    assert Doubt.IMPLAUSIBLE in kinds


def test_q89_a_sample_without_any_word_is_the_register_of_energy_in_watt_hours(charger: Talk) -> None:
    assert sampled(charger, {"value": "1750"})[0] == 1750
    assert session().last_wh == 1750


def test_q91_a_total_stands_before_phases_and_neutral_counts_for_nothing(charger: Talk) -> None:
    phases = [{"value": "2000", "measurand": POWER, "unit": "W", "phase": phase} for phase in ("L1", "L2", "L3")]
    neutral = {"value": "17", "measurand": POWER, "unit": "W", "phase": "N"}
    total = {"value": "6900", "measurand": POWER, "unit": "W"}
    assert sampled(charger, *phases, neutral) == (None, 6000)
    assert sampled(charger, neutral, total, *phases) == (None, 6900)
