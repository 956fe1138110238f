"""Quirk profiles: the files, which of them applies, and what an operator sets for one station."""

from typing import Any

import jsonschema_rs
import orjson
import pytest

from accounts.access import SYSTEM
from charging.jobs import ask_silent_meters
from charging.values import ScheduleStyle
from kit.errors import Conflict, Invalid, NotFound
from stations import quirks
from stations.models import Station, StationCommand
from stations.queries import forget_station_facts
from stations.quirks import FOLDER, STANDARD, QuirkProfile, matching, profile_of
from stations.use_cases import request_command, set_quirks
from stations.values import Action, StationId
from tests import scene
from tests.people import People
from tests.talk import Talk, ago, iso

FILES = sorted(path for path in FOLDER.glob("*.json") if path.name != "schema.json")


def booted(vendor: str, model: str = "X", firmware: str = "1.0", **more: Any) -> Talk:
    charger = Talk(scene.station())
    facts = {"chargePointVendor": vendor, "chargePointModel": model, "firmwareVersion": firmware}
    charger.call("BootNotification", facts | more)
    return charger


def behaves(charger: Talk, **settings: Any) -> None:
    set_quirks(SYSTEM, StationId(charger.station.id), settings)
    forget_station_facts(charger.station.id)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_file_is_as_the_schema_wants_it(path: Any) -> None:
    schema = orjson.loads((FOLDER / "schema.json").read_bytes())
    jsonschema_rs.Draft4Validator(schema).validate(orjson.loads(path.read_bytes()))


def test_the_schema_knows_every_setting_and_no_other() -> None:
    assert set(quirks._schema()["properties"]["profiles"]["items"]["properties"]["settings"]["properties"]) == set(
        quirks.SETTINGS
    )


def test_no_two_profiles_share_a_name_and_each_changes_something() -> None:
    for profile in quirks.profiles():
        assert quirks.quirks_of(profile, {}) != STANDARD, profile.name


def test_vendors_are_compared_without_regard_to_case_and_blanks() -> None:
    found = matching("  KEBA  AG ", "P30", "")
    assert found is not None
    assert found.name == "keba"
    assert matching("Somebody", "KEBA", "1") is None


@pytest.mark.parametrize(
    ("firmware", "fits"),
    [
        ("1.9", False),
        ("V1.10.0-rc2", True),
        ("1.12.99", True),
        ("1.13", False),
        ("2.0", False),
        ("", False),
        ("x", False),
    ],
)
def test_a_range_of_firmware_begins_with_its_first_version_and_ends_before_its_last(firmware: str, fits: bool) -> None:
    profile = QuirkProfile("p", "M", "m*", {"can_unlock": False}, firmware={"from": "1.10", "below": "1.13"})
    assert profile.fits("Maker", "any", firmware) is fits


def test_the_narrowest_profile_wins() -> None:
    broad = QuirkProfile("broad", "M", "maker*", {})
    model = QuirkProfile("model", "M", "m*", {}, model="p30*")
    firmware = QuirkProfile("firmware", "M", "m*", {}, firmware={"from": "1"})
    assert sorted([firmware, broad, model], key=lambda one: one.narrowness) == [broad, model, firmware]


@pytest.mark.usefixtures("database", "program")
class TestAtAStation:
    def test_the_boot_chooses_the_profile_and_the_operators_settings_win(self) -> None:
        charger = booted("Wall Box Chargers", "Pulsar")
        applied = profile_of(scene.row(Station, charger.station.id))
        assert (applied.profile.name if applied.profile else "", applied.quirks.quiet_after_boot_s) == ("wallbox", 10)
        behaves(charger, quiet_after_boot_s=0)
        applied = profile_of(scene.row(Station, charger.station.id))
        assert (applied.quirks.quiet_after_boot_s, applied.quirks.poll_meter_s) == (0, 60)
        behaves(charger)
        assert profile_of(scene.row(Station, charger.station.id)).quirks.quiet_after_boot_s == 10

    def test_a_setting_that_is_unknown_or_impossible_is_refused_at_its_name(self) -> None:
        station = StationId(scene.station().id)
        with pytest.raises(Invalid) as refused:
            set_quirks(SYSTEM, station, {"poll_meter_s": -1, "can_fly": True, "tag_prefix": "A", "can_unlock": "no"})
        assert refused.value.fields == {"poll_meter_s": "invalid", "can_fly": "unknown", "can_unlock": "invalid"}
        assert scene.row(Station, station).quirk_overrides == {}

    def test_q107_an_unlock_is_refused_where_the_charger_can_not(self) -> None:
        charger = booted("Zaptec", "Pro")
        with pytest.raises(Conflict) as refused:
            request_command(SYSTEM, StationId(charger.station.id), Action.UNLOCK, {"connectorId": 1})
        assert refused.value.code == "can_not_unlock"

    def test_q92_a_silent_meter_is_asked_while_a_session_runs_and_once_at_a_time(self) -> None:
        charger, other = booted("Wallbox", "Pulsar"), booted("Alfen")
        for one in (charger, other):
            one.start(at=iso(ago(minutes=5)))
        ask_silent_meters()
        ask_silent_meters()
        (command,) = scene.rows(StationCommand)
        assert (command.station_id, command.payload) == (
            charger.station.id,
            {"requestedMessage": "MeterValues", "connectorId": 1},
        )

    def test_a_meter_that_speaks_is_not_asked(self) -> None:
        charger = booted("Wallbox", "Pulsar")
        charger.start(at=iso(ago(minutes=5)))
        charger.meter({"value": "7000", "measurand": "Power.Active.Import"})
        ask_silent_meters()
        assert scene.rows(StationCommand) == []


def test_a_neighbour_sets_nothing(people: People) -> None:
    station = scene.station(property=people.home)
    with pytest.raises(NotFound):
        set_quirks(people.charlie, StationId(station.id), {"can_unlock": False})
    assert scene.row(Station, station.id).quirk_overrides == {}


def test_every_style_of_a_schedule_can_be_set() -> None:
    assert quirks.possible_words("schedule_style") == [style.value for style in ScheduleStyle]
